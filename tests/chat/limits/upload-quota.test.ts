import { expect, test } from "bun:test";
import { UploadQuota } from "../../../lib/chat/limits/upload-quota.ts";
import { Refusal } from "../../../lib/model/base/errors.ts";

const MIB = 1024 * 1024;
const DAY = 24 * 60 * 60 * 1000;

function quota(total = Infinity) {
  const clock = { now: 0 };
  const deps = { largest: 25 * MIB, total, isLimited: true, now: () => clock.now };
  const one = new UploadQuota(deps);
  /** Bytes that are granted of uploads of 25 MiB, as fast as they are taken, in a day. */
  const fill = (people: readonly string[], network: string) => {
    const end = clock.now + DAY;
    let granted = 0;
    for (; clock.now < end; clock.now += 60_000) {
      for (const person of people) {
        const reservation = one.reserve(person, network, 25 * MIB);
        if (reservation instanceof Refusal) continue;
        reservation.release();
        granted += 25 * MIB;
      }
    }
    return granted;
  };
  return { quota: one, fill };
}

test("a person, and an address of many people, has a day's worth of uploads", () => {
  const { fill } = quota();
  const people = Array.from({ length: 100 }, (_, at) => `person ${at}`);
  // What a day brings, and what was saved up before.
  expect(fill(["ada"], "network 1")).toBeLessThanOrEqual(2 * 40 * 25 * MIB);
  expect(fill(people, "network 2")).toBeLessThanOrEqual(2 * 160 * 25 * MIB);
  expect(fill(["bob"], "network 3")).toBeGreaterThanOrEqual(40 * 25 * MIB);
});

test("all uploads together have a bound, those on their way counted", () => {
  const { quota: one } = quota(100 * MIB);
  one.stored = 60 * MIB;
  const first = one.reserve("ada", "network 1", 25 * MIB);
  expect(first).not.toBeInstanceOf(Refusal);
  expect(one.reserve("bob", "network 2", 25 * MIB)).toMatchObject({ key: "diskFull" });
  if (!(first instanceof Refusal)) first.release();
  expect(one.reserve("bob", "network 2", 25 * MIB)).not.toBeInstanceOf(Refusal);
});
