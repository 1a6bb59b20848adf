import { expect, test } from "bun:test";
import { FairScheduler } from "../../../lib/chat/limits/fair-scheduler.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));
const never = () => new Promise<never>(() => undefined);

test("work that never ends keeps no other network from its turn", async () => {
  const scheduler = new FairScheduler();
  for (const network of ["a", "b", "c", "d"]) {
    for (let count = 0; count < 50; count += 1) void scheduler.run(network, never);
  }
  for (let turns = 0; turns < 300; turns += 1) await turn();
  expect(await scheduler.run("e", async () => "served")).toBe("served");
});

test("networks take turns, however much one of them asks for", async () => {
  const scheduler = new FairScheduler();
  const order: string[] = [];
  const work = (network: string) => scheduler.run(network, async () => void order.push(network));
  await Promise.all(["much", "much", "much", "little"].map(work));
  expect(order).toEqual(["much", "little", "much", "much"]);
});
