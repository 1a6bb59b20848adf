import { Database as Sqlite } from "bun:sqlite";
import { statSync } from "node:fs";

/**
 * Databases of up to this size are checked before the start, which takes a few tenths of a second.
 */
const CHECKED_AT_START = 64 * 1024 * 1024;

/** The file of an embedded database is damaged. The message is for the operator. */
export class DamagedDatabase extends Error {
  constructor(path: string, why: string) {
    super(
      `the database ${path} is damaged (${why.replace(/\s+/g, " ")}); ` +
        "chatroom recover FILE saves what is whole in it, chatroom restore FILE takes that or a backup",
    );
  }
}

/** Turns an error that means damage into a `DamagedDatabase`; returns others unchanged. */
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

/** Checks the structure of all pages, and stops at the first fault. */
export const CHECK = "PRAGMA quick_check(1)";

/** Throws a `DamagedDatabase` if the structure of a page is invalid. */
export function checkPages(sqlite: Sqlite, path: string): void {
  const [row] = sqlite.query<{ quick_check: string }, []>(CHECK).all();
  if (row && row.quick_check !== "ok") throw new DamagedDatabase(path, row.quick_check);
}
