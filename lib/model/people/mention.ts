import { NAME_LIMIT } from "./person.ts";

/** The most `@`s of a text that are looked at. */
const MOST_CALLS = 20;

/** A place in a text where someone may be mentioned. */
export interface Call {
  /** Where the `@` is, in UTF-16 units. */
  readonly at: number;
  /** What may be the name after it, as it is written, longest first. */
  readonly names: readonly string[];
}

/**
 * Where people may be mentioned in `text`: at each `@` that is not inside a word or an address, by
 * every name of at most `NAME_LIMIT` characters that is not followed by another letter of the word.
 * After a Han character anything may follow, since no space is written there. At most 20 places.
 */
export function callsIn(text: string): Call[] {
  const calls: Call[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (/[a-z\d_]/i.test(text[at - 1] ?? "")) continue;
    if (calls.length === MOST_CALLS) break;
    const letters = [...text.slice(at + 1, at + 1 + 2 * NAME_LIMIT + 2)];
    const names: string[] = [];
    for (let length = Math.min(letters.length, NAME_LIMIT); length > 0; length -= 1) {
      const name = letters.slice(0, length).join("");
      const next = letters[length] ?? "";
      const ends = !/^[\p{L}\p{N}_]/u.test(next) || /^\p{Script=Han}/u.test(next);
      if ((ends || /\p{Script=Han}$/u.test(name)) && name.trim() === name) names.push(name);
    }
    if (names.length > 0) calls.push({ at, names });
  }
  return calls;
}

/** The names of `callsIn`, in lower case. */
export function calledNames(text: string): string[][] {
  return callsIn(text).map(({ names }) => names.map((name) => name.toLowerCase()));
}

/** Part of a text, and whom it mentions; null: nobody. */
export interface Part<Person> {
  readonly text: string;
  readonly person: Person | null;
}

/** A text in parts, at each `@` the longest name that someone bears a part of its own. */
export function mentionParts<Person>(
  text: string,
  bearer: (name: string) => Person | undefined,
): Part<Person>[] {
  const parts: Part<Person>[] = [];
  let done = 0;
  for (const { at, names } of callsIn(text)) {
    const name = names.find((each) => bearer(each.toLowerCase()) !== undefined);
    const person = name === undefined ? undefined : bearer(name.toLowerCase());
    if (name === undefined || person === undefined || at < done) continue;
    if (at > done) parts.push({ text: text.slice(done, at), person: null });
    done = at + 1 + name.length;
    parts.push({ text: text.slice(at, done), person });
  }
  return done < text.length ? [...parts, { text: text.slice(done), person: null }] : parts;
}
