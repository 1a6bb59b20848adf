const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/**
 * Milliseconds to wait before retry number `attempt`, counted from 0: exponential back-off with
 * full jitter, so that a thousand clients cut off together do not reconnect together. `random` is
 * in [0, 1).
 */
export function retryDelay(attempt: number, random: number): number {
  return Math.round(random * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16)));
}
