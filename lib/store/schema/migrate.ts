import { asNumber, type Database, type Queries } from "../database/database.ts";
import type { Step } from "./base.ts";
import { MIGRATIONS } from "./migrations.ts";
import { rebuildSkeletonKeys } from "../database/skeletons.ts";

const TYPES = {
  sqlite: { SERIAL: "INTEGER", INTEGER: "INTEGER", BYTEA: "BLOB" },
  postgres: { SERIAL: "BIGINT GENERATED ALWAYS AS IDENTITY", INTEGER: "BIGINT", BYTEA: "BYTEA" },
} as const;

/**
 * Migrates the schema to this version; throws if a newer version has migrated it further. Nodes
 * that already run do not check, and continue.
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
      const steps = MIGRATIONS.slice(version).flatMap((statements, index) => [
        ...statements.flatMap((step) => statementOf(db.kind, step) ?? []),
        `INSERT INTO schema_version (version) VALUES (${version + index + 1})`,
      ]);
      // PostgreSQL receives them all at once, since it may be far away.
      const scripts = db.kind === "postgres" ? [steps.join(";\n")] : steps;
      for (const sql of scripts) if (sql !== "") await tx.all(sql);
      await rebuildSkeletonKeys(tx);
    },
    { patient: true },
  );
}

/** Arbitrary, but the same on every node. */
const MIGRATION_LOCK = 7_364_051;

/** Nodes that start together migrate one after another; the later ones find nothing left to do. */
async function lock(kind: Database["kind"], tx: Queries): Promise<void> {
  if (kind !== "postgres") return;
  await tx.all(`SET LOCAL statement_timeout = 0`);
  await tx.all(`SET LOCAL lock_timeout = 0`);
  await tx.all(`SELECT pg_advisory_xact_lock(?1)`, [MIGRATION_LOCK]);
}

/** The step for this kind of database; null if it has none. */
function statementOf(kind: Database["kind"], step: Step): string | null {
  if (typeof step === "string") return translate(kind, step);
  return step.only === kind ? translate(kind, step.sql) : null;
}

function translate(kind: Database["kind"], sql: string): string {
  const { SERIAL, INTEGER, BYTEA } = TYPES[kind];
  return sql
    .replace(/\bINTEGER\b/g, INTEGER)
    .replace(/\bSERIAL\b/g, SERIAL)
    .replace(/\bBYTEA\b/g, BYTEA);
}
