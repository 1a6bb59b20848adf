import { CONFUSABLES_VERSION } from "../../model/people/confusables.ts";
import { skeletonKey, skeletonKeys } from "../../model/people/skeleton.ts";
import { asText, type Database, type Queries, TEXTS } from "./database.ts";

/** Which table the looks that are kept were made by; the number counts changes of `looks` itself. */
const SETTING = "looks";
const VERSION = `${CONFUSABLES_VERSION} 1`;

/** Whether every look of the name was free; those that were not stay whose they are. */
export async function storeSkeletonKeys(
  tx: Queries,
  person: string,
  name: string,
): Promise<boolean> {
  // In one order, so that no two who claim at once wait for each other.
  const rows = skeletonKeys(name)
    .toSorted()
    .map((each) => [each, person]);
  return (await tx.insert("looks", ["look", "person"], rows)) === rows.length;
}

/** Whose account has a name with these skeleton keys, by key. */
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
 * Makes the looks of all names again where another version made those that are there. Two names that
 * are alike only by now keep their owners; the one claimed first has the look.
 */
export async function rebuildSkeletonKeys(tx: Queries): Promise<void> {
  const [row] = await tx.all(`SELECT value FROM settings WHERE key = '${SETTING}'`);
  if (row?.["value"] === VERSION) return;
  await tx.all(`DELETE FROM looks`);
  const people = await tx.all(`SELECT id, name FROM people ORDER BY created_at, id`);
  // Out of the way of each other first; no look has a space in it.
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
