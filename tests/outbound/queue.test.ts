import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import type { Delivery, NewDelivery } from "../../lib/model/outbound/delivery.ts";
import { type Carrier, DeliveryQueue, type Outcome, retryMs } from "../../lib/outbound/queue.ts";
import { openDatabase, type OpenStore } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

const HOUR = 60 * 60 * 1000;

function suite(name: string, open: () => Promise<{ store: OpenStore; end(): Promise<unknown> }>) {
  describe(`deliveries that wait, on ${name}`, () => {
    let store: OpenStore;
    let end: () => Promise<unknown>;
    beforeAll(async () => {
      ({ store, end } = await open());
    });
    afterAll(async () => {
      await store.close();
      await end();
    });

    /** Under a kind of its own, so that tests do not see each other's. */
    function newKind() {
      const kind = crypto.randomUUID();
      const one = (target: string, payload: string, more: Partial<NewDelivery> = {}) => ({
        ...{ kind, target: `${kind} ${target}`, topic: "", payload, at: 0, dueAt: 0, ...more },
      });
      const { deliveries } = store.records;
      const claim = async (id: string, now: number) => {
        const all = await deliveries.claim(id, now, now + 1_000, 100);
        return all.filter((each) => each.kind === kind);
      };
      return { kind, one, deliveries, claim };
    }
    const payloads = (all: readonly Delivery[]) => all.map(({ payload }) => payload).toSorted();

    test("are claimed one of each target at a time, in order", async () => {
      const { one, deliveries, claim } = newKind();
      await deliveries.add([one("a", "a1"), one("b", "b1"), one("a", "a2")]);
      const first = await claim("x", 10);
      expect(payloads(first)).toEqual(["a1", "b1"]);
      expect(await claim("y", 20)).toEqual([]);
      for (const each of first) await deliveries.finish(each);
      const second = await claim("y", 30);
      expect(payloads(second)).toEqual(["a2"]);
      for (const each of second) await deliveries.finish(each);
    });

    test("are claimed again when a node that had one says no more", async () => {
      const { one, deliveries, claim } = newKind();
      await deliveries.add([one("a", "a1")]);
      const [lost] = await claim("dead", 10);
      expect(await claim("other", 1_009)).toEqual([]);
      const [again] = await claim("other", 1_011);
      expect(again).toMatchObject({ payload: "a1", claim: "other" });
      // What the dead node says later counts for nothing.
      if (lost) await deliveries.finish(lost);
      if (again) await deliveries.postpone(again, 5_000);
      const [last] = await claim("other", 5_000);
      expect(last).toMatchObject({ payload: "a1", attempts: 1 });
      if (last) await deliveries.finish(last);
    });

    test("are claimed by one of many that ask at once", async () => {
      const { one, deliveries, claim } = newKind();
      await deliveries.add(Array.from({ length: 20 }, (_, at) => one(`${at}`, `${at}`)));
      const claims = await Promise.all(["a", "b", "c", "d"].map((id) => claim(id, 10)));
      expect(claims.flat()).toHaveLength(20);
      for (const each of claims.flat()) await deliveries.finish(each);
    });

    test("give way to a newer one of their topic, unless they are being made", async () => {
      const { one, deliveries, claim } = newKind();
      await deliveries.add([one("a", "1", { topic: "tea" }), one("a", "2", { topic: "tea" })]);
      const [claimed] = await claim("x", 10);
      expect(claimed?.payload).toBe("2");
      await deliveries.add([one("a", "3", { topic: "tea" })]);
      if (claimed) await deliveries.finish(claimed);
      const [next] = await claim("x", 20);
      expect(next?.payload).toBe("3");
      if (next) await deliveries.finish(next);
    });

    test("are made in order for each target, and again after a failure", async () => {
      const { kind, one, deliveries } = newKind();
      const made: string[] = [];
      const all = Promise.withResolvers<void>();
      const carrier: Carrier = {
        async carry({ payload, attempts }): Promise<Outcome> {
          made.push(payload);
          if (payload === "a1" && attempts === 0) throw new Error("not yet");
          if (made.length === 5) all.resolve();
          return { kind: "done" };
        },
      };
      let time = 0;
      const queue = queueOf(kind, carrier, () => time);
      await deliveries.add([one("a", "a1"), one("a", "a2"), one("b", "b1"), one("b", "b2")]);
      queue.nudge();
      const later = setInterval(() => {
        time += 10_000;
        queue.nudge();
      }, 50);
      await all.promise;
      clearInterval(later);
      await queue.close();
      expect(made.filter((each) => each.startsWith("a"))).toEqual(["a1", "a1", "a2"]);
      expect(made.filter((each) => each.startsWith("b"))).toEqual(["b1", "b2"]);
    });

    test("are given up after a day", async () => {
      const { kind, one, deliveries } = newKind();
      const given = Promise.withResolvers<string>();
      const carrier: Carrier = {
        carry: async () => ({ kind: "failed", reason: "away" }),
        gaveUp: async (_, reason) => given.resolve(reason),
      };
      const queue = queueOf(kind, carrier, () => 24 * HOUR);
      await deliveries.add([one("a", "a1")]);
      queue.nudge();
      expect(await given.promise).toBe("away");
      await queue.close();
      expect(await deliveries.nextAt()).toBeNull();
    });

    function queueOf(kind: string, carrier: Carrier, now: () => number) {
      const nothing = () => undefined;
      const observer = { log: nothing, count: nothing, time: nothing };
      const { deliveries } = store.records;
      const newId = () => crypto.randomUUID();
      const queue = new DeliveryQueue({ deliveries, observer, now, random: () => 0, newId });
      queue.start({ [kind]: carrier });
      return queue;
    }
  });
}

suite("SQLite", async () => {
  const folder = await temporaryFolder();
  const store = await openDatabase(null, folder);
  return { store, end: () => rm(folder, { recursive: true, force: true }) };
});

if (await hasPostgres()) {
  suite("PostgreSQL", async () => {
    const database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    return { store, end: async () => database[Symbol.asyncDispose]() };
  });
}

describe("the pauses between tries", () => {
  test("double from 5 s up to an hour, shortened by up to a half", () => {
    expect([1, 2, 3, 20].map((attempts) => retryMs(attempts, 0))).toEqual([
      5_000,
      10_000,
      20_000,
      HOUR,
    ]);
    expect(retryMs(1, 0.999)).toBeGreaterThanOrEqual(2_500);
  });
});
