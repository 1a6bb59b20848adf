import type { RoomRecords } from "../../model/rooms/room-records.ts";
import { asNumber, asText, type Database } from "../database/database.ts";
import { packBody } from "./rows.ts";

type Messages = Pick<RoomRecords, "messagesOf" | "overdue">;

/** A message that is not deleted; its text alone may be empty. */
const STILL_THERE = `COALESCE(events.body, '') <> '${packBody({ deleted: true })}'`;

/** Messages by their author's index; `?2` is `all`, or else only the room `?3` counts. */
const BY_AUTHOR = {
  postgres: `SELECT rooms.name AS room, events.seq AS seq
    FROM rooms JOIN events ON events.room = rooms.id
    WHERE events.author = ?1 AND events.id IS NOT NULL AND ${STILL_THERE}
      AND (?2 = 'all' OR rooms.name = ?3) LIMIT ?4`,
  // From the ids, which also index authors, and from those not written there yet.
  sqlite: `SELECT rooms.name AS room, events.seq AS seq
    FROM rooms CROSS JOIN ids CROSS JOIN events
    WHERE ids.room = rooms.id AND ids.author = ?1
      AND events.room = ids.room AND events.seq = ids.seq AND ${STILL_THERE}
      AND (?2 = 'all' OR rooms.name = ?3)
    UNION
    SELECT rooms.name, events.seq FROM events CROSS JOIN rooms
    WHERE rooms.id = events.room AND events.author = ?1 AND events.id IS NOT NULL
      AND ${STILL_THERE} AND (?2 = 'all' OR rooms.name = ?3)
      AND events.position > COALESCE((
        SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'ids_position'), 0)
    LIMIT ?4`,
} as const;

/** Messages to be erased, by author or by age. */
export function openMessages(db: Database): Messages {
  return {
    async messagesOf(author, room, limit) {
      const which = room === null ? "all" : "one";
      const rows = await db.all(BY_AUTHOR[db.kind], [author, which, room ?? "", limit]);
      return rows.map((row) => ({ room: asText(row["room"]), seq: asNumber(row["seq"]) }));
    },
    async overdue(room, { after, at, count }, limit) {
      const rows = await db.all(
        `SELECT events.seq AS seq FROM events JOIN rooms ON rooms.id = events.room
          WHERE rooms.name = ?1 AND events.seq > ?2 AND events.type = 'message'
            AND ${STILL_THERE}
            AND (events.at < ?3 OR (?4 > 0 AND events.seq < (
              SELECT MIN(seq) FROM (SELECT seq FROM events AS kept WHERE kept.room = rooms.id
                AND kept.type = 'message' ORDER BY seq DESC LIMIT ?5) AS newest)))
          ORDER BY events.seq LIMIT ?6`,
        [room, after, at, count, Math.max(count, 1), limit],
      );
      return rows.map((row) => ({ room, seq: asNumber(row["seq"]) }));
    },
  };
}
