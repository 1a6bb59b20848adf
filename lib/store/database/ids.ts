import type { Database as Sqlite } from "bun:sqlite";
import { Filter } from "./filter.ts";
import { asNumber, asText, idKey, type Ids, type Row } from "./database.ts";

/** Ids that are kept in memory before they go into the table: some 5 MB. */
const TAIL_LIMIT = 65_536;
/** Rows read for the filter at a time: a millisecond or two. */
const SLICE = 2_000;
const CURSOR = "ids_position";
const BEHIND = `SELECT room, author, id, seq FROM events WHERE id IS NOT NULL AND position >
  COALESCE((SELECT CAST(value AS INTEGER) FROM settings WHERE key = '${CURSOR}'), 0)`;

/**
 * The ids of one SQLite file; the schema must be there. A unique index would be written at as many places as there are people
 * who speak, a page for each in every transaction, and cost more than the log itself. So the table
 * `ids` is filled behind the log: the newest ids are in memory, read again from the log after a
 * crash, and go into the table in their order, many to a page. A filter knows without reading that
 * most ids are new.
 */
export class SqliteIds implements Ids {
  /** Not in the table yet: `seq` by key. */
  readonly #tail = new Map<string, number>();
  /** Those in the tail that a rollback takes out again. */
  #uncommitted: string[] = [];
  #folded = false;
  readonly #filter = new Filter();
  #complete = false;
  #closed = false;
  readonly #find;
  readonly #fold;
  readonly #moveCursor;

  constructor(
    readonly writer: Sqlite,
    readonly reader: Sqlite,
  ) {
    this.#find = writer.prepare<Row, [number, string, string]>(
      `SELECT seq FROM ids WHERE room = ? AND author = ? AND id = ?`,
    );
    this.#fold = writer.prepare<Row, []>(
      `INSERT INTO ids ${BEHIND} ORDER BY room, author, id ON CONFLICT DO NOTHING`,
    );
    this.#moveCursor = writer.prepare<Row, []>(
      `INSERT INTO settings (key, value) SELECT '${CURSOR}', MAX(position) FROM events WHERE true
        ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    const fresh = writer.query<Row, []>(BEHIND);
    for (const row of fresh.all()) {
      const key = idKey(asNumber(row["room"]), asText(row["author"]), asText(row["id"]));
      this.#filter.add(key);
      this.#tail.set(key, asNumber(row["seq"]));
    }
    this.#learn();
  }

  claim(key: string): boolean {
    return this.#filter.add(key) && this.#complete;
  }

  async find(room: number, author: string, id: string): Promise<number | null> {
    const recent = this.#tail.get(idKey(room, author, id));
    if (recent !== undefined) return recent;
    const row = this.#find.get(room, author, id);
    return row ? asNumber(row["seq"]) : null;
  }

  took(key: string, seq: number): void {
    this.#tail.set(key, seq);
    this.#uncommitted.push(key);
  }

  /** Before a transaction commits: takes the tail into the table with it. */
  fold(atLeast = TAIL_LIMIT): void {
    this.#folded = this.#tail.size >= atLeast;
    if (!this.#folded) return;
    this.#fold.run();
    this.#moveCursor.run();
  }

  committed(): void {
    if (this.#folded) this.#tail.clear();
    this.#uncommitted = [];
  }

  rolledBack(): void {
    for (const key of this.#uncommitted) this.#tail.delete(key);
    this.#uncommitted = [];
  }

  close(): void {
    this.#closed = true;
    for (const statement of [this.#find, this.#fold, this.#moveCursor]) statement.finalize();
  }

  /** Reads the table into the filter, in slices; until that is done every id has to be looked for. */
  #learn(after: [number, string, string] = [0, "", ""]): void {
    if (this.#closed) return;
    const rows = this.reader
      .query<Row, [number, string, string]>(
        `SELECT room, author, id FROM ids WHERE (room, author, id) > (?, ?, ?)
          ORDER BY room, author, id LIMIT ${SLICE}`,
      )
      .all(...after);
    let last = after;
    for (const row of rows) {
      last = [asNumber(row["room"]), asText(row["author"]), asText(row["id"])];
      this.#filter.add(idKey(...last));
    }
    if (rows.length < SLICE) this.#complete = true;
    else setImmediate(() => this.#learn(last));
  }
}
