import type { Observer } from "../../model/base/observer.ts";
import { wordsOf } from "../../model/text/words.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";
import { bodyOf } from "./rows.ts";
import { termsFor } from "./search-terms.ts";

/** Rooms that are looked at in one transaction. */
const ROOMS = 16;
/** Events of a transaction in which each message is tried by itself. */
const CAREFUL_EVENTS = 64;

const DIALECT = {
  // FTS5's own tokenizer finds nothing left to divide.
  sqlite: {
    forget: `DELETE FROM search WHERE rowid = ?1`,
    learn: `INSERT INTO search (rowid, words) VALUES (?1, ?3)`,
  },
  postgres: {
    forget: `DELETE FROM search WHERE position = ?1`,
    // There may be a row of the version before, whose terms had no room in them.
    learn: `INSERT INTO search (position, room, words)
      VALUES (?1, ?2::bigint, CAST(?3::text AS tsvector))
      ON CONFLICT (position) DO UPDATE SET words = excluded.words`,
  },
} as const;

/** A message that the index could not take in. */
interface Skipped {
  readonly room: string;
  readonly seq: number;
  readonly fault: string;
}

/** What one transaction did. */
interface Batch {
  /** Rooms that are indexed as far as the transaction could see. */
  readonly done: readonly string[];
  readonly skipped: readonly Skipped[];
}

/**
 * The search index is derived: it is built behind the log, room by room, so that posting never waits
 * for it, and what a crash undoes is done again. Each room has a cursor, `search_cursors`.
 */
export class SearchIndex {
  /** Rooms that have grown, each with the number of the mark that says so. */
  readonly #behind = new Map<string, number>();
  #marks = 0;
  #start: Promise<void> | null = null;

  constructor(
    readonly db: Database,
    readonly observer: Observer | null,
  ) {}

  /** The room has grown. */
  mark(room: string): void {
    this.#behind.set(room, (this.#marks += 1));
  }

  /**
   * Takes in at most `limit` events of any rooms in one transaction; resolves to whether there are
   * more.
   */
  async advance(limit: number): Promise<boolean> {
    await this.#known();
    const rooms = new Map([...this.#behind].slice(0, ROOMS));
    if (rooms.size === 0) return false;
    const done = await this.#index([...rooms.keys()], limit);
    // A room that was marked meanwhile may have events that the transaction did not see.
    for (const room of done) {
      if (this.#behind.get(room) === rooms.get(room)) this.#behind.delete(room);
    }
    return this.#behind.size > 0;
  }

  /** As `advance` for one room, whoever wrote in it: this node, or one that is gone. */
  async advanceRoom(room: string, limit: number): Promise<boolean> {
    const [behind] = await this.db.all(`${BEHIND} AND rooms.name = ?1`, [room]);
    return behind !== undefined && (await this.#index([room], limit)).length === 0;
  }

  /** Reads once what was not indexed before the last stop; again where that fails. */
  #known(): Promise<void> {
    this.#start ??= this.#read().catch((fault: unknown) => {
      this.#start = null;
      throw fault;
    });
    return this.#start;
  }

  async #read(): Promise<void> {
    for (const row of await this.db.all(BEHIND)) this.mark(asText(row["name"]));
  }

  /** Resolves to the rooms that are done. A message that cannot be indexed is passed over. */
  async #index(rooms: readonly string[], limit: number): Promise<readonly string[]> {
    // Always in the same order: nodes lock the cursors of several rooms, and must not deadlock.
    const names = rooms.toSorted();
    try {
      return (await this.#transaction(names, limit, false)).done;
    } catch {
      // One of the messages, or the database: if it is the database, this rejects too.
      const batch = await this.#transaction(names, Math.min(limit, CAREFUL_EVENTS), true);
      for (const { room, seq, fault } of batch.skipped) {
        this.observer?.log("error", "message not indexed for search", { room, seq, fault });
        this.observer?.count("search_messages_skipped");
      }
      return batch.done;
    }
  }

