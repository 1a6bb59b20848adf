/** Rows of modules; true is dark. */
export type QrCode = readonly (readonly boolean[])[];

function at(list: ArrayLike<number>, index: number): number {
  return list[index] ?? 0;
}

/** A code that is being drawn; of function patterns it is known that they are no data. */
class Grid {
  readonly dark: boolean[][];
  readonly fixed: boolean[][];

  constructor(readonly size: number) {
    const empty = () =>
      Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    this.dark = empty();
    this.fixed = empty();
  }

  /** Sets a module of a function pattern; outside it does nothing. */
  set(x: number, y: number, isDark: boolean): void {
    const [row, fixed] = [this.dark[y], this.fixed[y]];
    if (!row || !fixed || x < 0 || x >= this.size) return;
    row[x] = isDark;
    fixed[x] = true;
  }

  /** Squares around a centre: light where `ring` says so of the distance from it. */
  square(x: number, y: number, reach: number, isLight: (distance: number) => boolean): void {
    for (let dy = -reach; dy <= reach; dy += 1) {
      for (let dx = -reach; dx <= reach; dx += 1) {
        this.set(x + dx, y + dy, !isLight(Math.max(Math.abs(dx), Math.abs(dy))));
      }
    }
  }
}

export function draw(version: number, data: readonly number[]): QrCode {
  const size = 4 * version + 17;
  const grid = new Grid(size);
  for (let index = 0; index < size; index += 1) {
    grid.set(6, index, index % 2 === 0);
    grid.set(index, 6, index % 2 === 0);
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    grid.square(x, y, 4, (distance) => distance === 2 || distance === 4);
  }
  drawAlignment(grid, version);
  drawVersion(grid, version);
  drawFormat(grid, 0);
  drawData(grid, data);
  let best: { readonly mask: number; readonly penalty: number } | null = null;
  for (let mask = 0; mask < 8; mask += 1) {
    applyMask(grid, mask);
    drawFormat(grid, mask);
    const each = penalty(grid.dark);
    if (!best || each < best.penalty) best = { mask, penalty: each };
    applyMask(grid, mask);
  }
  applyMask(grid, best?.mask ?? 0);
  drawFormat(grid, best?.mask ?? 0);
  return grid.dark;
}

function drawAlignment(grid: Grid, version: number): void {
  if (version === 1) return;
  const lines = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((4 * version + 4) / (2 * lines - 2)) * 2;
  const places = [6];
  for (let index = lines - 2; index >= 0; index -= 1) places.push(grid.size - 7 - index * step);
  const last = grid.size - 7;
  for (const x of places) {
    for (const y of places) {
      const isCorner = (x === 6 && (y === 6 || y === last)) || (x === last && y === 6);
      if (!isCorner) grid.square(x, y, 2, (distance) => distance === 1);
    }
  }
}

/** The remainder of a BCH code: `value`, and after it so many bits. */
function bch(value: number, bits: number, generator: number): number {
  let rest = value;
  for (let index = 0; index < bits; index += 1)
    rest = (rest << 1) ^ ((rest >>> (bits - 1)) * generator);
  return (value << bits) | rest;
}

function drawVersion(grid: Grid, version: number): void {
  if (version < 7) return;
  const bits = bch(version, 12, 0x1f25);
  for (let index = 0; index < 18; index += 1) {
    const [a, b] = [grid.size - 11 + (index % 3), Math.floor(index / 3)];
    const isDark = ((bits >>> index) & 1) === 1;
    grid.set(a, b, isDark);
    grid.set(b, a, isDark);
  }
}

/** Level M is 00 in the format. */
function drawFormat(grid: Grid, mask: number): void {
  const bits = bch(mask, 10, 0x537) ^ 0x5412;
  const bit = (index: number) => ((bits >>> index) & 1) === 1;
  const { size } = grid;
  for (let index = 0; index < 15; index += 1) {
    const along = index < 6 ? index : index < 8 ? index + 1 : size - 15 + index;
    grid.set(8, along, bit(index));
    const across = index < 8 ? size - 1 - index : index < 9 ? 7 : 14 - index;
    grid.set(across, 8, bit(index));
  }
  grid.set(8, size - 8, true);
}

/** From the lower right corner up and down in columns of two, around the patterns. */
function drawData({ size, dark, fixed }: Grid, data: readonly number[]): void {
  let index = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const isUp = ((right + 1) & 2) === 0;
      const y = isUp ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        const row = dark[y];
        if (!row || fixed[y]?.[x]) continue;
        row[x] = ((at(data, index >>> 3) >>> (7 - (index & 7))) & 1) === 1;
        index += 1;
      }
    }
  }
}

/** Which data modules a mask turns over (ISO/IEC 18004, table 10). */
const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Turns over what the mask says; twice is as before. */
function applyMask({ dark, fixed }: Grid, mask: number): void {
  const turns = MASKS[mask];
  for (const [y, row] of dark.entries()) {
    for (const [x, isDark] of row.entries()) {
      if (!fixed[y]?.[x] && turns?.(x, y)) row[x] = !isDark;
    }
  }
}

/** Light, and the proportions of a finder pattern: 1 1 3 1 1, with four light ones on a side. */
const LIKE_FINDER = /(?=00001011101|10111010000)/g;

/** How hard a code is to read (ISO/IEC 18004, 7.8.3). */
function penalty(dark: QrCode): number {
  const rows = dark.map((row) => row.map(Number).join(""));
  const columns = dark.map((_, x) => dark.map((row) => Number(row[x])).join(""));
  let sum = 0;
  for (const line of [...rows, ...columns]) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    sum += 40 * [...line.matchAll(LIKE_FINDER)].length;
  }
  for (const [y, row] of rows.entries()) {
    const next = rows[y + 1] ?? "";
    for (let x = 0; x + 1 < row.length; x += 1) {
      const four = row.slice(x, x + 2) + next.slice(x, x + 2);
      if (four === "0000" || four === "1111") sum += 3;
    }
  }
  const all = rows.join("");
  const share = [...all].filter((each) => each === "1").length / all.length;
  return sum + 10 * Math.floor(Math.abs(share * 20 - 10));
}
