import { normalize } from "../text/normalize.ts";

const NAME = /^[\p{L}\p{N}_-]{1,64}$/u;

/** Longer than any name of 64 characters before NFKC; longer input is refused unread. */
const RAW_LIMIT = 1024;

/**
 * Normalizes a room name (NFKC, lower case: `Ｒoom` is `room`); null if it is not a room name.
 * Idempotent.
 */
export function roomName(raw: string): string | null {
  if (raw.length > RAW_LIMIT) return null;
  const name = normalize(normalize(raw, "NFKC").toLowerCase(), "NFKC");
  return NAME.test(name) ? name : null;
}
