import { ConfigError } from "../model/config.ts";
import type { Message, RoomEvent } from "../model/wire/event.ts";
import { PIECE_BYTES } from "../model/wire/limits.ts";
import type { Page, Store } from "../model/store.ts";
import { append } from "./log/append.ts";
import { appendBatch, isBatch } from "./log/batch.ts";
import { asNumber, asText, type Database, type Row } from "./database/database.ts";
import { MOVING } from "./move/move.ts";
import { migrate } from "./schema/migrate.ts";
import { AFTER, BEFORE, EVENTS, fitting } from "./log/pages.ts";
import {
  EVENT_COLUMNS,
  isDamaged,
  lostEdit,
  lostMessage,
  readEvent,
  withReactions,
} from "./log/rows.ts";
import { find } from "./log/search.ts";
import { SearchIndex } from "./log/search-index.ts";

const ROOM = `(SELECT id FROM rooms WHERE name = ?1)`;

/** The most rooms in one query. */
const HEADS = 512;

/**
 * Opens the log on a database: migrates its schema and, the first time, creates its epoch and
 * secret.
 */
export async function openStore(
  db: Database,
  index: SearchIndex = new SearchIndex(db, null),
): Promise<Store> {
  await migrate(db);
  const { epoch, secret } = await identity(db);
  const lost = (room: string, row: Row): Message => {
    index.observer?.log("error", "message damaged", { room, seq: String(row["seq"]) });
    index.observer?.count("messages_damaged");
    return lostMessage(row);
  };
  const messageOf = (room: string) => (row: Row) => {
    const event = readEvent(row);
    return event?.type === "message" ? event : lost(room, row);
  };

  const page = async (
    keep: "last" | "first",
    room: string,
    from: number,
    limit: number,
  ): Promise<Page> => {
    const sql = keep === "last" ? BEFORE : AFTER;
    const rows = await db.all(sql, [room, from, limit + 1, PIECE_BYTES]);
    const messages = rows.slice(0, limit).map(messageOf(room));
    messages.sort((a, b) => a.seq - b.seq);
    const more = asNumber(rows[0]?.["found"] ?? 0) > messages.length;
    return fitting({ messages: await decorate(room, messages), more }, keep);
  };
  const decorate = async (room: string, messages: Message[]): Promise<Message[]> => {
    const first = messages[0];
    const last = messages.at(-1);
    if (!first || !last) return messages;
    const rows = await db.all(
      `SELECT target, emoji, author, name FROM reactions
        WHERE room = ${ROOM} AND target BETWEEN ?2 AND ?3 ORDER BY seq`,
      [room, first.seq, last.seq],
    );
    return rows.length === 0 ? messages : withReactions(messages, rows);
  };

  return {
    epoch,
    secret,
    async append(drafts) {
      const results =
        db.repeatable && isBatch(drafts)
          ? await appendBatch(db.repeatable, drafts)
          : await db.transaction((tx) => append(tx, drafts), { urgent: true });
      for (const { room } of drafts) index.mark(room);
      return results;
    },
    async head(room) {
      const [row] = await db.all(`SELECT seq FROM rooms WHERE name = ?1`, [room]);
      return row ? asNumber(row["seq"]) : 0;
    },
    async heads(rooms) {
      const heads = new Map<string, number>();
      for (let at = 0; at < rooms.length; at += HEADS) {
        const names = padded(rooms.slice(at, at + HEADS));
        const places = names.map((_, index) => `?${index + 1}`).join(", ");
        const rows = await db.all(`SELECT name, seq FROM rooms WHERE name IN (${places})`, names);
        for (const row of rows) heads.set(asText(row["name"]), asNumber(row["seq"]));
      }
      return heads;
    },
    async events(room, after, upTo, limit, bytes = Number.MAX_SAFE_INTEGER) {
      const rows = await db.all(EVENTS, [room, after, limit, bytes, upTo]);
      const events = rows.map((row) => readEvent(row) ?? lost(room, row));
      const damaged = await damagedTargets(db, room, events);
      if (damaged.size === 0) return events;
      return events.map((each) =>
        each.type === "edited" && damaged.has(each.target) ? lostEdit(each) : each,
      );
    },
    before: (room, before, limit) => page("last", room, before, limit),
    after: (room, after, limit) => page("first", room, after, limit),
    async search(room, question, before, limit) {
      const found = await find(db, room, question, before, limit + 1);
      const messages = found
        .slice(0, limit)
        .map(messageOf(room))
        .sort((a, b) => a.seq - b.seq);
      // Rows beyond the byte limit were counted, but not read.
      const more = asNumber(found[0]?.["found"] ?? found.length) > messages.length;
      return fitting({ messages: await decorate(room, messages), more }, "last");
    },
    index: (limit, room) =>
      room === undefined ? index.advance(limit) : index.advanceRoom(room, limit),
    async setting(key) {
      const [row] = await db.all(`SELECT value FROM settings WHERE key = ?1`, [key]);
      return row ? asText(row["value"]) : null;
    },
    async saveSetting(key, value) {
      await db.transaction(async (tx) => {
        await tx.all(
          `INSERT INTO settings (key, value) VALUES (?1, ?2)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
          [key, value],
        );
      });
    },
    close: () => db.close(),
  };
}

/** The messages of edits that cannot be read: an edit's text is in its message's row. */
async function damagedTargets(
  db: Database,
  room: string,
  events: readonly RoomEvent[],
): Promise<ReadonlySet<number>> {
  const edits = events.filter((each) => each.type === "edited");
  if (db.kind !== "sqlite" || edits.length === 0) return new Set();
  const targets = JSON.stringify(edits.map(({ target }) => target));
  const rows = await db.all(
    `SELECT ${EVENT_COLUMNS} FROM events
      WHERE room = ${ROOM} AND seq IN (SELECT value FROM json_each(?2))`,
    [room, targets],
  );
  return new Set(rows.filter(isDamaged).map((row) => asNumber(row["seq"])));
}

/** Repeats the last name up to a power of two, to limit the number of prepared statements. */
function padded(names: readonly string[]): readonly string[] {
  const missing = 2 ** Math.ceil(Math.log2(names.length)) - names.length;
  return [...names, ...new Array<string>(missing).fill(names.at(-1) ?? "")];
}

/** The first node writes both; later ones read them. */
async function identity(db: Database): Promise<{ epoch: string; secret: Uint8Array }> {
  const random = (bytes: number) =>
    crypto.getRandomValues(new Uint8Array(bytes)).toBase64({ alphabet: "base64url" });
  return db.transaction(async (tx) => {
    await tx.insert(
      "settings",
      ["key", "value"],
      [
        ["epoch", random(9)],
        ["secret", random(32)],
      ],
    );
    const rows = await tx.all(
      `SELECT key, value FROM settings WHERE key IN ('epoch', 'secret', '${MOVING}')`,
    );
    const values = new Map(rows.map((row) => [asText(row["key"]), asText(row["value"])]));
    if (values.has(MOVING)) {
      throw new ConfigError("--database: a move into it has not ended; run chatroom migrate again");
    }
    return {
      epoch: values.get("epoch") ?? "",
      secret: Uint8Array.fromBase64(values.get("secret") ?? "", { alphabet: "base64url" }),
    };
  });
}
