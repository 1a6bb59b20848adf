import { PIECE_BYTES } from "../../model/wire/limits.ts";
import { phrasesOf } from "../../model/text/words.ts";
import { asNumber, type Database, type Row } from "../database/database.ts";
import { EVENT_COLUMNS } from "./rows.ts";
import { questionFor } from "./search-terms.ts";

const COLUMNS = EVENT_COLUMNS.replaceAll(/\w+/g, "events.$&");

/** The stored size of a message, found without reading it. */
const SIZE = `OCTET_LENGTH(events.text) + COALESCE(OCTET_LENGTH(events.body), 0) + 150`;

/** The position in the whole log where the messages with `seq >= ?3` of room `?1` begin. */
const BOUND = `COALESCE(
  (SELECT position FROM events WHERE room = ?1 AND seq >= ?3 ORDER BY seq LIMIT 1),
  ${Number.MAX_SAFE_INTEGER})`;

/**
 * `?2` is the question, `?4` the limit. FTS5 walks a room's terms from the newest back. Rows beyond
 * the byte limit are counted in `found`, and not read.
 */
const SQLITE = `WITH found AS (
    SELECT events.position, ${SIZE} AS size FROM search
    JOIN events ON events.position = search.rowid
    WHERE search MATCH ?2 AND events.room = ?1 AND search.rowid < ${BOUND}
    ORDER BY search.rowid DESC LIMIT ?4
  ), sized AS (
    SELECT position, size, SUM(size) OVER (ORDER BY position DESC) AS total FROM found
  )
  SELECT ${COLUMNS}, (SELECT COUNT(*) FROM found) AS found FROM sized JOIN events USING (position)
  WHERE total <= ${PIECE_BYTES} OR total = size ORDER BY position DESC`;

/**
 * The number of recent messages that PostgreSQL scans without the index, which suffices for common
 * words.
 */
const RECENT = 2_000;
const POSTGRES_RECENT = `WITH recent AS MATERIALIZED (
    SELECT position FROM events WHERE room = ?1 AND seq < ?3 AND seq >= ?5
  )
  SELECT ${COLUMNS} FROM recent JOIN search USING (position) JOIN events USING (position)
  WHERE search.words @@ CAST(?2::text AS tsquery) ORDER BY events.position DESC LIMIT ?4`;

/** The index returns all matches, without order; few, if the recent ones did not suffice. */
const POSTGRES_ALL = `WITH found AS MATERIALIZED (
    SELECT position FROM search
    WHERE room = ?1::bigint AND words @@ CAST(?2::text AS tsquery)
  ), newest AS (
    SELECT position FROM found WHERE position < ${BOUND} ORDER BY position DESC LIMIT ?4
  )
  SELECT ${COLUMNS} FROM newest JOIN events USING (position) ORDER BY events.position DESC`;

/**
 * The rows of the last `limit` messages before `before` that contain every phrase of the question,
 * newest first.
 */
export async function find(
  db: Database,
  name: string,
  question: string,
  before: number,
  limit: number,
): Promise<readonly Row[]> {
  const phrases = phrasesOf(question);
  const [room] = await db.all(`SELECT id, seq FROM rooms WHERE name = ?1`, [name]);
  if (phrases.length === 0 || !room) return [];
  const [id, head] = [asNumber(room["id"]), asNumber(room["seq"])];
  const values = [id, questionFor(db.kind, id, phrases), before, limit] as const;
  const floor = Math.min(before, head + 1) - RECENT;
  if (db.kind === "sqlite") return db.slow(SQLITE, values);
  const recent = await db.slow(POSTGRES_RECENT, [...values, floor]);
  return recent.length === limit || floor <= 1 ? recent : db.slow(POSTGRES_ALL, values);
}
