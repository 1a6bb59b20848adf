/** A seeded generator (mulberry32): the same tests on every run, and a failure can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: () => number, from: readonly T[]): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
}

/** A whole number, 0 up to and without `below`. */
export function upTo(random: () => number, below: number): number {
  return Math.floor(random() * below);
}

/** Text from the corners of Unicode: scripts, marks, controls, lone halves of pairs, format marks. */
export function wildText(random: () => number, longest: number): string {
  const corners: readonly (() => number)[] = [
    () => 0x20 + upTo(random, 0x5f),
    () => 0x4e00 + upTo(random, 0x5000),
    () => 0x300 + upTo(random, 0x70),
    () => upTo(random, 0x20),
    () => 0xd800 + upTo(random, 0x800),
    () => 0x2000 + upTo(random, 0x70),
    () => 0x1f300 + upTo(random, 0x300),
    () => 0xff00 + upTo(random, 0xf0),
    () => upTo(random, 0x11_0000),
  ];
  let text = "";
  const length = upTo(random, longest + 1);
  for (let at = 0; at < length; at += 1) text += String.fromCodePoint(pick(random, corners)());
  return text;
}
