import type { Database } from "../database/database.ts";

/** A statement for both databases, or for one of them. */
export type Step = string | { readonly only: Database["kind"]; readonly sql: string };

/** The first two entries of `MIGRATIONS`: rooms and their log, people and moderation. */
export const BASE: readonly (readonly Step[])[] = [
  [
    `CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)`,
    `CREATE TABLE rooms (
      id SERIAL PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      seq INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    )`,
    // `text` and `body` hold a message as it now stands, so a deletion erases it from the log too.
    // `position` is the order in which a node wrote the rows of all rooms. Rows are never deleted.
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
  [
    `CREATE TABLE people (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      look TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL,
      password TEXT NOT NULL,
      created_at INTEGER NOT NULL
    )`,
    `CREATE TABLE sessions (
      hash TEXT PRIMARY KEY,
      person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
      created_at INTEGER NOT NULL,
      seen_at INTEGER NOT NULL,
      agent TEXT NOT NULL,
      place TEXT NOT NULL
    )`,
    `CREATE INDEX sessions_person ON sessions (person)`,
    // By name, not by id, since a room can be closed before its first message.
    `CREATE TABLE room_rules (
      room TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      password TEXT,
      keeps_less INTEGER NOT NULL,
      rules TEXT NOT NULL
    )`,
    `CREATE TABLE room_members (
      room TEXT NOT NULL,
      person TEXT NOT NULL,
      name TEXT NOT NULL,
      role TEXT NOT NULL,
      PRIMARY KEY (room, person)
    )`,
    `CREATE INDEX room_members_person ON room_members (person)`,
    `CREATE TABLE invitations (
      hash TEXT PRIMARY KEY,
      room TEXT NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      uses INTEGER NOT NULL,
      most INTEGER NOT NULL,
      revoked_at INTEGER
    )`,
    `CREATE TABLE sanctions (
      id SERIAL PRIMARY KEY,
      what TEXT NOT NULL,
      room TEXT NOT NULL,
      subject TEXT NOT NULL,
      name TEXT NOT NULL,
      reason TEXT NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at INTEGER NOT NULL,
      until_at INTEGER,
      lifted_at INTEGER
    )`,
    `CREATE INDEX sanctions_subject ON sanctions (subject)`,
    `CREATE TABLE reports (
      id SERIAL PRIMARY KEY,
      room TEXT NOT NULL,
      seq INTEGER NOT NULL,
      author TEXT NOT NULL,
      author_name TEXT NOT NULL,
      text TEXT NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      state TEXT NOT NULL
    )`,
    `CREATE UNIQUE INDEX reports_once ON reports (room, seq, by_id)`,
    `CREATE TABLE audit (
      id SERIAL PRIMARY KEY,
      at INTEGER NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      action TEXT NOT NULL,
      room TEXT NOT NULL,
      subject TEXT NOT NULL,
      subject_name TEXT NOT NULL,
      reason TEXT NOT NULL
    )`,
  ],
];
