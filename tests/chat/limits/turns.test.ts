import { expect, test } from "bun:test";
import { FairQueue } from "../../../lib/chat/limits/fair-queue.ts";
import { Refusal } from "../../../lib/model/base/errors.ts";

/** Work that says when it began, and ends when it is told to. */
function works() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  const end = async (name: string) => {
    ends.get(name)?.();
    await Bun.sleep(0);
  };
  return { begun, work, end };
}

test("each key has one piece of work under way, and the keys take turns", async () => {
  const turns = new FairQueue({ atOnce: 2, waiting: 8 });
  const { begun, work, end } = works();
  for (const name of ["a1", "a2", "a3"]) void turns.run("a", work(name));
  expect(begun).toEqual(["a1"]);
  for (const name of ["b1", "c1"]) void turns.run(name.slice(0, 1), work(name));
  expect(begun).toEqual(["a1", "b1"]);
  await end("a1");
  expect(begun).toEqual(["a1", "b1", "c1"]);
  await end("c1");
  expect(begun).toEqual(["a1", "b1", "c1", "a2"]);
  await end("b1");
  await end("a2");
  expect(begun).toEqual(["a1", "b1", "c1", "a2", "a3"]);
});

test("what is too much for one key is refused, and does not concern another", async () => {
  const turns = new FairQueue({ atOnce: 1, waiting: 2 });
  const { begun, work, end } = works();
  for (const name of ["a1", "a2", "a3"]) void turns.run("a", work(name));
  expect(await turns.run("a", work("a4"))).toBeInstanceOf(Refusal);
  const other = turns.run("b", work("b1"));
  await end("a1");
  await end("b1");
  expect(await other).toBe("b1");
  expect(begun).toEqual(["a1", "b1", "a2"]);
});

test("work that fails gives its place to the next", async () => {
  const turns = new FairQueue({ atOnce: 1, waiting: 2 });
  const failed = turns.run("a", () => Promise.reject(new Error("away")));
  const next = turns.run("a", async () => "next");
  await expect(failed).rejects.toThrow("away");
  expect(await next).toBe("next");
});