  #transaction(rooms: readonly string[], limit: number, isCareful: boolean): Promise<Batch> {
    return this.db.transaction(async (tx) => {
      const [done, skipped]: [string[], Skipped[]] = [[], []];
      let left = limit;
      for (const name of rooms) {
        if (left === 0) break;
        const [row] = await tx.all(`SELECT id FROM rooms WHERE name = ?1`, [name]);
        const room = row
          ? await indexRoom(this.db.kind, tx, asNumber(row["id"]), left, isCareful)
          : NONE;
        if (room.taken < left) done.push(name);
        for (const each of room.skipped) skipped.push({ room: name, ...each });
        left -= room.taken;
      }
      return { done, skipped };
    });
  }
}

const BEHIND = `SELECT rooms.name AS name
  FROM rooms LEFT JOIN search_cursors ON search_cursors.room = rooms.id
  WHERE rooms.seq > COALESCE(search_cursors.seq, 0)`;

interface Indexed {
  /** Events that were looked at. */
  readonly taken: number;
  readonly skipped: readonly Omit<Skipped, "room">[];
}

const NONE: Indexed = { taken: 0, skipped: [] };

/** Indexes at most `limit` events of one room. */
async function indexRoom(
  kind: Database["kind"],
  tx: Queries,
  room: number,
  limit: number,
  isCareful: boolean,
): Promise<Indexed> {
  await tx.insert("search_cursors", ["room", "seq"], [[room, 0]]);
  const [cursor] = await tx.all(`SELECT seq FROM search_cursors WHERE room = ?1${tx.forUpdate}`, [
    room,
  ]);
  const from = cursor ? asNumber(cursor["seq"]) : 0;
  const rows = await tx.all(
    `SELECT seq, COALESCE(target, seq) AS subject, type FROM events
      WHERE room = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3`,
    [room, from, limit],
  );
  const last = rows.at(-1);
  if (!last) return NONE;
  const changed = new Set<number>();
  for (const row of rows) if (row["type"] !== "reacted") changed.add(asNumber(row["subject"]));
  const skipped: Omit<Skipped, "room">[] = [];
  for (const seq of changed) {
    const work = () => indexMessage(kind, tx, room, seq, seq > from);
    const fault = isCareful ? await attempt(tx, work) : await work();
    if (typeof fault === "string") skipped.push({ seq, fault });
  }
  await tx.all(`UPDATE search_cursors SET seq = ?2 WHERE room = ?1`, [room, asNumber(last["seq"])]);
  return { taken: rows.length, skipped };
}

/** Undoes `work` alone where it fails, and resolves to why; rejects where the database is away. */
async function attempt(tx: Queries, work: () => Promise<void>): Promise<string | null> {
  await tx.all(`SAVEPOINT message`);
  let fault: string | null = null;
  try {
    await work();
  } catch (caught) {
    fault = String(caught);
    await tx.all(`ROLLBACK TO SAVEPOINT message`);
  }
  await tx.all(`RELEASE SAVEPOINT message`);
  return fault;
}

/**
 * Takes a message out of the index in the transaction that erases or replaces its text, so that it is
 * not left there by a stop. On PostgreSQL, where a commit must not wait for the index, the index
 * follows within seconds.
 */
export async function forgetTerms(tx: Queries, position: number): Promise<void> {
  if (tx.kind === "sqlite") await tx.all(DIALECT.sqlite.forget, [position]);
}

/** As it now stands: an edit or a deletion further on in the log finds it done. */
async function indexMessage(
  kind: Database["kind"],
  tx: Queries,
  room: number,
  seq: number,
  isNew: boolean,
): Promise<void> {
  const [row] = await tx.all(
    `SELECT position, text, body FROM events WHERE room = ?1 AND seq = ?2 AND type = 'message'`,
    [room, seq],
  );
  if (!row) return;
  const position = asNumber(row["position"]);
  const { forget, learn } = DIALECT[kind];
  if (!isNew) await tx.all(forget, [position]);
  const words = wordsIn(row);
  if (words.length > 0) await tx.all(learn, [position, room, termsFor(kind, room, words)]);
}

/** Of a message's text and the names of its files; none of one that was deleted. */
function wordsIn(row: Row): readonly string[] {
  const { deleted, files = [] } = bodyOf(row);
  if (deleted) return [];
  return wordsOf([asText(row["text"]), ...files.map(({ name }) => name)].join("\n"));
}
