/**
 * The server's close codes. After 4000–4499 a client reconnects, with back-off; after 4500–4999 it
 * does not.
 */
export const CLOSE = {
  goingAway: 4001,
  tooSlow: 4002,
  replaced: 4003,
  kicked: 4500,
  banned: 4501,
  notAllowed: 4502,
  roomClosed: 4503,
  badProtocol: 4504,
} as const;

/**
 * Whether a client closed with `code` should reconnect. Unknown codes count as network failures:
 * yes.
 */
export function comesBack(code: number): boolean {
  return code < 4500 || code > 4999;
}
