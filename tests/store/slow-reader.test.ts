import { Database as Sqlite } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlowReader } from "../../lib/store/database/slow-reader.ts";

const folder = mkdtempSync(join(tmpdir(), "chatroom-reader-"));
const path = join(folder, "test.db");
const writer = new Sqlite(path);
writer.run("PRAGMA journal_mode = WAL");
writer.run("CREATE TABLE things (name TEXT)");
afterAll(() => {
  writer.close();
  rmSync(folder, { recursive: true });
});

/** Some tenths of a second of SQLite's time. */
const LONG = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
  SELECT COUNT(*) AS count FROM n`;

test("a long read keeps this thread free", async () => {
  const reader = new SlowReader(path);
  let isOver = false;
  const read = reader.all(LONG).then((rows) => {
    isOver = true;
    return rows;
  });
  let turns = 0;
  while (!isOver) {
    await Bun.sleep(0);
    turns += 1;
  }
  expect(await read).toEqual([{ count: 2_000_000 }]);
  expect(turns).toBeGreaterThan(10);
  await reader.close();
});

test("reads what was committed before it was asked", async () => {
  const reader = new SlowReader(path);
  for (const name of ["可能", "two"]) {
    writer.run("INSERT INTO things VALUES (?1)", [name]);
    expect(await reader.all("SELECT name FROM things WHERE name = ?1", [name])).toEqual([{ name }]);
  }
  await reader.close();
});

test("a question that fails fails alone", async () => {
  const reader = new SlowReader(path);
  const wrong = reader.all("SELECT name FROM nowhere");
  const right = reader.all("SELECT 1 AS one");
  await expect(wrong).rejects.toThrow("nowhere");
  expect(await right).toEqual([{ one: 1 }]);
  await reader.close();
});

test("what is under way when it closes is rejected, and nothing more is read", async () => {
  const reader = new SlowReader(path);
  const read = reader.all(LONG);
  const closed = reader.close();
  await expect(read).rejects.toThrow("closed");
  await closed;
  await expect(reader.all("SELECT 1")).rejects.toThrow("closed");
});
