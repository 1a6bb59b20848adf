import type { Database as Sqlite, Statement } from "bun:sqlite";

export type Row = Readonly<Record<string, string | number | Uint8Array | null>>;

const PAGE = 500;

/**
 * Every row of a table that can be read, in the order of row numbers. After a damaged page,
 * searches for the next readable row: by growing steps, then back to the first.
 */
export function* readableRows(sqlite: Sqlite, table: string): Generator<Row> {
  const query = `SELECT rowid AS row_number, * FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?`;
  const statement = sqlite.prepare<Row, [number, number]>(query);
  const last = lastOf(sqlite, table);
  try {
    for (let after = 0, limit = PAGE; ;) {
      const rows = read(statement, after, limit);
      if (rows) {
        yield* rows;
        if (rows.length === 0) return;
        after = Number(rows.at(-1)?.["row_number"]);
        limit = PAGE;
      } else if (limit > 1) {
        limit = 1;
      } else {
        const next = nextReadable(statement, after, last);
        if (next === null) return;
        after = next;
        limit = PAGE;
      }
    }
  } finally {
    statement.finalize();
  }
}

/** Null if they cannot be read. */
function read(
  statement: Statement<Row, [number, number]>,
  after: number,
  limit: number,
): readonly Row[] | null {
  try {
    return statement.all(after, limit);
  } catch {
    return null;
  }
}

/** The smallest row number after `bad` from which a row can be read; null if there is none. */
function nextReadable(
  statement: Statement<Row, [number, number]>,
  bad: number,
  last: number,
): number | null {
  let [low, step] = [bad, 1];
  while (read(statement, low + step, 1) === null) {
    low += step;
    if (low > last) return null;
    step *= 2;
  }
  let high = low + step;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (read(statement, middle, 1) === null) low = middle;
    else high = middle;
  }
  return high;
}

/** The last row number, or one beyond any if that cannot be read. */
function lastOf(sqlite: Sqlite, table: string): number {
  try {
    const [row] = sqlite.query<Row, []>(`SELECT MAX(rowid) AS last FROM ${table}`).all();
    return Number(row?.["last"] ?? 0);
  } catch {
    return 2 ** 48;
  }
}
