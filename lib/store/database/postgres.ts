import type { SQL } from "bun";
import { asNumber, asText, type Database, type Queries, type Row } from "./database.ts";
import { Pool, SILENCE_MS, UnknownOutcome } from "./pool.ts";
import { explain, refuseServer } from "./postgres-errors.ts";

/**
 * PostgreSQL, shared by the nodes of one chat. A transaction has one connection; reads use any.
 * Rejects with a `ConfigError` if the address is wrong, the server too old, or a permission
 * missing.
 */
export async function openPostgres(url: string, silenceMs = SILENCE_MS): Promise<Database> {
  const pool = await open(url, silenceMs);
  const queries = queriesOn((sql, values) => pool.run((pooled) => pooled.unsafe(sql, values)));
  return {
    ...queries,
    slow: queries.all,
    transaction: (work, { patient = false } = {}) =>
      pool.run((pooled, answered) => transact(pooled, answered, work), patient),
    async repeatable(sql, values) {
      let tries = 0;
      const rows = await pool.repeat(async (pooled) => {
        tries += 1;
        // A separate connection, so that it does not wait behind a search.
        const connection = await pooled.reserve();
        try {
          const answer: readonly Row[] = await connection.unsafe(numbered(sql), [...values]);
          return answer;
        } finally {
          connection.release();
        }
      });
      return { rows, tries };
    },
    close: () => pool.close(),
  };
}

async function open(url: string, silenceMs: number): Promise<Pool> {
  try {
    const first = new Bun.SQL(url, { max: 1, connectionTimeout: 5 });
    try {
      const [row] = await first.unsafe(
        `SELECT current_setting('server_version_num') AS version,
          current_setting('server_encoding') AS encoding`,
      );
      const refusal = refuseServer(asNumber(row?.version), asText(row?.encoding));
      if (refusal) throw refusal;
    } finally {
      await first.close({ timeout: 0 });
    }
    return new Pool(url, silenceMs);
  } catch (fault) {
    throw explain(fault, url);
  }
}

type Run = (
  sql: string,
  values: unknown[],
) => Promise<readonly Row[] & { readonly count?: number }>;

/** A failure before COMMIT is sent certainly had no effect; a later one may have had one. */
async function transact<T>(
  pooled: SQL,
  answered: () => void,
  work: (tx: Queries) => Promise<T>,
): Promise<T> {
  let isDone = false;
  try {
    return await pooled.begin(async (tx) => {
      const run: Run = async (sql, values) => {
        const rows = await tx.unsafe(sql, values);
        answered();
        return rows;
      };
      const result = await work(queriesOn(run));
      isDone = true;
      return result;
    });
  } catch (fault) {
    throw isDone ? new UnknownOutcome(`COMMIT: ${String(fault)}`, { cause: fault }) : fault;
  }
}

function queriesOn(run: Run): Queries {
  const all: Queries["all"] = (sql, values = []) => run(numbered(sql), [...values]);
  return {
    kind: "postgres",
    erases: () => undefined,
    forUpdate: " FOR UPDATE",
    all,
    lockRooms: (names) =>
      all(
        `SELECT id, name, seq FROM rooms
          WHERE name IN (SELECT json_array_elements_text(?1::text::json)) ORDER BY name FOR UPDATE`,
        [JSON.stringify(names)],
      ),
    async advanceRooms(rooms) {
      const grown = rooms.map(({ id, seq }) => ({ id, seq }));
      await all(
        `UPDATE rooms SET seq = grown.seq
          FROM json_populate_recordset(NULL::rooms, ?1::text::json) grown WHERE rooms.id = grown.id`,
        [JSON.stringify(grown)],
      );
    },
    ids: {
      // The unique index decides; the insert skips taken ids.
      claim: () => true,
      took: () => undefined,
      async find(room, author, id) {
        const [row] = await all(
          `SELECT seq FROM events WHERE room = ?1 AND author = ?2 AND id = ?3`,
          [room, author, id],
        );
        return row ? asNumber(row["seq"]) : null;
      },
    },
    async insert(table, columns, rows) {
      // One prepared statement for any number of rows; the table's types determine how the JSON is
      // read.
      const names = columns.join(", ");
      const json = JSON.stringify(
        rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
      );
      const { count } = await run(
        `INSERT INTO ${table} (${names}) SELECT ${names}
          FROM json_populate_recordset(NULL::${table}, $1::text::json) ON CONFLICT DO NOTHING`,
        [json],
      );
      return count ?? 0;
    },
  };
}

const known = new Map<string, string>();

/** Rewrites `?1` for PostgreSQL. */
function numbered(sql: string): string {
  let text = known.get(sql);
  if (text === undefined) {
    text = sql.replace(/\?(\d+)/g, "$$$1");
    known.set(sql, text);
  }
  return text;
}
