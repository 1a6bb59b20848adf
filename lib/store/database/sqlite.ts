import { Database as Sqlite, type Statement } from "bun:sqlite";
import { dirname } from "node:path";
import type { Database, Queries, Row, Value } from "./database.ts";
import { Eraser } from "./eraser.ts";
import { GroupCommit } from "./group-commit.ts";
import { SqliteIds } from "./ids.ts";
import { SlowReader } from "./slow-reader.ts";
import { checkPages, explainDamage, isLarge } from "../disk/damage.ts";
import { clearGaps } from "../disk/gaps.ts";
import { holdLock, type Lock } from "../disk/lock.ts";
import { makePrivate } from "../disk/private.ts";

/** WAL pages between checkpoints: 16 MiB, so that a burst is not interrupted by one. */
const CHECKPOINT_PAGES = 4096;
/** The writer's page cache: a large transaction that does not fit into it is written twice. */
const CACHE_KIB = 16 * 1024;

/**
 * The embedded database, in WAL mode with `synchronous=FULL`: a commit is on disk when it returns.
 * One connection writes; a second one reads, and so never sees an open transaction. Calls are
 * synchronous, so no other task runs inside a transaction.
 *
 * Throws if the file cannot be opened, is damaged or not a database, or if another process has it
 * open. A large file is not checked here. `path` is a real path, as returned by `openPrivate`,
 * because the lock is beside the file.
 */
export function openSqlite(path: string): Database {
  const lock = holdLock(dirname(path));
  try {
    clearGaps(path);
    return open(path, lock);
  } catch (fault) {
    lock.close();
    throw explainDamage(fault, path);
  }
}

function open(path: string, lock: Lock): Database {
  const writer = new Sqlite(path, { create: true, readwrite: true });
  writer.run("PRAGMA journal_mode = WAL");
  writer.run("PRAGMA synchronous = FULL");
  writer.run("PRAGMA foreign_keys = ON");
  writer.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  // Deleted content is overwritten with zeros, in free pages too.
  writer.run("PRAGMA secure_delete = ON");
  writer.run(`PRAGMA cache_size = -${CACHE_KIB}`);
  if (!isLarge(path)) checkPages(writer, path);
  const reader = new Sqlite(path, { readonly: true });
  for (const suffix of ["-wal", "-shm"]) makePrivate(path + suffix);
  const eraser = new Eraser(writer);
  let opened: SqliteIds | null = null;
  const ids = () => (opened ??= new SqliteIds(writer, reader));
  const writes = queriesOn(path, writer, ids, () => eraser.erases());
  const now = () => performance.now();
  const commits = new GroupCommit({ writer, queries: writes, eraser, ids: () => opened, now });
  const slow = new SlowReader(path);
  return {
    kind: "sqlite",
    repeatable: null,
    all: queriesOn(path, reader, ids, () => undefined).all,
    slow: (sql, values) => slow.all(sql, values),
    transaction: (work, { urgent = false } = {}) => commits.add(work, urgent),
    async close() {
      await commits.drain();
      await slow.close();
      opened?.fold(1);
      opened?.close();
      reader.close();
      commits.close();
      eraser.close();
      writer.close();
      clearGaps(path);
      lock.close();
    },
  };
}

function queriesOn(
  path: string,
  sqlite: Sqlite,
  ids: () => SqliteIds,
  erases: () => void,
): Queries {
  const prepared = new Map<string, Statement<Row, Value[]>>();
  const prepare = (sql: string) => {
    let statement = prepared.get(sql);
    if (!statement) {
      statement = sqlite.prepare<Row, Value[]>(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return {
    kind: "sqlite",
    erases,
    forUpdate: "",
    get ids() {
      return ids();
    },
    async all(sql, values = []) {
      try {
        return prepare(sql).all(...values);
      } catch (fault) {
        throw explainDamage(fault, path);
      }
    },
    async lockRooms(names) {
      const find = prepare(`SELECT id, name, seq FROM rooms WHERE name = ?1`);
      return names.flatMap((name) => find.all(name));
    },
    async advanceRooms(rooms) {
      const advance = prepare(`UPDATE rooms SET seq = ?2 WHERE id = ?1`);
      for (const { id, seq } of rooms) advance.run(id, seq);
    },
    async insert(table, columns, rows) {
      const places = columns.map(() => "?").join(", ");
      const statement = prepare(
        `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places}) ON CONFLICT DO NOTHING`,
      );
      let inserted = 0;
      for (const row of rows) inserted += statement.run(...row).changes;
      return inserted;
    },
  };
}
