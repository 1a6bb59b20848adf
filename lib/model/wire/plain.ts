import { type Author, NAME_LIMIT } from "../people/person.ts";
import { shortId } from "./appearance.ts";

/** The colon, and characters that Unicode's confusables map to it. */
const COLON =
  /[:\u02d0\u02f8\u0589\u05c3\u0703\u0704\u0903\u0a83\u16ec\u1803\u1809\u205a\u2236\u29f4\u2a74\ua4fd\ua789\ufe13\ufe30\ufe55\uff1a\u{11dd9}]/u;
const LINE_BREAK = /(\r\n|[\n\v\f\r\x85\u2028\u2029])/;
/** Characters that look like a space but are not white space. */
const BLANK = /[\u115f\u1160\u2800\u3164\uffa0]/gu;
const UNSEEN = /[\p{Default_Ignorable_Code_Point}[\p{Cc}--\s]]/gv;
/** Up to the length of a name, a colon, and white space or the end. */
const SPOKEN = new RegExp(`^.{1,${NAME_LIMIT}}?${COLON.source}(?:\\s|$)`, "su");

/** A colon at which a name would seem to end: the name `ada: hi` would pass for `ada`. */
const COLON_IN_NAME = new RegExp(`${COLON.source}(?=\\s|$)`, "gu");

/** Whether a line of text looks like someone's message: `name: text`. */
function looksSpoken(line: string): boolean {
  if (!COLON.test(line)) return false;
  return SPOKEN.test(line.replace(BLANK, " ").replace(UNSEEN, "").trimStart());
}

/**
 * A message in the plain-text protocol: `name: text`, or the text alone if its author has no name.
 * No part of it passes for another person's message: a nameless text that looks like `name: text`
 * is preceded by `#` and the end of its author's id, and a later line that does, by a bar.
 */
export function plainText({ id, name }: Author, text: string): string {
  const [first = "", ...rest] = text.split(LINE_BREAK);
  // Every second part is a line break.
  const marked = rest.map((part, index) =>
    index % 2 === 1 && looksSpoken(part) ? `| ${part}` : part,
  );
  const said = [first, ...marked].join("");
  if (name !== "") return `${name.replace(COLON_IN_NAME, "·")}: ${said}`;
  return looksSpoken(first) ? `#${shortId(id)}: ${said}` : said;
}
