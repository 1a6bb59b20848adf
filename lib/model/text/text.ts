import { Refusal } from "../base/errors.ts";

export const TEXT_LIMIT = 8_000;

/**
 * The number of characters (Unicode code points) in `text`. Counting stops beyond `enough`, to
 * bound the cost of huge texts.
 */
export function characters(text: string, enough = Number.POSITIVE_INFINITY): number {
  if (text.length <= 1) return text.length;
  let count = 0;
  for (let at = 0; at < text.length && count <= enough; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

/**
 * White space, controls, and characters that Unicode defines as invisible (zero-width, fillers,
 * blank Braille).
 */
const NOTHING_SEEN = /^[\s\p{Cc}\u2800\p{Default_Ignorable_Code_Point}]*$/u;

/** Why `text` cannot be a message's text, or null if it can. The text itself is never changed. */
export function refuseText(text: string): Refusal | null {
  if (text.length > TEXT_LIMIT && characters(text, TEXT_LIMIT) > TEXT_LIMIT) {
    return new Refusal("messageTooLong", { count: TEXT_LIMIT });
  }
  if (NOTHING_SEEN.test(text)) return new Refusal("textEmpty");
  return refuseCharacters(text);
}

/**
 * Why `text` cannot be stored, or null if it can: lone surrogates are not valid Unicode, and
 * PostgreSQL cannot store U+0000.
 */
export function refuseCharacters(text: string): Refusal | null {
  if (!text.isWellFormed()) return new Refusal("textMalformed");
  return text.includes("\0") ? new Refusal("textNul") : null;
}

/** The first `units` UTF-16 units of `text`, or one fewer so as not to split a character. */
export function cutText(text: string, units: number): string {
  const cut = text.slice(0, units);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
