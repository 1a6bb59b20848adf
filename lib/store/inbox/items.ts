import type { InboxRecords, NewItem } from "../../model/inbox/inbox.ts";
import { asText, type Database, type Queries } from "../database/database.ts";
import { listed, nextVersions } from "./rows.ts";

export const ITEM_COLUMNS = [
  "person",
  "id",
  "kind",
  "room",
  "seq",
  "author",
  "author_name",
  "at",
  "done",
  "version",
] as const;

type Items = Pick<InboxRecords, "addItem" | "finishItem" | "keepers">;

/** Puts an item into inboxes in the transaction of what it tells; see `addItem`. */
export async function putItem(
  tx: Queries,
  people: readonly string[],
  { id, kind, room, seq, author, at }: NewItem,
): Promise<ReadonlySet<string>> {
  if (people.length === 0) return new Set();
  const versions = await nextVersions(tx, people, at);
  const { places, values } = listed(people, 2);
  // What was done before waits again.
  await tx.all(`DELETE FROM inbox_items WHERE id = ?1 AND person IN (${places})`, [id, ...values]);
  const rows = [...versions].map(([person, version]) => {
    return [person, id, kind, room, seq, author.id, author.name, at, 0, version];
  });
  await tx.insert("inbox_items", ITEM_COLUMNS, rows);
  return new Set(versions.keys());
}

/** What waits for people, but for mentions: invitations, and reports. */
export function openItems(db: Database): Items {
  return {
    addItem: (people, item) => db.transaction((tx) => putItem(tx, people, item)),
    finishItem: (id, person) =>
      db.transaction(async (tx) => {
        const waiting = await tx.all(
          `SELECT person FROM inbox_items WHERE id = ?1 AND done = 0
            AND (?2 = '' OR person = ?3) ORDER BY person`,
          [id, person ?? "", person ?? ""],
        );
        const people = waiting.map((row) => asText(row["person"]));
        for (const [each, version] of await nextVersions(tx, people, 0)) {
          await tx.all(
            `UPDATE inbox_items SET done = 1, version = ?3 WHERE id = ?1 AND person = ?2`,
            [id, each, version],
          );
        }
        return new Set(people);
      }),
    async keepers(room, limit) {
      const rows = await db.all(
        `SELECT person FROM room_members WHERE room = ?1 AND role IN ('moderator', 'owner', 'admin')
          UNION SELECT id FROM people WHERE role IN ('moderator', 'admin') LIMIT ?2`,
        [room, limit],
      );
      return rows.map((row) => asText(row["person"]));
    },
  };
}
