import { asText, type Database } from "./database.ts";

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Tables that each kind of database maintains itself, and files, which are moved separately. */
const isOwn = (name: string) =>
  name === "schema_version" || name === "file_chunks" || /^(?:search|name_)/.test(name);

const COLUMNS = {
  sqlite: `SELECT m.name AS name, p.name AS col FROM sqlite_master m, pragma_table_info(m.name) p
    WHERE m.type = 'table' ORDER BY m.name, p.cid`,
  postgres: `SELECT table_name AS name, column_name AS col FROM information_schema.columns
    WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`,
};

/** The columns of a PostgreSQL table's primary key, in order. */
export async function keyOf(db: Database, table: string): Promise<readonly string[]> {
  const rows = await db.all(
    `SELECT a.attname AS col FROM pg_index i
      CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ?1::text::regclass AND i.indisprimary ORDER BY k.place`,
    [table],
  );
  if (rows.length === 0) throw new Error(`the table ${table} has no primary key`);
  return rows.map((row) => asText(row["col"]));
}

/** Every table of the schema, with its columns. */
export async function tablesOf(db: Database): Promise<ReadonlyMap<string, Table>> {
  const columns = new Map<string, string[]>();
  for (const row of await db.all(COLUMNS[db.kind])) {
    const name = asText(row["name"]);
    if (isOwn(name)) continue;
    const known = columns.get(name) ?? [];
    columns.set(name, known);
    const column = asText(row["col"]);
    // Only the embedded database has checksums of rows.
    if (column !== "sum") known.push(column);
  }
  return new Map([...columns].map(([name, list]) => [name, { name, columns: list }]));
}

/** Sorts tables so that referenced ones come first, by PostgreSQL's foreign keys. */
export async function inOrder(db: Database, names: Iterable<string>): Promise<string[]> {
  const rows = await db.all(
    `SELECT child.relname AS child, parent.relname AS parent FROM pg_constraint c
      JOIN pg_class child ON child.oid = c.conrelid JOIN pg_class parent ON parent.oid = c.confrelid
      WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace`,
  );
  const ordered: string[] = [];
  const visit = (name: string) => {
    if (ordered.includes(name)) return;
    for (const row of rows) {
      if (row["child"] === name && row["parent"] !== name) visit(asText(row["parent"]));
    }
    ordered.push(name);
  };
  for (const name of [...names].sort()) visit(name);
  return ordered;
}

/** Auto-increment columns, by table. */
export async function countersOf(db: Database): Promise<ReadonlyMap<string, string>> {
  const rows = await db.all(
    `SELECT table_name AS name, column_name AS col FROM information_schema.columns
      WHERE table_schema = current_schema() AND is_identity = 'YES'`,
  );
  return new Map(rows.map((row) => [asText(row["name"]), asText(row["col"])]));
}
