const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const WRITTEN = /^(\d{1,4})([smhdw])$/i;
const YEAR_MS = 366 * UNITS.d;

/**
 * Parses `30s`, `10m`, `2h`, `3d` or `1w` to milliseconds, at most a year. Returns null for
 * anything else.
 */
export function parseDuration(text: string): number | null {
  const [, count, unit] = WRITTEN.exec(text) ?? [];
  const size = Object.entries(UNITS).find(([name]) => name === unit?.toLowerCase())?.[1];
  if (count === undefined || size === undefined || Number(count) === 0) return null;
  return Math.min(Number(count) * size, YEAR_MS);
}

/** The inverse of `parseDuration`, rounded up to a whole unit: 90000 is `2m`. */
export function writeDuration(ms: number): string {
  const [name, size] = Object.entries(UNITS).findLast(
    ([unit, each]) => unit !== "w" && ms >= each,
  ) ?? ["s", 1_000];
  return `${Math.ceil(ms / size)}${name}`;
}

const UNIT_NAMES = { s: "second", m: "minute", h: "hour", d: "day", w: "week" } as const;

/** A duration in words (`10 minutes`), in the largest unit of which it is a whole number. */
export function durationWords(ms: number, tag: string): string {
  const whole = Object.entries(UNITS).findLast(([, size]) => ms >= size && ms % size === 0);
  const [name, size] = whole ?? ["s", UNITS.s];
  const unit = Object.entries(UNIT_NAMES).find(([each]) => each === name)?.[1] ?? "second";
  const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.ceil(ms / size));
}
