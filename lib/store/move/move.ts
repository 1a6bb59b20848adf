import { ConfigError } from "../../model/config.ts";
import { asNumber, asText, type Database, type Row, type Value } from "../database/database.ts";
import { migrate } from "../schema/migrate.ts";
import { countersOf, inOrder, keyOf, type Table, tablesOf } from "../database/tables.ts";

/** Set in the target from the first row to the last check; no node starts on it meanwhile. */
export const MOVING = "moving";
/** Rows read, and bytes written, in one statement: far less than takes seconds. */
const BATCH = 2_000;
const BATCH_BYTES = 4 * 1024 * 1024;
/** Settings that only SQLite uses: the progress of something behind the log. */
const OWN_SETTING = /_position$/;

export interface Progress {
  readonly table: string;
  readonly done: number;
  readonly total: number;
}

/** The number of rows, and the sum of their hashes, which does not depend on order. */
interface Sum {
  readonly rows: number;
  readonly hash: bigint;
}

/**
 * Copies a chat from SQLite to an empty PostgreSQL and compares the two. Run again after an
 * interruption, it continues. Returns the rows of each table. Clients and cookies stay valid,
 * because epoch and secret are copied too. The source is migrated, and otherwise only read.
 *
 * Rejects with a `ConfigError` if the target holds something else, or differs at the end.
 */
export async function move(
  from: Database,
  to: Database,
  report: (progress: Progress) => void,
  /** Moves what is not in rows. If it rejects, the move is not complete. */
  rest: () => Promise<void> = async () => undefined,
): Promise<ReadonlyMap<string, number>> {
  await migrate(from);
  await migrate(to);
  const [source, target] = [await tablesOf(from), await tablesOf(to)];
  const counters = await countersOf(to);
  const names = await inOrder(to, target.keys());
  await claim(from, to);

  const moved = new Map<string, number>();
  for (const name of names) {
    const table = target.get(name);
    if (!table || !source.has(name)) throw new Error(`the source has no table ${name}`);
    const [row] = await from.all(`SELECT COUNT(*) AS count FROM ${name}`);
    const total = asNumber(row?.["count"]);
    const counter = counters.get(name);
    await copy(from, to, table, counter, (done) => report({ table: name, done, total }));
    if (counter !== undefined) await advance(to, name, counter);
    const [here, there] = [await sumOf(from, table), await sumOf(to, table)];
    if (here.rows !== there.rows || here.hash !== there.hash) {
      throw new ConfigError(
        `${name} is not the same: ${here.rows} rows here, ${there.rows} there; empty the target and start again`,
      );
    }
    moved.set(name, there.rows);
  }
  await rest();
  await to.transaction((tx) => tx.all(`DELETE FROM settings WHERE key = '${MOVING}'`));
  return moved;
}

/** Reserves the target for this chat until the move is complete. */
async function claim(from: Database, to: Database): Promise<void> {
  const [mine] = await from.all(`SELECT value FROM settings WHERE key = 'epoch'`);
  if (!mine) throw new ConfigError("--from: there is no chat in this database");
  const epoch = asText(mine["value"]);
  await to.transaction(async (tx) => {
    const rows = await tx.all(
      `SELECT key, value FROM settings WHERE key IN ('epoch', '${MOVING}')`,
    );
    const settings = new Map(rows.map((row) => [row["key"], row["value"]]));
    if (settings.get(MOVING) === epoch) return;
    if (settings.size > 0) {
      const what = settings.get("epoch") === epoch ? "this chat already" : "another chat";
      throw new ConfigError(`--to: the database holds ${what}`);
    }
    await tx.insert("settings", ["key", "value"], [[MOVING, epoch]]);
  });
}

/**
 * In the order of `rowid`. A table with a counter continues after its last row, others start again.
 */
