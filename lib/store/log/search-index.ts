import type { Observer } from "../../model/base/observer.ts";
import { wordsOf } from "../../model/text/words.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";
import { bodyOf } from "./rows.ts";
import { termsFor } from "./search-terms.ts";

/** Rooms indexed in one transaction. */
const ROOMS = 16;
/** Events in a transaction that tries each message by itself. */
const CAREFUL_EVENTS = 64;

const DIALECT = {
  // FTS5's own tokenizer finds nothing left to split.
  sqlite: {
    forget: `DELETE FROM search WHERE rowid = ?1`,
    learn: `INSERT INTO search (rowid, words) VALUES (?1, ?3)`,
  },
  postgres: {
    forget: `DELETE FROM search WHERE position = ?1`,
    // An older version may have left a row whose terms did not contain the room.
    learn: `INSERT INTO search (position, room, words)
      VALUES (?1, ?2::bigint, CAST(?3::text AS tsvector))
      ON CONFLICT (position) DO UPDATE SET words = excluded.words`,
  },
} as const;

/** A message that could not be indexed. */
interface Skipped {
  readonly room: string;
  readonly seq: number;
  readonly fault: string;
}

/** The result of one transaction. */
interface Batch {
  /** Rooms that are indexed as far as the transaction could see. */
  readonly done: readonly string[];
  readonly skipped: readonly Skipped[];
}

/**
 * The search index. It is derived: built behind the log, room by room, so that posting never waits
 * for it, and redone after a crash. Each room has a cursor in `search_cursors`.
 */
export class SearchIndex {
  /** Rooms that have grown, with the number of the mark. */
  readonly #behind = new Map<string, number>();
  #marks = 0;
  #start: Promise<void> | null = null;

  constructor(
    readonly db: Database,
    readonly observer: Observer | null,
  ) {}

  /** Marks a room that has grown. */
  mark(room: string): void {
    this.#behind.set(room, (this.#marks += 1));
  }

  /**
   * Indexes at most `limit` events of any rooms in one transaction; resolves to whether more
   * remain.
   */
  async advance(limit: number): Promise<boolean> {
    await this.#known();
    const rooms = new Map([...this.#behind].slice(0, ROOMS));
    if (rooms.size === 0) return false;
    const done = await this.#index([...rooms.keys()], limit);
    // A room marked meanwhile may have events that the transaction did not see.
    for (const room of done) {
      if (this.#behind.get(room) === rooms.get(room)) this.#behind.delete(room);
    }
    return this.#behind.size > 0;
  }

  /** Like `advance` for one room, including what other nodes stored. */
  async advanceRoom(room: string, limit: number): Promise<boolean> {
    const [behind] = await this.db.all(`${BEHIND} AND rooms.name = ?1`, [room]);
    return behind !== undefined && (await this.#index([room], limit)).length === 0;
  }

  /** Finds, once, what was not indexed before the last stop; retries if that fails. */
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

  /** Resolves to the rooms that are done. A message that cannot be indexed is skipped. */
  async #index(rooms: readonly string[], limit: number): Promise<readonly string[]> {
    // In a fixed order, because nodes lock the cursors of several rooms.
    const names = rooms.toSorted();
    try {
      return (await this.#transaction(names, limit, false)).done;
    } catch {
      // Either a message or the database is at fault; if it is the database, this rejects too.
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
  /** Events read. */
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

/**
 * Runs `work` and, if it fails, undoes it alone and resolves to the reason; rejects if the database
 * is unavailable.
 */
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
 * Removes a message from the index in the transaction that erases or replaces its text, so that a
 * stop cannot leave it there. On PostgreSQL, where commits must not wait for the index, the index
 * follows within seconds.
 */
export async function forgetTerms(tx: Queries, position: number): Promise<void> {
  if (tx.kind === "sqlite") await tx.all(DIALECT.sqlite.forget, [position]);
}

/** Indexes the message as it now stands; a later edit or deletion in the log finds that done. */
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

/** The words of a message's text and its files' names; none if it was deleted. */
function wordsIn(row: Row): readonly string[] {
  const { deleted, files = [] } = bodyOf(row);
  if (deleted) return [];
  return wordsOf([asText(row["text"]), ...files.map(({ name }) => name)].join("\n"));
}
