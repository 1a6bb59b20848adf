import {
  INBOX_LIMIT,
  type InboxItem,
  type InboxReader,
  LAST_WORDS,
  type StoredRoom,
  UNREAD_LIMIT,
} from "../../model/inbox/inbox.ts";
import { type Author, authorOf } from "../../model/people/person.ts";
import { type RoomKind, ROOM_KINDS } from "../../model/rooms/rules.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";
import { oneLine } from "../../model/text/one-line.ts";
import { bodyOf, packBody } from "../log/rows.ts";
import { listed, toLevel } from "./rows.ts";

/** Messages that are not deleted. */
const STANDS = `type = 'message' AND COALESCE(body, '') <> '${packBody({ deleted: true })}'`;
/** What reader ?1 sees: nothing of the people they have blocked. */
const SEEN = `${STANDS} AND author NOT IN (SELECT blocked FROM blocks WHERE person = ?1)`;
/** The most characters read of a message besides its text. */
const BODY_LIMIT = 16_384;
/** The most events counted to find unread messages: reading is bounded, however much was missed. */
const COUNTED = 2 * UNREAD_LIMIT;

/** The text for a room's last words, cut, with the body unless it is too long. */
const WORDS = (event: string) =>
  `SUBSTR(${event}.text, 1, ${4 * LAST_WORDS}) AS text,
    CASE WHEN LENGTH(${event}.body) <= ${BODY_LIMIT} THEN ${event}.body END AS body,
    LENGTH(${event}.body) AS body_length`;

/**
 * Rooms of the inbox ?1 that match `which`. ?2 and ?3 are the subjects of possible bans, ?4 is now,
 * in ms since 1970.
 */
const ROOMS = (which: string) => `
  WITH mine AS (
    SELECT i.room, i.read_seq, i.level, i.quiet_until, i.followed, i.version,
        rooms.id, COALESCE(rooms.seq, 0) AS head
      FROM inbox_rooms i LEFT JOIN rooms ON rooms.name = i.room
      WHERE i.person = ?1 AND (${which}) ORDER BY i.version DESC, i.room LIMIT ${INBOX_LIMIT}
  ), counted AS (
    SELECT mine.*,
      (SELECT COUNT(*) FROM (
          SELECT type, body, author FROM events WHERE events.room = mine.id
            AND events.seq > mine.read_seq ORDER BY events.seq LIMIT ${COUNTED}) AS missed
        WHERE ${SEEN} AND author <> ?1) AS unread,
      (SELECT COUNT(*) FROM inbox_items t WHERE t.person = ?1 AND t.room = mine.room
          AND t.kind = 'mention' AND t.seq > mine.read_seq) AS mentions,
      (SELECT seq FROM events WHERE events.room = mine.id AND ${SEEN}
        ORDER BY seq DESC LIMIT 1) AS last_seq,
      (SELECT COUNT(*) FROM sanctions s WHERE s.subject IN (?2, ?3) AND s.what = 'ban'
          AND s.lifted_at IS NULL AND (s.room = '' OR s.room = mine.room)
          AND (s.until_at IS NULL OR s.until_at > ?4)) AS bans
      FROM mine
  )
  SELECT counted.*, rules.rules, last.author, last.name, last.at,
      ${WORDS("last")}
    FROM counted LEFT JOIN room_rules rules ON rules.room = counted.room
    LEFT JOIN events last ON last.room = counted.id AND last.seq = counted.last_seq
    ORDER BY counted.version DESC, counted.room`;

const ALL_ROOMS = ROOMS("i.followed = 1");
const CHANGED_ROOMS = ROOMS(
  "i.version > ?5 OR (i.followed = 1 AND COALESCE(rooms.seq, 0) > i.read_seq)",
);

export async function readRooms(
  db: Pick<Database, "all">,
  reader: InboxReader,
  since: number,
  some: readonly string[] | null,
): Promise<readonly StoredRoom[]> {
  const { person, subjects, now } = reader;
  const [first = "", second = first] = subjects;
  const asked = [person, first, second, now];
  const { places, values } = listed(some ?? [], 6);
  const these = places === "" ? "" : ` OR i.room IN (${places})`;
  const rows =
    some !== null
      ? await db.all(ROOMS(`i.version > ?5${these}`), [...asked, since, ...values])
      : since === 0
        ? await db.all(ALL_ROOMS, asked)
        : await db.all(CHANGED_ROOMS, [...asked, since]);
  const rooms = rows.map(toRoom);
  const talks = rooms.filter(({ kind }) => kind === "direct").map(({ room }) => room);
  const people = await othersIn(db, talks, person);
  return rooms.map((room) =>
    room.kind === "direct" ? { ...room, people: people.get(room.room) ?? [] } : room,
  );
}

