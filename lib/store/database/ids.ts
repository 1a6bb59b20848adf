import type { Database as Sqlite } from "bun:sqlite";
import { Filter } from "./filter.ts";
import { asNumber, asText, idKey, type Ids, type Row } from "./database.ts";

/** The most ids in memory before they are written to the table: about 5 MB. */
const TAIL_LIMIT = 65_536;
/** Rows read into the filter at a time: a millisecond or two. */
const SLICE = 2_000;
const CURSOR = "ids_position";
const BEHIND = `SELECT room, author, id, seq FROM events WHERE id IS NOT NULL AND position >
  COALESCE((SELECT CAST(value AS INTEGER) FROM settings WHERE key = '${CURSOR}'), 0)`;

/**
 * The ids of one SQLite file, whose schema must exist. A unique index would be written in as many
 * places as there are authors, a page for each in every transaction, and cost more than the log
 * itself. So the table `ids` is filled behind the log: recent ids are in memory, are read from the
 * log after a crash, and are written to the table in order, many to a page. A filter recognizes
 * most new ids without reading.
 */
export class SqliteIds implements Ids {
  /** Not in the table yet: `seq` by key. */
  readonly #tail = new Map<string, number>();
  /** Ids in the tail that a rollback removes. */
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

  /**
   * Call before a transaction commits: writes the tail to the table with it, once it has `atLeast`
   * ids.
   */
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

  /** Ids that the open transaction has taken so far. */
  get uncommitted(): number {
    return this.#uncommitted.length;
  }

  /** Forgets what the open transaction has taken, but for the first `kept`. */
  rolledBack(kept = 0): void {
    for (const key of this.#uncommitted.splice(kept)) this.#tail.delete(key);
  }

  close(): void {
    this.#closed = true;
    for (const statement of [this.#find, this.#fold, this.#moveCursor]) statement.finalize();
  }

  /** Reads the table into the filter, in slices. Until that is done, every id is looked up. */
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
