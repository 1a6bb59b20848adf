import type {
  InboxChange,
  InboxReader,
  InboxRecords,
  PendingMention,
} from "../../model/inbox/inbox.ts";
import type { Author } from "../../model/people/person.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";
import { openSettings, readSettings } from "./settings.ts";
import { ITEM_COLUMNS, openItems } from "./items.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import { addPushes } from "../outbound/subscriptions.ts";
import { othersIn, readItems, readRooms } from "./read.ts";
import { changed, type InboxRow, keyOf, listed, nextVersions, putRows, rowsOf } from "./rows.ts";

/** A visit is noted at most this often. */
const VISIT_MS = 24 * 60 * 60 * 1000;
/** The number of recent events whose authors count as known in a room. */
const RECENT = 200;
const TABLES = ["push_subscriptions", "inbox_items", "inbox_rooms", "blocks", "inboxes"] as const;

export function openInbox(db: Database): InboxRecords {
  const versionOf = async (person: string) => {
    const [row] = await db.all(`SELECT version FROM inboxes WHERE person = ?1`, [person]);
    return row ? asNumber(row["version"]) : 0;
  };
  // The version first: what changes meanwhile is then read twice, but never missed.
  const readState = async (reader: InboxReader, since: number, some: readonly string[] | null) => {
    const { person } = reader;
    const version = await versionOf(person);
    const rooms = await readRooms(db, reader, since, some);
    const items = await readItems(db, person, since);
    const settings = await readSettings(db, person, since);
    return { version, rooms, items, ...(settings && { settings }) };
  };
  return {
    ...openSettings(db),
    ...openItems(db),
    async versions(people) {
      if (people.length === 0) return new Map();
      const { places, values } = listed(people);
      const rows = await db.all(
        `SELECT person, version FROM inboxes WHERE person IN (${places})`,
        values,
      );
      return new Map(rows.map((row) => [asText(row["person"]), asNumber(row["version"])]));
    },
    read: (reader, since) => readState(reader, since, null),
    readRooms: (reader, since, some) => readState(reader, since, some),
    async readTo(person, room) {
      const [row] = await db.all(
        `SELECT read_seq FROM inbox_rooms WHERE person = ?1 AND room = ?2 AND followed = 1`,
        [person, room],
      );
      return row ? asNumber(row["read_seq"]) : null;
    },
    change: (changes) => db.transaction((tx) => change(tx, changes)),
    readAll: (person) =>
      db.transaction(async (tx) => {
        const rows = await tx.all(
          `SELECT i.room, r.seq FROM inbox_rooms i JOIN rooms r ON r.name = i.room
            WHERE i.person = ?1 AND i.followed = 1 AND r.seq > i.read_seq`,
          [person],
        );
        const reads = rows.map((row) => {
          const [room, seq] = [asText(row["room"]), asNumber(row["seq"])];
          return { kind: "read", person, room, seq } as const;
        });
        return (await change(tx, reads)).size > 0;
      }),
    async called(room, names, limit) {
      if (names.length === 0) return [];
      const { places, values } = listed(names, 3);
      const rows = await db.all(
        `SELECT person, name FROM inbox_rooms WHERE room = ?1 AND called IN (${places})
          ORDER BY version DESC LIMIT ?2`,
        [room, limit, ...values],
      );
      // Someone who has just spoken for the first time has no row yet. SQL's lower() differs from
      // that of names.
      const recent = await db.all(
        `SELECT DISTINCT author AS person, name FROM (
          SELECT author, name FROM events WHERE room = (SELECT id FROM rooms WHERE name = ?1)
            ORDER BY seq DESC LIMIT ${RECENT}) AS last`,
        [room],
      );
      const wanted = new Set(names);
      const speaking = recent.map(toAuthor).filter(({ name }) => wanted.has(name.toLowerCase()));
      const people = [...speaking, ...rows.map(toAuthor)].map((each) => [each.id, each] as const);
      return [...new Map(people).values()].slice(0, limit);
    },
    async pendingMentions(limit) {
      const rows = await db.all(
        `SELECT r.name AS room, e.seq, e.author, e.name, e.text, e.at FROM pending_mentions p
          JOIN rooms r ON r.id = p.room JOIN events e ON e.room = p.room AND e.seq = p.seq
          ORDER BY e.at, e.seq LIMIT ?1`,
        [limit],
      );
      return rows.map(toPending);
    },
    settleMentions: (done, found, spokenTo = []) =>
      db.transaction(async (tx) => {
        const mentions = found.map(({ message, person }) => ({
          message,
          person,
          id: `mention:${message.room}:${message.seq}`,
        }));
        const known = await knownItems(tx, mentions);
        const fresh = mentions.filter(({ id, person }) => !known.has(`${person.id}\0${id}`));
        const people = fresh.map(({ person }) => person.id);
        const versions = await nextVersions(tx, people, fresh[0]?.message.at ?? 0);
        const keys = fresh.map(({ person, message }) => ({
          person: person.id,
          room: message.room,
        }));
        const rows = await rowsOf(tx, keys);
        for (const { person, message } of fresh) {
          const { room, seq } = message;
          const before = rows.get(keyOf({ person: person.id, room }));
          const follow = { kind: "follow", person: person.id, room, name: "", at: 0 } as const;
          const row = changed(before, { ...follow, read: seq - 1 }) ?? before;
          if (row) rows.set(keyOf(row), before ? row : { ...row, name: person.name });
        }
        await putRows(tx, [...rows.values()], versions);
        const items = fresh.map(({ id, person, message: { room, seq, author, at } }) => {
          const version = versions.get(person.id) ?? 1;
          return [person.id, id, "mention", room, seq, author.id, author.name, at, 0, version];
        });
        if (items.length > 0) await tx.insert("inbox_items", ITEM_COLUMNS, items);
        const called = [...fresh, ...spokenTo].map(({ person: { id: person }, message }) => {
          const { room, seq, at } = message;
          return { person, room, seq, at };
        });
        await addPushes(tx, called);
        for (const { room, seq } of done) {
          await tx.all(
            `DELETE FROM pending_mentions
              WHERE room = (SELECT id FROM rooms WHERE name = ?1) AND seq = ?2`,
            [room, seq],
          );
        }
        return new Set(people);
      }),
    async talkPeople(room, person) {
      return (await othersIn(db, [room], person)).get(room) ?? [];
    },
    async standing(person, room) {
      const row = (await rowsOf(db, [{ person, room }])).get(keyOf({ person, room }));
      if (!row?.isFollowed) return null;
      const { read, quietUntil } = row;
      return { read, quietUntil, level: row.level ?? (isDirectName(room) ? "all" : "mentions") };
    },
    async visited(person, now) {
      const [row] = await db.all(`SELECT seen_at FROM inboxes WHERE person = ?1 AND seen_at < ?2`, [
        person,
        now - VISIT_MS,
      ]);
      if (!row) return;
      await db.transaction(async (tx) => {
        await tx.all(`UPDATE inboxes SET seen_at = ?2 WHERE person = ?1`, [person, now]);
      });
    },
    forgetGuests: (before, limit) =>
      db.transaction(async (tx) => {
        const rows = await tx.all(
          `SELECT person FROM inboxes WHERE seen_at > 0 AND seen_at < ?1
            AND NOT EXISTS (SELECT 1 FROM people WHERE people.id = inboxes.person)
            ORDER BY seen_at LIMIT ?2`,
          [before, limit],
        );
        for (const row of rows) await forgetInbox(tx, asText(row["person"]));
        return rows.length;
      }),
  };
}