export async function readItems(
  db: Pick<Database, "all">,
  person: string,
  since: number,
): Promise<readonly InboxItem[]> {
  const rows = await db.all(
    `SELECT t.id, t.kind, t.room, t.seq, t.author, t.author_name, t.at, t.done,
        COALESCE(i.read_seq, 0) AS read_seq, ${WORDS("e")}
      FROM inbox_items t
      LEFT JOIN inbox_rooms i ON i.person = t.person AND i.room = t.room
      LEFT JOIN rooms r ON r.name = t.room
      LEFT JOIN events e ON e.room = r.id AND e.seq = t.seq
      WHERE t.person = ?1 AND t.version > ?2 ORDER BY t.at DESC, t.id LIMIT ${INBOX_LIMIT}`,
    [person, since],
  );
  return rows.map(toItem);
}

/** The other people of private talks, by room, under their last names there. */
/** The people of these private talks, without one of them. */
export async function othersIn(
  db: Pick<Database, "all">,
  rooms: readonly string[],
  person: string,
): Promise<ReadonlyMap<string, Author[]>> {
  const people = new Map<string, Author[]>();
  if (rooms.length === 0) return people;
  const { places, values } = listed(rooms, 2);
  const rows = await db.all(
    `SELECT m.room, m.person, COALESCE(a.name, NULLIF(i.name, ''), m.name) AS name
      FROM room_members m
      LEFT JOIN inbox_rooms i ON i.person = m.person AND i.room = m.room
      LEFT JOIN people a ON a.id = m.person
      WHERE m.room IN (${places}) AND m.person <> ?1 ORDER BY name, m.person`,
    [person, ...values],
  );
  for (const row of rows) {
    const room = asText(row["room"]);
    const others = people.get(room) ?? [];
    people.set(room, others);
    others.push(authorOf(asText(row["person"]), asText(row["name"])));
  }
  return people;
}

function toRoom(row: Row): StoredRoom {
  const rules: unknown = row["rules"] === null ? {} : JSON.parse(asText(row["rules"]));
  const { kind, locked }: Record<string, unknown> = { ...Object(rules) };
  const known = ROOM_KINDS.find((each): each is RoomKind => each === kind) ?? "open";
  const hasLast = row["last_seq"] !== null && row["text"] !== null;
  const author = hasLast ? authorOf(asText(row["author"]), asText(row["name"])) : null;
  return {
    room: asText(row["room"]),
    kind: known,
    followed: asNumber(row["followed"]) === 1,
    read: asNumber(row["read_seq"]),
    head: asNumber(row["head"]),
    unread: Math.min(asNumber(row["unread"]), UNREAD_LIMIT),
    mentions: Math.min(asNumber(row["mentions"]), UNREAD_LIMIT),
    level: toLevel(row["level"]) ?? (known === "direct" ? "all" : "mentions"),
    quietUntil: asNumber(row["quiet_until"]),
    ...(author && {
      last: {
        seq: asNumber(row["last_seq"]),
        author,
        text: wordsOf(row),
        at: asNumber(row["at"]),
      },
    }),
    isPlain: known === "open" && locked !== true && asNumber(row["bans"]) === 0,
  };
}

/** Without the body, the text is cut at the first mark that may begin a spoiler. */
function wordsOf(row: Row): string {
  const text = asText(row["text"]);
  const isCut = row["body"] === null && Number(row["body_length"] ?? 0) > 0;
  const { html, files } = isCut ? {} : bodyOf(row);
  return oneLine({ text: isCut ? text.replace(/\|\|.*$/s, "") : text, html, files }, LAST_WORDS);
}

function toItem(row: Row): InboxItem {
  const kind = asText(row["kind"]);
  const seq = asNumber(row["seq"]);
  const isRead = kind === "mention" && asNumber(row["read_seq"]) >= seq;
  return {
    id: asText(row["id"]),
    kind: kind === "invitation" || kind === "report" ? kind : "mention",
    room: asText(row["room"]),
    seq,
    author: authorOf(asText(row["author"]), asText(row["author_name"])),
    at: asNumber(row["at"]),
    done: isRead || asNumber(row["done"]) === 1,
    ...(typeof row["text"] === "string" ? { text: wordsOf(row) } : {}),
  };
}
