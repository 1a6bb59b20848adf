import table from "./confusables.txt" with { type: "text" };

/** Which Unicode's table it is; whoever keeps skeletons makes them again for another. */
export const CONFUSABLES_VERSION: string = /Unicode ([\d.]+)/.exec(table)?.[1] ?? "";

/** Those of ASCII that are in the table; most names need no look into it. */
const OF_ASCII = '"%01I`m|';
/** Digits of the character at the start of a line. */
const WIDTH = 5;

/**
 * What a character looks like, by Unicode's table; itself where it looks like nothing else. The lines
 * are in order, so it is looked up in the text itself: there is no table in memory beside it.
 */
export function prototypeOf(character: string): string {
  const wanted = character.codePointAt(0) ?? 0;
  if (wanted < 0x80 && !OF_ASCII.includes(character)) return character;
  let [low, high] = [0, table.length];
  while (low < high) {
    const line = table.lastIndexOf("\n", ((low + high) >> 1) - 1) + 1;
    const end = table.indexOf("\n", line);
    const found = pointAt(line);
    if (found === wanted) {
      const points = table.slice(line + WIDTH + 1, end).split(" ");
      return String.fromCodePoint(...points.map((hex) => Number.parseInt(hex, 16)));
    }
    if (found < wanted) low = end + 1;
    else high = line;
  }
  return character;
}

/** The character of a line; the notes at the top come before all. No text is made of it. */
function pointAt(line: number): number {
  let point = 0;
  for (let at = line; at < line + WIDTH; at += 1) {
    const code = table.charCodeAt(at);
    if (code < 0x30) return -1;
    point = point * 16 + (code < 0x41 ? code - 0x30 : code - 0x41 + 10);
  }
  return point;
}
