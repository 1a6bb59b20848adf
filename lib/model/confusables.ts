import packed from "./confusables.txt" with { type: "text" };

/** Which Unicode's table it is; whoever keeps skeletons makes them again for another. */
export const CONFUSABLES_VERSION: string = /Unicode ([\d.]+)/.exec(packed)?.[1] ?? "";

interface Table {
  /** Code points, in order. */
  readonly sources: Uint32Array;
  /** For each of them, where in `packed` stands what it looks like. */
  readonly targets: Uint32Array;
}

let table: Table | null = null;

/** From the text, when it is first asked for: numbers alone, some 45 KB, and no object a character. */
function unpack(): Table {
  const pairs: { readonly source: number; readonly target: number }[] = [];
  for (let at = 0; at < packed.length;) {
    const end = packed.indexOf("\n", at);
    if (packed[at] !== "#") {
      const sources = packed.slice(packed.indexOf(";", at) + 1, end).split(" ");
      for (const hex of sources) pairs.push({ source: Number.parseInt(hex, 16), target: at });
    }
    at = end + 1;
  }
  pairs.sort((one, other) => one.source - other.source);
  return {
    sources: Uint32Array.from(pairs, ({ source }) => source),
    targets: Uint32Array.from(pairs, ({ target }) => target),
  };
}

/** What a character looks like, by Unicode's table; itself where it looks like nothing else. */
export function prototypeOf(character: string): string {
  table ??= unpack();
  const { sources, targets } = table;
  const wanted = character.codePointAt(0) ?? 0;
  let [low, high] = [0, sources.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sources[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  const at = targets[low];
  if (at === undefined || sources[low] !== wanted) return character;
  const points = packed.slice(at, packed.indexOf(";", at)).split(" ");
  return String.fromCodePoint(...points.map((hex) => Number.parseInt(hex, 16)));
}
