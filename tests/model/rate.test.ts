import { describe, expect, test } from "bun:test";
import { DEFAULT_LIMITS, NO_LIMITS } from "../../lib/model/wire/limits.ts";
import type { Rate } from "../../lib/model/base/rate.ts";
import { consume } from "../../lib/model/base/rate.ts";
import { seeded, upTo } from "../support/random.ts";

const NOW = 1_800_000_000_000;

/** One person who asks at the given times; which of them go through. */
function asks(rate: Rate, times: readonly number[]): boolean[] {
  let tat = 0;
  return times.map((now) => {
    const next = consume(rate, tat, now);
    if (next > 0) tat = next;
    return next > 0;
  });
}

describe("the rate of one person", () => {
  const rate: Rate = { burst: 20, perSecond: 5 };

  test("is 20 at once, then 5 a second, unless there are no limits", () => {
    expect(DEFAULT_LIMITS.messages).toEqual(rate);
    expect(NO_LIMITS.messages).toBeNull();
  });

  test("lets the burst through and no more", () => {
    const passed = asks(rate, Array<number>(30).fill(NOW));
    expect(passed.filter(Boolean)).toHaveLength(20);
    expect(passed.indexOf(false)).toBe(20);
  });

  test("lets one more through after one interval, not before", () => {
    const burst = Array<number>(20).fill(NOW);
    expect(asks(rate, [...burst, NOW + 199]).at(-1)).toBe(false);
    expect(asks(rate, [...burst, NOW + 200]).at(-1)).toBe(true);
    expect(asks(rate, [...burst, NOW + 200, NOW + 200]).at(-1)).toBe(false);
  });

  test("is full again after burst/perSecond seconds, and saves up no more than the burst", () => {
    const burst = Array<number>(20).fill(NOW);
    const later = Array<number>(21).fill(NOW + 3_600_000);
    expect(
      asks(rate, [...burst, ...later])
        .slice(20)
        .filter(Boolean),
    ).toHaveLength(20);
  });

  test("says how long to wait, and that is enough", () => {
    let tat = 0;
    for (let sent = 0; sent < 20; sent += 1) tat = consume(rate, tat, NOW);
    const refused = consume(rate, tat, NOW + 50);
    expect(refused).toBe(-150);
    expect(consume(rate, tat, NOW + 50 - refused)).toBeGreaterThan(0);
  });

  test("counts what costs more as more", () => {
    const tat = consume(rate, 0, NOW, 20);
    expect(consume(rate, tat, NOW)).toBeLessThanOrEqual(0);
    expect(consume(rate, 0, NOW, 21)).toBeLessThanOrEqual(0);
  });

  test("a clock that goes back refuses for a while, but gives nothing away", () => {
    const passed = asks(rate, [...Array<number>(20).fill(NOW), NOW - 60_000, NOW + 200]);
    expect(passed.slice(20)).toEqual([false, true]);
  });

  test("over any stretch of time no more than burst + perSecond × seconds go through", () => {
    const random = seeded(4);
    for (let round = 0; round < 200; round += 1) {
      const some: Rate = { burst: 1 + upTo(random, 30), perSecond: 1 + upTo(random, 20) };
      let now = NOW;
      const times = Array.from({ length: 300 }, () => (now += upTo(random, 120)));
      const passed = asks(some, times);
      const first = upTo(random, 100);
      const last = first + upTo(random, 200);
      const through = passed.slice(first, last + 1).filter(Boolean).length;
      const seconds = ((times[last] ?? 0) - (times[first] ?? 0)) / 1000;
      expect(through).toBeLessThanOrEqual(some.burst + some.perSecond * seconds + 1e-6);
    }
  });
});
