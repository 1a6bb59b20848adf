import type { InboxChange, NoticeLevel } from "../../model/inbox/inbox.ts";
import { asNumber, asText, type Queries, type Row, type Value } from "../database/database.ts";

/** A row of `inbox_rooms`, without its version. */
export interface InboxRow {
  readonly person: string;
  readonly room: string;
  readonly name: string;
  readonly read: number;
  /** Null: the default for the kind of room. */
  readonly level: NoticeLevel | null;
  readonly quietUntil: number;
  readonly isFollowed: boolean;
}

export const ROW_COLUMNS = [
  "person",
  "room",
  "name",
  "called",
  "read_seq",
  "level",
  "quiet_until",
  "followed",
  "version",
] as const;

export function keyOf({ person, room }: Pick<InboxRow, "person" | "room">): string {
  return `${person}\0${room}`;
}

/** The row after a change; null if nothing changes. */
export function changed(row: InboxRow | undefined, change: InboxChange): InboxRow | null {
  const { person, room } = change;
  const fresh: InboxRow = {
    ...{ person, room, name: "", read: 0, level: null, quietUntil: 0, isFollowed: true },
  };
  switch (change.kind) {
    case "follow": {
      if (!row) return { ...fresh, name: change.name, read: change.read };
      const name = change.name || row.name;
      if (row.isFollowed && row.name === name) return null;
      return { ...row, name, isFollowed: true };
    }
    case "read":
      return row?.isFollowed && row.read < change.seq ? { ...row, read: change.seq } : null;
    case "unread":
      return { ...(row ?? fresh), isFollowed: true, read: change.seq - 1 };
    case "level": {
      const { level, quietUntil } = change;
      const before = row ?? fresh;
      return {
        ...{ ...before, isFollowed: true, level: level ?? before.level },
        quietUntil: quietUntil ?? before.quietUntil,
      };
    }
    case "leave":
      return row?.isFollowed ? { ...row, isFollowed: false } : null;
  }
}

/** The rows of these people in these rooms, by `keyOf`. */
export async function rowsOf(
  tx: Pick<Queries, "all">,
  keys: readonly Pick<InboxRow, "person" | "room">[],
): Promise<Map<string, InboxRow>> {
  if (keys.length === 0) return new Map();
  const rows = await tx.all(
    `SELECT ${ROW_COLUMNS.join(", ")} FROM inbox_rooms
      WHERE (person, room) IN (VALUES ${pairs(keys.length)})`,
    flat(keys),
  );
  return new Map(rows.map(toInboxRow).map((row) => [keyOf(row), row]));
}

/** Replaces whole rows. */
export async function putRows(
  tx: Queries,
  rows: readonly InboxRow[],
  versions: ReadonlyMap<string, number>,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.all(
    `DELETE FROM inbox_rooms WHERE (person, room) IN (VALUES ${pairs(rows.length)})`,
    flat(rows),
  );
  const values = rows.map(({ person, room, name, read, level, quietUntil, isFollowed }) => [
    ...[person, room, name, name.toLowerCase(), read, level ?? "", quietUntil],
    ...[isFollowed ? 1 : 0, versions.get(person) ?? 1],
  ]);
  await tx.insert("inbox_rooms", ROW_COLUMNS, values);
}

/**
 * Advances the version of each person's inbox, creating missing inboxes. With several nodes this
 * locks the inboxes until the transaction ends, in the order of their ids.
 */
export async function nextVersions(
  tx: Queries,
  people: readonly string[],
  at: number,
): Promise<ReadonlyMap<string, number>> {
  const sorted = [...new Set(people)].sort();
  if (sorted.length === 0) return new Map();
  const fresh = sorted.map((person) => [person, 0, at]);
  await tx.insert("inboxes", ["person", "version", "seen_at"], fresh);
  const { places, values } = listed(sorted);
  await tx.all(
    `SELECT person FROM inboxes WHERE person IN (${places}) ORDER BY person${tx.forUpdate}`,
    values,
  );
  const rows = await tx.all(
    `UPDATE inboxes SET version = version + 1 WHERE person IN (${places})
      RETURNING person, version`,
    values,
  );
  return new Map(rows.map((row) => [asText(row["person"]), asNumber(row["version"])]));
}

/**
 * Parameters for `IN (…)`; repeats the last up to a power of two, to limit the number of prepared
 * statements.
 */
export function listed(
  list: readonly string[],
  from = 1,
): { readonly places: string; readonly values: readonly string[] } {
  const values = padded(list);
  return { places: values.map((_, at) => `?${at + from}`).join(", "), values };
}

function padded<T>(list: readonly T[]): readonly T[] {
  const last = list.at(-1);
  if (last === undefined) return list;
  const missing = 2 ** Math.ceil(Math.log2(list.length)) - list.length;
  return [...list, ...new Array<T>(missing).fill(last)];
}

function pairs(count: number): string {
  const all = new Array<null>(2 ** Math.ceil(Math.log2(count))).fill(null);
  return all.map((_, at) => `(?${2 * at + 1}, ?${2 * at + 2})`).join(", ");
}

function flat(keys: readonly Pick<InboxRow, "person" | "room">[]): Value[] {
  return padded(keys).flatMap(({ person, room }) => [person, room]);
}

export function toLevel(value: unknown): NoticeLevel | null {
  return value === "all" || value === "mentions" || value === "none" ? value : null;
}

function toInboxRow(row: Row): InboxRow {
  return {
    person: asText(row["person"]),
    room: asText(row["room"]),
    name: asText(row["name"]),
    read: asNumber(row["read_seq"]),
    level: toLevel(row["level"]),
    quietUntil: asNumber(row["quiet_until"]),
    isFollowed: asNumber(row["followed"]) === 1,
  };
}
