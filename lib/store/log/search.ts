import type { Message } from "../../model/wire/event.ts";
import { isPrefix, phrasesOf, wordsOf } from "../../model/text/words.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";
import { bodyOf, EVENT_COLUMNS, toMessage } from "./rows.ts";

/** Rooms that are looked at in one transaction. */
const ROOMS = 16;

/** What the two kinds of database do differently. */
const DIALECT = {
  // FTS5 without a copy of the text. Its own tokenizer finds nothing left to divide.
  sqlite: {
    forget: `DELETE FROM search WHERE rowid = ?1`,
    learn: `INSERT INTO search (rowid, room, words) VALUES (?1, 'r' || ?2, ?3)`,
    find: `FROM search JOIN events ON events.position = search.rowid
      WHERE search MATCH 'room:r' || ?1 || ' AND words:(' || ?2 || ')'`,
    newest: `search.rowid DESC`,
  },
  postgres: {
    forget: `DELETE FROM search WHERE position = ?1`,
    learn: `INSERT INTO search (position, room, words)
      VALUES (?1, ?2::bigint, CAST(?3::text AS tsvector))`,
    find: `FROM search JOIN events USING (position, room)
      WHERE search.room = ?1::bigint AND search.words @@ CAST(?2::text AS tsquery)`,
    newest: `events.seq DESC`,
  },
} as const;

/**
 * The search index is derived: it is built behind the log, room by room, so that posting never waits
 * for it, and what a crash undoes is done again. Each room has a cursor, `search_heads`.
 */
export class SearchIndex {
  /** Rooms that have grown. */
  readonly #behind = new Set<string>();
  #isKnown = false;

  constructor(readonly db: Database) {}

  /** The room has grown. */
  mark(room: string): void {
    this.#behind.add(room);
  }

  /** Takes in at most `limit` events in one transaction; resolves to whether there are more. */
  async advance(limit: number): Promise<boolean> {
    if (!this.#isKnown) await this.#look();
    const rooms = [...this.#behind].slice(0, ROOMS);
    if (rooms.length === 0) return false;
    await this.db.transaction(async (tx) => {
      let left = limit;
      for (const name of rooms) {
        if (left === 0) break;
        const [row] = await tx.all(`SELECT id FROM rooms WHERE name = ?1`, [name]);
        const taken = row ? await indexRoom(this.db.kind, tx, asNumber(row["id"]), left) : 0;
        if (taken < left) this.#behind.delete(name);
        left -= taken;
      }
    });
    return this.#behind.size > 0;
  }

  /** What was not indexed before the last stop, or by a node that is gone. */
  async #look(): Promise<void> {
    this.#isKnown = true;
    const rows = await this.db.all(
      `SELECT rooms.name AS name FROM rooms LEFT JOIN search_heads ON search_heads.room = rooms.id
        WHERE rooms.seq > COALESCE(search_heads.seq, 0)`,
    );
    for (const row of rows) this.#behind.add(asText(row["name"]));
  }
}

/** Indexes at most `limit` events of one room; resolves to how many there were. */
async function indexRoom(
  kind: Database["kind"],
  tx: Queries,
  room: number,
  limit: number,
): Promise<number> {
  await tx.insert("search_heads", ["room", "seq"], [[room, 0]]);
  const [head] = await tx.all(`SELECT seq FROM search_heads WHERE room = ?1${tx.forUpdate}`, [
    room,
  ]);
  const from = head ? asNumber(head["seq"]) : 0;
  const rows = await tx.all(
    `SELECT seq, COALESCE(target, seq) AS subject, type FROM events
      WHERE room = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3`,
    [room, from, limit],
  );
  const last = rows.at(-1);
  if (!last) return 0;
  const changed = new Set<number>();
  for (const row of rows) if (row["type"] !== "reacted") changed.add(asNumber(row["subject"]));
  const isNew = (seq: number) => seq > from;
  for (const seq of changed) await indexMessage(kind, tx, room, seq, isNew(seq));
  await tx.all(`UPDATE search_heads SET seq = ?2 WHERE room = ?1`, [room, asNumber(last["seq"])]);
  return rows.length;
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
  const { deleted, files = [] } = bodyOf(row);
  const words = wordsOf([asText(row["text"]), ...files.map(({ name }) => name)].join("\n"));
  if (deleted || words.length === 0) return;
  await tx.all(learn, [position, room, wordsFor(kind, words)]);
}

/** The last `limit` messages before `before` that hold every phrase of the question, newest first. */
export async function find(
  db: Database,
  room: string,
  question: string,
  before: number,
  limit: number,
): Promise<readonly Message[]> {
  const phrases = phrasesOf(question);
  const [row] = await db.all(`SELECT id FROM rooms WHERE name = ?1`, [room]);
  if (phrases.length === 0 || !row) return [];
  const { find: from, newest } = DIALECT[db.kind];
  const columns = EVENT_COLUMNS.replaceAll(/\w+/g, "events.$&");
  const rows: readonly Row[] = await db.all(
    `SELECT ${columns} ${from} AND events.seq < ?3 ORDER BY ${newest} LIMIT ?4`,
    [asNumber(row["id"]), questionFor(db.kind, phrases), before, limit],
  );
  return rows.map(toMessage);
}

/** Words are letters, digits and marks alone, so nothing in them can end a quotation. */
function wordsFor(kind: Database["kind"], words: readonly string[]): string {
  if (kind === "sqlite") return words.join(" ");
  return words.map((word, index) => `'${word}':${index + 1}`).join(" ");
}

function questionFor(kind: Database["kind"], phrases: readonly (readonly string[])[]): string {
  const isSqlite = kind === "sqlite";
  const phrase = (words: readonly string[]) => {
    const last = words.at(-1);
    const isOpen = last !== undefined && isPrefix(last);
    if (isSqlite) return `"${words.join(" ")}"${isOpen ? "*" : ""}`;
    return `(${words.map((word) => `'${word}'`).join(" <-> ")}${isOpen ? ":*" : ""})`;
  };
  return phrases.map(phrase).join(isSqlite ? " AND " : " & ");
}
