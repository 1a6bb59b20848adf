import { afterAll, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database, Queries } from "../../lib/store/database/database.ts";
import { openSqlite } from "../../lib/store/database/sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "chatroom-commits-"));
const db: Database = openSqlite(join(folder, "test.db"));
await db.transaction((tx) => tx.all(`CREATE TABLE facts (name TEXT PRIMARY KEY)`));
afterAll(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => db.transaction((tx) => tx.all(`DELETE FROM facts`)));

const put = (name: string) => (tx: Queries) => tx.insert("facts", ["name"], [[name]]);
const names = async () =>
  (await db.all(`SELECT name FROM facts ORDER BY name`)).map(({ name }) => name);

test("transactions that wait together are one commit", async () => {
  // The reader sees a commit as a whole: after any of them, all are there.
  const seen = await Promise.all(
    ["a", "b", "c", "d"].map(async (name) => {
      await db.transaction(put(name));
      return (await names()).length;
    }),
  );
  expect(seen.slice(1)).toEqual([4, 4, 4]);
});

test("one that fails takes back what it did, and nothing of the others", async () => {
  const failing = async (tx: Queries) => {
    await put("b")(tx);
    throw new Error("changed its mind");
  };
  const results = await Promise.allSettled([
    db.transaction(put("first")),
    db.transaction(put("a")),
    db.transaction(failing),
    db.transaction(put("c")),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(await names()).toEqual(["a", "c", "first"]);
});

test("urgent work comes before what waits", async () => {
  const order: string[] = [];
  const doing = (name: string) => async (tx: Queries) => {
    order.push(name);
    await put(name)(tx);
  };
  const all = ["a", "b", "c"].map((name) => db.transaction(doing(name)));
  await all[0];
  const more = ["d", "e"].map((name) => db.transaction(doing(name)));
  await Promise.all([...all, ...more, db.transaction(doing("urgent"), { urgent: true })]);
  expect(order.indexOf("urgent")).toBeLessThan(order.indexOf("d"));
});
