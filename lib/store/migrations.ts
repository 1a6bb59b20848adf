import type { Database, Queries } from "./database.ts";
import { asNumber } from "./database.ts";

/** A statement for both databases, or for one of them. */
type Step = string | { readonly only: Database["kind"]; readonly sql: string };

/**
 * The schema's history. Never change an entry that was released: add one. `INTEGER` is a whole
 * number of 64 bits and `SERIAL` one that counts up by itself, on both databases.
 */
const MIGRATIONS: readonly (readonly Step[])[] = [
  [
    `CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE rooms (
      id SERIAL PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      seq INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    )`,
    // `text` and `body` of a message are as it now stands: deleting it erases it from the log too.
    // `position` is the order in which a node wrote them, over all rooms. Rows are never deleted.
    `CREATE TABLE events (
      position SERIAL PRIMARY KEY,
      room INTEGER NOT NULL REFERENCES rooms (id),
      seq INTEGER NOT NULL,
      type TEXT NOT NULL,
      at INTEGER NOT NULL,
      author TEXT NOT NULL,
      name TEXT NOT NULL,
      id TEXT,
      target INTEGER,
      text TEXT NOT NULL,
      body TEXT,
      UNIQUE (room, seq)
    )`,
    {
      only: "postgres",
      sql: `CREATE UNIQUE INDEX events_once ON events (room, author, id) WHERE id IS NOT NULL`,
    },
    // The same, but filled behind the log: see `SqliteIds`.
    {
      only: "sqlite",
      sql: `CREATE TABLE ids (
        room INTEGER NOT NULL,
        author TEXT NOT NULL,
        id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        PRIMARY KEY (room, author, id)
      ) WITHOUT ROWID`,
    },
    `CREATE INDEX events_changes ON events (room, target) WHERE target IS NOT NULL`,
    `CREATE TABLE reactions (
      room INTEGER NOT NULL REFERENCES rooms (id),
      target INTEGER NOT NULL,
      emoji TEXT NOT NULL,
      author TEXT NOT NULL,
      name TEXT NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (room, target, emoji, author)
    )`,
  ],
];

const TYPES = {
  sqlite: { SERIAL: "INTEGER", INTEGER: "INTEGER" },
  postgres: { SERIAL: "BIGINT GENERATED ALWAYS AS IDENTITY", INTEGER: "BIGINT" },
} as const;

/** Brings the schema up to this version; throws where a newer chatroom has been here. */
export async function migrate(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
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
  });
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
  return sql.replace(/\b(SERIAL|INTEGER)\b/g, (type) =>
    type === "SERIAL" ? TYPES[kind].SERIAL : TYPES[kind].INTEGER,
  );
}
