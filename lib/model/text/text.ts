import { Refusal } from "../base/errors.ts";

export const TEXT_LIMIT = 8_000;

/**
 * How many characters (Unicode code points) `text` has. Stops counting past `enough`, so that a
 * huge text costs no more than a long one.
 */
export function characters(text: string, enough = Number.POSITIVE_INFINITY): number {
  if (text.length <= 1) return text.length;
  let count = 0;
  for (let at = 0; at < text.length && count <= enough; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

/** White space, controls, and what Unicode says to show as nothing (zero-width, fillers, blank Braille). */
const NOTHING_SEEN = /^[\s\p{Cc}\u2800\p{Default_Ignorable_Code_Point}]*$/u;

/** Why `text` cannot be a message's text, or null where it can. The text itself is never changed. */
export function refuseText(text: string): Refusal | null {
  if (text.length > TEXT_LIMIT && characters(text, TEXT_LIMIT) > TEXT_LIMIT) {
    return new Refusal("messageTooLong", { count: TEXT_LIMIT });
  }
  if (NOTHING_SEEN.test(text)) return new Refusal("textEmpty");
  return refuseCharacters(text);
}

/**
 * Why `text` has characters that cannot be stored, or null where it has none: lone surrogates are no
 * Unicode, PostgreSQL cannot store U+0000, and nobody can type either.
 */
export function refuseCharacters(text: string): Refusal | null {
  if (!text.isWellFormed()) return new Refusal("textMalformed");
  return text.includes("\0") ? new Refusal("textNul") : null;
}

/** At most the first `units` UTF-16 units of `text`, and no half of a character. */
export function cutText(text: string, units: number): string {
  const cut = text.slice(0, units);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
