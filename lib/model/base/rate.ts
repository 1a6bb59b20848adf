/** A token bucket: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371, annex A): a token bucket whose whole state is one
 * time, `tat`, at which the bucket will be full again. The initial state is 0.
 *
 * Returns the new `tat`, greater than `now`; or, if `cost` is not available, minus the milliseconds
 * to wait. A refusal costs nothing.
 */
export function consume(rate: Rate, tat: number, now: number, cost = 1): number {
  const interval = 1000 / rate.perSecond;
  const next = Math.max(tat, now) + cost * interval;
  const wait = next - rate.burst * interval - now;
  return wait > 0 ? -wait : next;
}

/** The part of the burst that is available, and the milliseconds until all of it is. */
export function available(
  rate: Rate,
  tat: number,
  now: number,
): { readonly count: number; readonly fullInMs: number } {
  const fullInMs = Math.max(0, tat - now);
  const used = Math.ceil((fullInMs * rate.perSecond) / 1000);
  return { count: Math.max(0, rate.burst - used), fullInMs };
}

/** Like `consume`, but takes the cost unconditionally: the bucket may go into debt. */
export function charge(rate: Rate, tat: number, now: number, cost: number): number {
  return Math.max(tat, now) + (cost * 1000) / rate.perSecond;
}
