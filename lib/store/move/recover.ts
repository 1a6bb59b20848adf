import { Database as Sqlite } from "bun:sqlite";
import * as fs from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../../model/config.ts";
import { holdLock } from "../disk/lock.ts";
import { folderBeside } from "../files/contents.ts";
import { isDamaged, packBody } from "../log/rows.ts";
import { checked, type Copy, writeNew } from "./backup.ts";
import { packFiles } from "./pack.ts";
import { readableRows } from "./readable.ts";

export interface Recovered extends Copy {
  /** Events that could not be read. */
  readonly lost: number;
}

/** Rebuilt by the next start: the search index, and the ids of messages. */
const DERIVED = /^(?:search|ids$|sqlite_)/;

/**
 * Copies what can be read of a damaged database, and its files, into a new file for `restore`. Lost
 * events become deleted messages, so that the numbers of a room have no gap. No server may have the
 * database open.
 */
export function recover(source: string, file: string): Recovered {
  if (!fs.existsSync(source)) throw new ConfigError(`there is no database ${source}`);
  if (fs.existsSync(file)) throw new ConfigError(`${file} is there already`);
  const real = fs.realpathSync(source);
  const lock = holdLock(dirname(real));
  try {
    return writeNew(file, (part) => {
      const lost = copyReadable(real, part);
      packFiles(part, folderBeside(real));
      return { ...checked(part, source), lost };
    });
  } finally {
    lock.close();
  }
}

/** Returns the number of lost events. */
function copyReadable(source: string, part: string): number {
  const from = new Sqlite(source, { readwrite: true });
  const to = new Sqlite(part, { readwrite: true });
  try {
    const schema = schemaOf(from, source);
    for (const { sql } of schema.tables) to.run(sql);
    to.run("BEGIN");
    for (const { name } of schema.tables) if (!DERIVED.test(name)) copyTable(from, to, name);
    to.run(`DELETE FROM settings WHERE key = 'ids_position'`);
    const lost = fillGaps(to);
    to.run("COMMIT");
    for (const { sql } of schema.others) to.run(sql);
    if (schema.tables.some(({ name }) => name === "search")) {
      to.run(`INSERT INTO search (search, rank) VALUES ('secure-delete', 1)`);
    }
    return lost;
  } finally {
    to.close();
    from.close();
  }
}

interface Statement {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

function schemaOf(sqlite: Sqlite, source: string) {
  try {
    const all = sqlite
      .query<Statement, []>(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL`)
      .all()
      // FTS5 creates these with its table.
      .filter(({ name }) => !/^search_(?!cursors$)|^sqlite_/.test(name));
    const tables = all.filter(({ type }) => type === "table");
    if (!tables.some(({ name }) => name === "events")) throw new Error("it is no chat");
    return { tables, others: all.filter(({ type }) => type !== "table") };
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new ConfigError(`nothing of ${source} can be read (${why}); a backup is needed`);
  }
}

function copyTable(from: Sqlite, to: Sqlite, table: string): void {
  for (const row of readableRows(from, table)) {
    if (table === "events" && isDamaged(row)) continue;
    const columns = Object.keys(row).filter((name) => name !== "row_number");
    const places = columns.map(() => "?").join(", ");
    to.query(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`).run(
      ...columns.map((name) => row[name] ?? null),
    );
  }
}

/** Adds an event for every missing number of every room; returns how many were missing. */
function fillGaps(sqlite: Sqlite): number {
  // A room whose row was lost is found through its events.
  sqlite.run(
    `INSERT INTO rooms (id, name, seq, created_at) SELECT room, 'recovered-' || room, 0, MIN(at)
      FROM events WHERE room NOT IN (SELECT id FROM rooms) GROUP BY room`,
  );
  sqlite.run(
    `UPDATE rooms SET seq = MAX(seq,
      COALESCE((SELECT MAX(seq) FROM events WHERE events.room = rooms.id), 0))`,
  );
  const { changes } = sqlite.run(
    `WITH RECURSIVE numbers (room, seq, last) AS (
        SELECT id, 1, seq FROM rooms WHERE seq > 0
        UNION ALL SELECT room, seq + 1, last FROM numbers WHERE seq < last)
      INSERT INTO events (room, seq, type, at, author, name, id, text, body)
        SELECT room, seq, 'message', 0, '', '', 'lost-' || seq, '', ?1 FROM numbers
        WHERE NOT EXISTS (SELECT 1 FROM events
          WHERE events.room = numbers.room AND events.seq = numbers.seq)`,
    [packBody({ deleted: true })],
  );
  return changes;
}
