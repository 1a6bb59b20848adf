import { NAME_LIMIT } from "./person.ts";

/**
 * Whether `text` mentions this name: `@name`, in any case, not followed by another letter of the
 * word. After a Han character anything may follow, since no space is written there.
 */
export function mentions(text: string, name: string): boolean {
  if (name === "") return false;
  const called = `@${name.toLowerCase()}`;
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(called); at >= 0; at = lower.indexOf(called, at + 1)) {
    const end = lower.slice(at + called.length, at + called.length + 2);
    if (!/^[\p{L}\p{N}_]/u.test(end) || /^\p{Script=Han}/u.test(end)) return true;
    if (/\p{Script=Han}$/u.test(called)) return true;
  }
  return false;
}

/** The most `@`s of a text that are looked at. */
const MOST_CALLS = 20;

/**
 * The candidates for mentioned names in `text`, in lower case: for each `@`, everything that
 * `mentions` would accept there, longest first. At most 20 `@`s, and `NAME_LIMIT` characters of
 * each.
 */
export function calledNames(text: string): string[][] {
  const calls: string[][] = [];
  const lower = text.toLowerCase();
  for (let at = lower.indexOf("@"); at >= 0; at = lower.indexOf("@", at + 1)) {
    if (calls.length === MOST_CALLS) break;
    const letters = [...lower.slice(at + 1, at + 1 + 2 * NAME_LIMIT)];
    const names: string[] = [];
    for (let length = Math.min(letters.length, NAME_LIMIT); length > 0; length -= 1) {
      const name = letters.slice(0, length).join("");
      const next = letters[length] ?? "";
      const ends = !/^[\p{L}\p{N}_]/u.test(next) || /^\p{Script=Han}/u.test(next);
      if ((ends || /\p{Script=Han}$/u.test(name)) && name.trim() === name) names.push(name);
    }
    if (names.length > 0) calls.push(names);
  }
  return calls;
}
