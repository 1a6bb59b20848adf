/** Why the server closes a socket. 4000–4499: come back, with back-off. 4500–4999: do not. */
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

/** Whether a client that was closed with `code` should try again. Unknown codes are network trouble: yes. */
export function comesBack(code: number): boolean {
  return code < 4500 || code > 4999;
}
