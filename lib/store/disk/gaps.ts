import { Database as Sqlite } from "bun:sqlite";
import * as fs from "node:fs";

/** The longest a start or stop waits; the next one continues. */
const BUDGET_MS = 4_000;
/** Pages read at a time. */
const PAGES = 256;
/** Below this number of pages, only b-tree pages begin with the type of one. */
const MOST_PAGES = 2 ** 25;
/** The types of b-tree pages (SQLite's file format, 1.6), with the size of their headers. */
const HEADERS: Readonly<Record<number, number>> = { 2: 12, 5: 12, 10: 8, 13: 8 };
const FILE_HEADER = 100;

/**
 * Overwrites the unused parts of pages of a database in which text was erased. SQLite leaves copies
 * of rows there when it moves them between pages, as for an edit that grew. `user_version` is 0, or
 * the page to continue from. The database must not be open.
 */
export function clearGaps(path: string): void {
  const from = version(path);
  if (from === 0) return;
  const next = clearFrom(path, from);
  if (next !== from) version(path, next);
}

/**
 * Returns a database's `user_version`, after setting it if `set` is given; truncates the
 * write-ahead log.
 */
function version(path: string, set?: number): number {
  const sqlite = new Sqlite(path, { create: true, readwrite: true });
  try {
    if (set !== undefined) sqlite.run(`PRAGMA user_version = ${set}`);
    const [row] = sqlite.query<{ user_version: number }, []>("PRAGMA user_version").all();
    const [busy] = sqlite.query("PRAGMA wal_checkpoint(TRUNCATE)").values();
    return busy?.[0] === 0 ? (row?.user_version ?? 0) : 0;
  } finally {
    sqlite.close();
  }
}

/** Returns the page to continue from; 0 if all are done. */
function clearFrom(path: string, first: number): number {
  const until = performance.now() + BUDGET_MS;
  const file = fs.openSync(path, "r+");
  try {
    const head = Buffer.alloc(FILE_HEADER);
    fs.readSync(file, head, 0, FILE_HEADER, 0);
    const size = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
    const usable = size - (head[20] ?? 0);
    const pages = Math.floor(fs.fstatSync(file).size / size);
    if (pages >= MOST_PAGES) return 0;
    const buffer = Buffer.alloc(PAGES * size);
    for (let page = first; page <= pages; page += PAGES) {
      if (performance.now() > until) return page;
      const read = fs.readSync(file, buffer, 0, buffer.length, (page - 1) * size);
      for (let at = 0; at + size <= read; at += size) {
        const gap = gapOf(buffer.subarray(at, at + usable), page === 1 && at === 0);
        if (!gap) continue;
        const zeros = Buffer.alloc(gap.end - gap.start);
        fs.writeSync(file, zeros, 0, zeros.length, (page - 1) * size + at + gap.start);
      }
    }
    fs.fsyncSync(file);
    return 0;
  } finally {
    fs.closeSync(file);
  }
}

/** The unused bytes between a page's cell pointers and its cells; null if there are none. */
function gapOf(page: Buffer, isFirst: boolean): { start: number; end: number } | null {
  const at = isFirst ? FILE_HEADER : 0;
  const header = HEADERS[page[at] ?? 0];
  if (header === undefined) return null;
  const cells = page.readUInt16BE(at + 3);
  const end = page.readUInt16BE(at + 5) || 65_536;
  const start = at + header + 2 * cells;
  if (start >= end || end > page.length) return null;
  for (let pointer = at + header; pointer < start; pointer += 2) {
    if (page.readUInt16BE(pointer) < end) return null;
  }
  for (let byte = start; byte < end; byte += 1) if (page[byte] !== 0) return { start, end };
  return null;
}
