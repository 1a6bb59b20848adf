import { characters } from "../text/text.ts";

/** The most characters of a short string: an id, a `ref`. */
export const SHORT = 64;
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;

/** A string of 1 to 64 characters that can be stored. */
export function isShort(value: unknown): value is string {
  return typeof value === "string" && value !== "" && fits(value) && clean(value);
}

export function fits(value: string, most: number = SHORT): boolean {
  return characters(value, most) <= most;
}

/** Whether a string can be stored: well-formed Unicode without U+0000. */
export function clean(value: string): boolean {
  return value.isWellFormed() && !value.includes("\0");
}

/** The number of an event: 1, 2, 3 … */
export function isSeq(value: unknown): value is number {
  return isWhole(value, 1, Number.MAX_SAFE_INTEGER);
}

/** Whether a value is a whole number from `least` to `most`. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return (
    typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most
  );
}

/** Whether it is one emoji, as people react with. */
export function isEmoji(value: string): boolean {
  return value.length <= SHORT && EMOJI.test(value);
}
