import { phrasesOf } from "../../model/text/words.ts";
import { asNumber, type Database, type Row } from "../database/database.ts";
import { EVENT_COLUMNS } from "./rows.ts";
import { questionFor } from "./search-terms.ts";

/** `?1` is the room, `?2` the question, `?3` a bound of `seq`. */
const FOUND = {
  // The bound as a position of the whole log, which the index itself can begin at.
  sqlite: `FROM search JOIN events ON events.position = search.rowid
    WHERE search MATCH ?2 AND events.room = ?1 AND search.rowid < COALESCE(
      (SELECT position FROM events WHERE room = ?1 AND seq >= ?3 ORDER BY seq LIMIT 1),
      ${Number.MAX_SAFE_INTEGER})
    ORDER BY search.rowid DESC`,
  postgres: `FROM search JOIN events USING (position, room)
    WHERE search.room = ?1::bigint AND search.words @@ CAST(?2::text AS tsquery)
      AND events.seq < ?3 ORDER BY events.seq DESC`,
} as const;

const COLUMNS = EVENT_COLUMNS.replaceAll(/\w+/g, "events.$&");

/** The rows of the last `limit` messages before `before` that hold every phrase of the question, newest first. */
export async function find(
  db: Database,
  room: string,
  question: string,
  before: number,
  limit: number,
): Promise<readonly Row[]> {
  const phrases = phrasesOf(question);
  const [row] = await db.all(`SELECT id FROM rooms WHERE name = ?1`, [room]);
  if (phrases.length === 0 || !row) return [];
  const id = asNumber(row["id"]);
  return db.slow(`SELECT ${COLUMNS} ${FOUND[db.kind]} LIMIT ?4`, [
    id,
    questionFor(db.kind, id, phrases),
    before,
    limit,
  ]);
}
