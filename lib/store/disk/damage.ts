import { Database as Sqlite } from "bun:sqlite";
import { statSync } from "node:fs";

/** Databases of up to so many bytes are checked before the start: a few tenths of a second. */
const CHECKED_AT_START = 64 * 1024 * 1024;

/** The file of an embedded database is not as SQLite wrote it. Its message is for the operator. */
export class DamagedDatabase extends Error {
  constructor(path: string, why: string) {
    super(
      `the database ${path} is damaged (${why.replace(/\s+/g, " ")}); ` +
        "chatroom recover FILE saves what is whole in it, chatroom restore FILE takes that or a backup",
    );
  }
}

/** The same fault, or what it says of the database. */
export function explainDamage(fault: unknown, path: string): unknown {
  const isDamage =
    fault instanceof Error &&
    "code" in fault &&
    /^SQLITE_(?:CORRUPT|NOTADB)/.test(String(fault.code));
  return isDamage ? new DamagedDatabase(path, fault.message) : fault;
}

/** Whether a database is too large to be checked before the start. */
export function isLarge(path: string): boolean {
  return statSync(path).size > CHECKED_AT_START;
}

/** How SQLite checks how all pages are built; it stops at the first fault. */
export const CHECK = "PRAGMA quick_check(1)";

/** Throws a `DamagedDatabase` where a page of it is not built as it should be. */
export function checkPages(sqlite: Sqlite, path: string): void {
  const [row] = sqlite.query<{ quick_check: string }, []>(CHECK).all();
  if (row && row.quick_check !== "ok") throw new DamagedDatabase(path, row.quick_check);
}
