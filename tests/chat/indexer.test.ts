import { expect, test } from "bun:test";
import { Indexer } from "../../lib/chat/indexer.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };

test("the search index waits while a busy node commits, however long it takes from one to the next", async () => {
  const taken: number[] = [];
  let now = 0;
  const store = {
    async index(limit: number) {
      taken.push(limit);
      return taken.length < 4;
    },
  };
  const indexer = new Indexer(store, observer, () => now);
  const written = async (times: number) => {
    while (taken.length < times) await Bun.sleep(5);
  };
  indexer.nudge();
  await written(1);
  now = 400;
  await written(2);
  // Nobody has said anything for longer than that.
  now = 600;
  await written(4);
  await indexer.close();
  const [first, second, , last] = taken;
  expect(second).toBe(first);
  expect(last).toBeGreaterThan(first ?? 0);
});
