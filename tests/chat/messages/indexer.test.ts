import { expect, test } from "bun:test";
import { Indexer } from "../../../lib/chat/messages/indexer.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };

test("the search index waits while a busy node commits, however long it takes from one to the next", async () => {
  let now = 0;
  let times = 0;
  const store = {
    async index() {
      times += 1;
      return true;
    },
  };
  const indexer = new Indexer(store, observer, () => now);
  indexer.nudge();
  while (times === 0) await Bun.sleep(5);
  now = 400;
  await Bun.sleep(200);
  expect(times).toBe(1);
  // Nobody has said anything for longer than that.
  now = 600;
  while (times < 4) await Bun.sleep(5);
  await indexer.close();
});
