import { normalize } from "../text/normalize.ts";

const NAME = /^[\p{L}\p{N}_-]{1,64}$/u;

/** No name of 64 characters is longer than this before NFKC; a longer address is not looked at. */
const RAW_LIMIT = 1024;

/**
 * The one name of a room for all its spellings (NFKC, lower case: `Ｒoom` is `room`), or null where
 * it is no room's name. Applying it again changes nothing.
 */
export function roomName(raw: string): string | null {
  if (raw.length > RAW_LIMIT) return null;
  const name = normalize(normalize(raw, "NFKC").toLowerCase(), "NFKC");
  return NAME.test(name) ? name : null;
}
