import {
  BLOCK_LIMIT,
  type InboxRecords,
  type InboxSettings,
  WRITERS,
} from "../../model/inbox/inbox.ts";
import { asNumber, asText, type Database, type Queries } from "../database/database.ts";
import { listed, nextVersions } from "./rows.ts";

type Settings = Pick<
  InboxRecords,
  "blockers" | "mayBegin" | "isRefused" | "names" | "setWriters" | "block"
>;

/** Who may write to whom. */
export function openSettings(db: Database): Settings {
  return {
    async blockers(person) {
      const rows = await db.all(`SELECT person FROM blocks WHERE blocked = ?1`, [person]);
      return new Set(rows.map((row) => asText(row["person"])));
    },
    async mayBegin(person, isGuest, others) {
      const { places, values } = listed(others, 3);
      const [row] = await db.all(
        `SELECT COUNT(*) AS count FROM (
          SELECT person FROM blocks WHERE blocked = ?1 AND person IN (${places})
          UNION SELECT person FROM inboxes WHERE person IN (${places})
            AND (writers = 'nobody' OR (writers = 'members' AND ?2 = 1))) AS refusing`,
        [person, isGuest ? 1 : 0, ...values],
      );
      return asNumber(row?.["count"]) === 0;
    },
    async isRefused(room, person) {
      const [row] = await db.all(
        `SELECT COUNT(*) AS members,
            (SELECT COUNT(*) FROM room_members m JOIN blocks b ON b.person = m.person
              WHERE m.room = ?1 AND b.blocked = ?2) AS blocks
          FROM room_members WHERE room = ?1`,
        [room, person],
      );
      return asNumber(row?.["members"]) === 2 && asNumber(row?.["blocks"]) > 0;
    },
    async names(people) {
      if (people.length === 0) return new Map();
      const { places, values } = listed(people);
      const rows = await db.all(
        `SELECT i.person, COALESCE(p.name, (SELECT r.name FROM inbox_rooms r
            WHERE r.person = i.person AND r.name <> '' ORDER BY r.version DESC LIMIT 1), '') AS name
          FROM inboxes i LEFT JOIN people p ON p.id = i.person WHERE i.person IN (${places})
        UNION SELECT id, name FROM people WHERE id IN (${places})`,
        values,
      );
      return new Map(rows.map((row) => [asText(row["person"]), asText(row["name"])]));
    },
    setWriters: (person, writers, at) =>
      db.transaction(async (tx) => {
        await changed(tx, person, at);
        await tx.all(`UPDATE inboxes SET writers = ?2 WHERE person = ?1`, [person, writers]);
      }),
    block: (person, other, on, at) =>
      db.transaction(async (tx) => {
        await changed(tx, person, at);
        if (!on) {
          await tx.all(`DELETE FROM blocks WHERE person = ?1 AND blocked = ?2`, [person, other.id]);
          return true;
        }
        const [row] = await tx.all(`SELECT COUNT(*) AS count FROM blocks WHERE person = ?1`, [
          person,
        ]);
        if (asNumber(row?.["count"]) >= BLOCK_LIMIT) return false;
        const columns = ["person", "blocked", "name", "at"];
        await tx.insert("blocks", columns, [[person, other.id, other.name, at]]);
        return true;
      }),
  };
}

/**
 * The settings, if they changed after version `since`; with 0, the defaults if none were chosen.
 */
export async function readSettings(
  db: Pick<Database, "all">,
  person: string,
  since: number,
): Promise<InboxSettings | null> {
  const [row] = await db.all(`SELECT writers, settings_version FROM inboxes WHERE person = ?1`, [
    person,
  ]);
  if (since > 0 && asNumber(row?.["settings_version"] ?? 0) <= since) return null;
  const rows = await db.all(
    `SELECT blocked, name FROM blocks WHERE person = ?1 ORDER BY name, blocked`,
    [person],
  );
  return {
    writers: WRITERS.find((each) => each === row?.["writers"]) ?? "everyone",
    blocked: rows.map((each) => ({ id: asText(each["blocked"]), name: asText(each["name"]) })),
  };
}

/** Advances the inbox's version, creating the inbox if it is missing. */
async function changed(tx: Queries, person: string, at: number): Promise<void> {
  const version = (await nextVersions(tx, [person], at)).get(person) ?? 1;
  await tx.all(`UPDATE inboxes SET settings_version = ?2 WHERE person = ?1`, [person, version]);
}
