import { PIECE_BYTES } from "../../model/wire/limits.ts";
import type { Message } from "../../model/wire/event.ts";
import type { Page } from "../../model/store.ts";
import { LOG_EVENT_COLUMNS, present } from "./rows.ts";

const ROOM = `(SELECT id FROM rooms WHERE name = ?1)`;

/**
 * The stored size of a row, found without reading it: its text, and roughly what is sent with it.
 */
const SIZE = present(
  (row) => `OCTET_LENGTH(${row}.text) + COALESCE(OCTET_LENGTH(${row}.body), 0) + 150`,
);

/**
 * The rows of a room that match `which`, in `order`: at most ?3 rows, and ?4 bytes after the first.
 * `found` is the number without the byte limit.
 */
function bounded(which: string, order: "ASC" | "DESC"): string {
  const [last, within] = order === "ASC" ? ["MAX", "<="] : ["MIN", ">="];
  return `WITH page AS (
      SELECT log.seq AS seq, ${SIZE} AS size FROM events AS log
       WHERE log.room = ${ROOM} AND ${which} ORDER BY log.seq ${order} LIMIT ?3),
    sized AS (SELECT seq, size, SUM(size) OVER (ORDER BY seq ${order}) AS total FROM page)
    SELECT ${LOG_EVENT_COLUMNS}, (SELECT COUNT(*) FROM page) AS found FROM events AS log
     WHERE log.room = ${ROOM} AND ${which}
       AND log.seq ${within} (SELECT ${last}(seq) FROM sized WHERE total <= ?4 OR total = size)
     ORDER BY log.seq ${order} LIMIT ?3`;
}

/** Parameters: room, seq, rows, bytes. */
export const BEFORE: string = bounded("log.seq < ?2 AND log.type = 'message'", "DESC");
export const AFTER: string = bounded("log.seq > ?2 AND log.type = 'message'", "ASC");
/** As above; ?5: the last `seq`. */
export const EVENTS: string = bounded("log.seq > ?2 AND log.seq <= ?5", "ASC");

/**
 * Shortens a page to `PIECE_BYTES` of JSON, but never below one message. Keeps the end for readers
 * going backwards, or the beginning.
 */
export function fitting({ messages, more }: Page, keep: "last" | "first"): Page {
  const fit: Message[] = [];
  let size = 0;
  for (const message of keep === "last" ? messages.toReversed() : messages) {
    size += Buffer.byteLength(JSON.stringify(message)) + 1;
    if (size > PIECE_BYTES && fit.length > 0) break;
    fit.push(message);
  }
  if (fit.length === messages.length) return { messages, more };
  return { messages: keep === "last" ? fit.reverse() : fit, more: true };
}
