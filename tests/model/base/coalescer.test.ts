import { expect, test } from "bun:test";
import { Coalescer } from "../../../lib/model/base/coalescer.ts";

/** Work that ends when it is told to. */
function worker() {
  const runs: (() => void)[] = [];
  const work = () => new Promise<void>((resolve) => runs.push(resolve));
  return { runs, work };
}

test("calls that come while the work runs share one further run", async () => {
  const coalescer = new Coalescer();
  const { runs, work } = worker();
  const first = coalescer.run("a", work);
  const [second, third] = [coalescer.run("a", work), coalescer.run("a", work)];
  expect(runs).toHaveLength(1);
  runs[0]?.();
  await first;
  await Bun.sleep(0);
  expect(runs).toHaveLength(2);
  runs[1]?.();
  await Promise.all([second, third]);
  expect(runs).toHaveLength(2);
});

test("keys do not wait for each other, and a failure is not passed on", async () => {
  const coalescer = new Coalescer();
  const { runs, work } = worker();
  const failing = coalescer.run("a", () => Promise.reject(new Error("no database")));
  const after = coalescer.run("a", work);
  const other = coalescer.run("b", work);
  expect(runs).toHaveLength(1);
  await expect(failing).rejects.toThrow("no database");
  await Bun.sleep(0);
  expect(runs).toHaveLength(2);
  for (const end of runs) end();
  await Promise.all([after, other]);
});
