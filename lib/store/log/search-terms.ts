import { isPrefix } from "../../model/text/words.ts";
import type { Database } from "../database/database.ts";

/**
 * A term of the index: the room, then the word. Since the terms of one room are adjacent, a search
 * costs what that room's messages cost, however many rooms there are. A room's number is digits
 * only, so no two rooms share a term.
 */
function termOf(room: number, word: string): string {
  return `r${room}x${word}`;
}

/** The terms of one message. They consist of letters, digits and marks. */
export function termsFor(kind: Database["kind"], room: number, words: readonly string[]): string {
  const terms = words.map((word) => termOf(room, word));
  if (kind === "sqlite") return terms.join(" ");
  return terms.map((term, index) => `'${term}':${index + 1}`).join(" ");
}

/** The query for the index: every phrase, with the last word of each as a prefix. */
export function questionFor(
  kind: Database["kind"],
  room: number,
  phrases: readonly (readonly string[])[],
): string {
  const isSqlite = kind === "sqlite";
  const phrase = (words: readonly string[]) => {
    const terms = words.map((word) => termOf(room, word));
    const last = words.at(-1);
    const isOpen = last !== undefined && isPrefix(last);
    if (isSqlite) return `"${terms.join(" ")}"${isOpen ? "*" : ""}`;
    return `(${terms.map((term) => `'${term}'`).join(" <-> ")}${isOpen ? ":*" : ""})`;
  };
  return phrases.map(phrase).join(isSqlite ? " AND " : " & ");
}
