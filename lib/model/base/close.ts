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
 * The reasons of closures that clients handle by themselves: fixed English for logs, as
 * `docs/protocol.md` lists them. A reason for people, as of a ban, is in their language instead.
 */
export const CLOSE_REASON = {
  goingAway: "going away",
  tooSlow: "too slow",
  nameOwned: "this name has an owner now",
  roleChanged: "your role has changed",
  tooManyFrames: "too many frames",
  invalidFrames: "too many frames that make no sense",
  internal: "internal",
} as const;

/**
 * Whether a client closed with `code` should reconnect. Unknown codes count as network failures:
 * yes.
 */
export function comesBack(code: number): boolean {
  return code < 4500 || code > 4999;
}