/** Deletes a person's inbox. */
export async function forgetInbox(tx: Queries, person: string): Promise<void> {
  for (const table of TABLES) await tx.all(`DELETE FROM ${table} WHERE person = ?1`, [person]);
}

/** Several changes of one row are applied in order. */
export async function change(
  tx: Queries,
  changes: readonly InboxChange[],
): Promise<ReadonlySet<string>> {
  if (changes.length === 0) return new Set();
  const rows = await rowsOf(tx, changes);
  const isNews = (each: InboxChange) => changed(rows.get(keyOf(each)), each) !== null;
  const people = changes.filter(isNews).map(({ person }) => person);
  const at = changes.find((each) => each.kind === "follow")?.at ?? 0;
  const versions = await nextVersions(tx, people, at);
  // Read again, now that these inboxes are locked.
  const present = await rowsOf(tx, changes);
  const after = new Map<string, InboxRow>();
  for (const each of changes) {
    if (!versions.has(each.person)) continue;
    const row = changed(after.get(keyOf(each)) ?? present.get(keyOf(each)), each);
    if (row) after.set(keyOf(row), row);
  }
  await putRows(tx, [...after.values()], versions);
  return new Set(people);
}

async function knownItems(
  tx: Queries,
  mentions: readonly { readonly id: string; readonly person: { readonly id: string } }[],
): Promise<ReadonlySet<string>> {
  if (mentions.length === 0) return new Set();
  const ids = listed(mentions.map(({ id }) => id));
  const people = listed(
    mentions.map(({ person }) => person.id),
    ids.values.length + 1,
  );
  const rows = await tx.all(
    `SELECT person, id FROM inbox_items WHERE id IN (${ids.places}) AND person IN (${people.places})`,
    [...ids.values, ...people.values],
  );
  return new Set(rows.map((row) => `${asText(row["person"])}\0${asText(row["id"])}`));
}

function toAuthor(row: Row): Author {
  return { id: asText(row["person"]), name: asText(row["name"]) };
}

function toPending(row: Row): PendingMention {
  return {
    room: asText(row["room"]),
    seq: asNumber(row["seq"]),
    author: { id: asText(row["author"]), name: asText(row["name"]) },
    text: asText(row["text"]),
    at: asNumber(row["at"]),
  };
}