async function copy(
  from: Database,
  to: Database,
  { name, columns }: Table,
  counter: string | undefined,
  report: (done: number) => void,
): Promise<void> {
  let after = 0;
  let done = 0;
  if (counter !== undefined) {
    const [last] = await to.all(`SELECT MAX(${counter}) AS last FROM ${name}`);
    after = asNumber(last?.["last"] ?? 0);
    const [here] = await from.all(`SELECT COUNT(*) AS count FROM ${name} WHERE rowid <= ?1`, [
      after,
    ]);
    done = asNumber(here?.["count"]);
  }
  const list = columns.join(", ");
  const insert = `INSERT INTO ${name} (${list}) OVERRIDING SYSTEM VALUE
    SELECT ${list} FROM json_populate_recordset(NULL::${name}, ?1::text::json) ON CONFLICT DO NOTHING`;
  report(done);
  for (;;) {
    const rows = await from.all(
      `SELECT rowid AS row_number, ${list} FROM ${name} WHERE rowid > ?1 ORDER BY rowid LIMIT ?2`,
      [after, BATCH],
    );
    if (rows.length === 0) return;
    const shared = rows.filter((row) => isShared(name, row));
    for (const json of batches(shared.map((row) => JSON.stringify(entriesOf(columns, row))))) {
      await to.transaction((tx) => tx.all(insert, [json]));
    }
    after = asNumber(rows.at(-1)?.["row_number"]);
    done += rows.length;
    report(done);
  }
}

/** The rows' JSON as arrays of at most `BATCH_BYTES`, or of one row. */
function batches(rows: readonly string[]): string[] {
  const found: string[] = [];
  let batch: string[] = [];
  let size = 0;
  const close = () => {
    if (batch.length > 0) found.push(`[${batch.join(",")}]`);
    batch = [];
    size = 0;
  };
  for (const row of rows) {
    if (size + row.length > BATCH_BYTES) close();
    batch.push(row);
    size += row.length;
  }
  close();
  return found;
}

/** Advances a counter past every row. */
async function advance(to: Database, table: string, counter: string): Promise<void> {
  await to.transaction((tx) =>
    tx.all(
      `SELECT setval(pg_get_serial_sequence('${table}', '${counter}'),
        COALESCE((SELECT MAX(${counter}) FROM ${table}), 0) + 1, false)`,
    ),
  );
}

async function sumOf(db: Database, table: Table): Promise<Sum> {
  let [rows, hash] = [0, 0n];
  for await (const page of pagesOf(db, table)) {
    for (const row of page) {
      if (!isShared(table.name, row)) continue;
      const values = table.columns.map((column) => plain(row[column]));
      hash = (hash + BigInt(Bun.hash(JSON.stringify(values)))) & 0xffff_ffff_ffff_ffffn;
      rows += 1;
    }
  }
  return { rows, hash };
}

/** Every row, in pages, so that no query takes longer than the others. */
async function* pagesOf(db: Database, { name, columns }: Table): AsyncGenerator<readonly Row[]> {
  const isPostgres = db.kind === "postgres";
  const key = isPostgres ? await keyOf(db, name) : ["page_key"];
  const list = (isPostgres ? columns : ["rowid AS page_key", ...columns]).join(", ");
  const by = isPostgres ? key.join(", ") : "rowid";
  const places = key.map((_, at) => `?${at + 1}`).join(", ");
  for (let after: Value[] | null = null; ;) {
    const beyond: string = after ? `WHERE (${by}) > (${places})` : "";
    const sql = `SELECT ${list} FROM ${name} ${beyond} ORDER BY ${by} LIMIT ${BATCH}`;
    const page = await db.all(sql, after ?? []);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    after = key.map((column) => plain(last[column]));
  }
}

function isShared(table: string, row: Row): boolean {
  if (table !== "settings") return true;
  const key = asText(row["key"]);
  return key !== MOVING && !OWN_SETTING.test(key);
}

function entriesOf(columns: readonly string[], row: Row): Row {
  return Object.fromEntries(columns.map((column) => [column, plain(row[column])]));
}

/** The same text for equal values of both databases. */
function plain(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? `\\x${value.toHex()}` : String(value);
}
