import { CONFUSABLES_VERSION } from "../../model/people/confusables.ts";
import { skeletonKey, skeletonKeys } from "../../model/people/skeleton.ts";
import { asText, type Database, type Queries, TEXTS } from "./database.ts";

/** The setting for the version of the skeleton keys: that of the table, and of our own rules. */
const SETTING = "looks";
const VERSION = `${CONFUSABLES_VERSION} 1`;

/**
 * Stores the skeleton keys of a name. Resolves to false if some were taken; those stay with their
 * owners.
 */
export async function storeSkeletonKeys(
  tx: Queries,
  person: string,
  name: string,
): Promise<boolean> {
  // In a fixed order, to avoid deadlocks between concurrent claims.
  const rows = skeletonKeys(name)
    .toSorted()
    .map((each) => [each, person]);
  return (await tx.insert("looks", ["look", "person"], rows)) === rows.length;
}

/** The owners of accounts whose names have these skeleton keys, by key. */
export async function ownersOf(
  queries: Pick<Queries, "all">,
  kind: Database["kind"],
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await queries.all(`SELECT look, person FROM looks WHERE look IN (${TEXTS[kind]})`, [
    JSON.stringify(keys),
  ]);
  return new Map(rows.map((row) => [asText(row["look"]), asText(row["person"])]));
}

/**
 * Rebuilds the skeleton keys of all names if another version built them. Two existing names that
 * look alike only now keep their owners; the key goes to the one claimed first.
 */
export async function rebuildSkeletonKeys(tx: Queries): Promise<void> {
  const [row] = await tx.all(`SELECT value FROM settings WHERE key = '${SETTING}'`);
  if (row?.["value"] === VERSION) return;
  await tx.all(`DELETE FROM looks`);
  const people = await tx.all(`SELECT id, name FROM people ORDER BY created_at, id`);
  // Makes all keys distinct first; no key contains a space.
  await tx.all(`UPDATE people SET look = look || ' ' || id`);
  for (const { id: rawId, name: rawName } of people) {
    const [id, name] = [asText(rawId), asText(rawName)];
    await tx.all(
      `UPDATE people SET look = ?2 WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM people other WHERE other.look = ?2)`,
      [id, skeletonKey(name)],
    );
    await storeSkeletonKeys(tx, id, name);
  }
  await tx.all(
    `INSERT INTO settings (key, value) VALUES ('${SETTING}', ?1)
      ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [VERSION],
  );
}
