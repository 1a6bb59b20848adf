import table from "./confusables.txt" with { type: "text" };

/** The version of Unicode the table is from. Stored skeletons are rebuilt when it changes. */
export const CONFUSABLES_VERSION: string = /Unicode ([\d.]+)/.exec(table)?.[1] ?? "";

/** The ASCII characters in the table. Most names contain none of them. */
const OF_ASCII = '"%01I`m|';
/** Digits of the code point at the start of a line. */
const WIDTH = 5;

/**
 * The character that Unicode's table maps `character` to, or itself. The lines are sorted, and
 * searched in the text of the file, so no table is built in memory.
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

/** The code point of a line; 0 for comments. Creates no string. */
function pointAt(line: number): number {
  let point = 0;
  for (let at = line; at < line + WIDTH; at += 1) {
    const code = table.charCodeAt(at);
    if (code < 0x30) return -1;
    point = point * 16 + (code < 0x41 ? code - 0x30 : code - 0x41 + 10);
  }
  return point;
}
