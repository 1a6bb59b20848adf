import { asNumber, type Database, type Queries } from "../database/database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { renewLooks } from "../database/skeletons.ts";

const TYPES = {
  sqlite: { SERIAL: "INTEGER", INTEGER: "INTEGER", BYTEA: "BLOB" },
  postgres: { SERIAL: "BIGINT GENERATED ALWAYS AS IDENTITY", INTEGER: "BIGINT", BYTEA: "BYTEA" },
} as const;

/**
 * Brings the schema up to this version; throws where a newer chatroom has been here, since nobody
 * here can know how much newer it is. Nodes that run already do not ask, and go on.
 */
export async function migrate(db: Database): Promise<void> {
  await db.transaction(
    async (tx) => {
      await lock(db.kind, tx);
      await tx.all(`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`);
      const [row] = await tx.all(`SELECT MAX(version) AS version FROM schema_version`);
      const version = row?.["version"] == null ? 0 : asNumber(row["version"]);
      if (version > MIGRATIONS.length) {
        throw new Error(`the database is of a newer chatroom (schema ${version})`);
      }
      for (const [index, statements] of MIGRATIONS.slice(version).entries()) {
        for (const step of statements) {
          const { only, sql } = typeof step === "string" ? { only: db.kind, sql: step } : step;
          if (only === db.kind) await tx.all(translate(db.kind, sql));
        }
        await tx.all(`INSERT INTO schema_version (version) VALUES (?1)`, [version + index + 1]);
      }
      await renewLooks(tx);
    },
    { patient: true },
  );
}

/** Any number; it only has to be the same on every node. */
const MIGRATION_LOCK = 7_364_051;

/** Nodes that start at once migrate one after another; the later ones find nothing left to do. */
async function lock(kind: Database["kind"], tx: Queries): Promise<void> {
  if (kind !== "postgres") return;
  await tx.all(`SET LOCAL statement_timeout = 0`);
  await tx.all(`SET LOCAL lock_timeout = 0`);
  await tx.all(`SELECT pg_advisory_xact_lock(?1)`, [MIGRATION_LOCK]);
}

function translate(kind: Database["kind"], sql: string): string {
  const { SERIAL, INTEGER, BYTEA } = TYPES[kind];
  return sql
    .replace(/\bINTEGER\b/g, INTEGER)
    .replace(/\bSERIAL\b/g, SERIAL)
    .replace(/\bBYTEA\b/g, BYTEA);
}
