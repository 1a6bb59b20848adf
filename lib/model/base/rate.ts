/** `burst` at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): a token bucket whose whole state is one
 * time, `tat`, at which the bucket would be full again. Start with 0.
 *
 * Returns the new `tat` (greater than `now`), or minus the milliseconds to wait (at most 0 … never
 * positive) where `cost` messages are too many now. A refusal costs nothing.
 */
export function consume(rate: Rate, tat: number, now: number, cost = 1): number {
  const interval = 1000 / rate.perSecond;
  const next = Math.max(tat, now) + cost * interval;
  const wait = next - rate.burst * interval - now;
  return wait > 0 ? -wait : next;
}

/** As `consume`, but takes the cost in any case: the bucket may owe some afterwards. */
export function charge(rate: Rate, tat: number, now: number, cost: number): number {
  return Math.max(tat, now) + (cost * 1000) / rate.perSecond;
}
