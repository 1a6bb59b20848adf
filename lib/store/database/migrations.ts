import { APPEND_MESSAGES } from "./append-messages.ts";
import type { Database } from "./database.ts";

/** A statement for both databases, or for one of them. */
export type Step = string | { readonly only: Database["kind"]; readonly sql: string };

/**
 * The schema's history. Never change an entry that was released: add one. The nodes of the version
 * before go on working on it while they are replaced one by one: so an entry only adds, tables and
 * columns with a default, and what nothing uses any more goes with the minor version after. `INTEGER` is a whole
 * number of 64 bits, `SERIAL` one that counts up by itself, and `BYTEA` bytes, on both databases.
 */
export const MIGRATIONS: readonly (readonly Step[])[] = [
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
    // By name, not by id: a room can be closed before its first message.
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
      id SERIAL PRIMARY KEY, at INTEGER NOT NULL,
      by_id TEXT NOT NULL, by_name TEXT NOT NULL, action TEXT NOT NULL, room TEXT NOT NULL,
      subject TEXT NOT NULL, subject_name TEXT NOT NULL, reason TEXT NOT NULL
    )`,
  ],
  // The search index, and how far it has come in each room: both can be made anew from the log.
  [
    `CREATE TABLE search_heads (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL)`,
    {
      only: "sqlite",
      sql: `CREATE VIRTUAL TABLE search USING fts5(
        room, words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
      )`,
    },
    {
      only: "postgres",
      sql: `CREATE TABLE search (
        position INTEGER PRIMARY KEY,
        room INTEGER NOT NULL,
        words TSVECTOR NOT NULL
      )`,
    },
    { only: "postgres", sql: `CREATE INDEX search_words ON search USING gin (words)` },
  ],
  [
    `CREATE TABLE tokens (
      hash TEXT PRIMARY KEY,
      room TEXT NOT NULL,
      name TEXT NOT NULL,
      by_id TEXT NOT NULL,
      by_name TEXT NOT NULL,
      at INTEGER NOT NULL
    )`,
  ],
  [`ALTER TABLE room_rules ADD COLUMN listed INTEGER NOT NULL DEFAULT 0`],
  // Every way a name with an owner can look; filled by `renewLooks`.
  [
    `CREATE TABLE looks (look TEXT PRIMARY KEY, person TEXT NOT NULL)`,
    `CREATE INDEX looks_of_person ON looks (person)`,
  ],
  [`CREATE INDEX sessions_seen ON sessions (seen_at)`],
  // By the room's name: a file comes before its room's first message. `state` is that of `openFiles`.
  [
    `CREATE TABLE files (
      id TEXT PRIMARY KEY,
      room TEXT NOT NULL,
      author TEXT NOT NULL,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      size INTEGER NOT NULL,
      width INTEGER,
      height INTEGER,
      thumb INTEGER NOT NULL,
      at INTEGER NOT NULL,
      seq INTEGER,
      state TEXT NOT NULL
    )`,
    `CREATE INDEX files_loose ON files (at) WHERE seq IS NULL`,
    `CREATE INDEX files_message ON files (room, seq) WHERE seq IS NOT NULL`,
    // What is in them: on PostgreSQL, and in a backup. Beside SQLite it is in a folder.
    `CREATE TABLE file_chunks (
      file TEXT NOT NULL, part INTEGER NOT NULL, bytes BYTEA NOT NULL, PRIMARY KEY (file, part)
    )`,
  ],
  // The terms of the search index begin with their room: the index is built again from the log. On
  // PostgreSQL its rows are replaced one by one; `search_heads` goes with the minor version after.
  [
    `CREATE TABLE search_cursors (room INTEGER PRIMARY KEY, seq INTEGER NOT NULL)`,
    { only: "sqlite", sql: `DROP TABLE search` },
    { only: "sqlite", sql: `DROP TABLE search_heads` },
    {
      only: "sqlite",
      sql: `CREATE VIRTUAL TABLE search USING fts5(
        words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
      )`,
    },
  ],
  // Whose rights an entry changed, separated by spaces: nodes that missed the signal read it here.
  [`ALTER TABLE audit ADD COLUMN subjects TEXT NOT NULL DEFAULT ''`],
  // What whoever imposed a sanction was in its room; empty where an older version did not note it.
  [`ALTER TABLE sanctions ADD COLUMN by_role TEXT NOT NULL DEFAULT ''`],
  // With a copy of the words, so that FTS5 can take those of an erased message out of every page:
  // without one it only notes that they are gone. The index is built again from the log.
  [
    { only: "sqlite", sql: `DROP TABLE search` },
    {
      only: "sqlite",
      sql: `CREATE VIRTUAL TABLE search USING fts5(
        words, tokenize = 'unicode61 remove_diacritics 2'
      )`,
    },
    { only: "sqlite", sql: `INSERT INTO search (search, rank) VALUES ('secure-delete', 1)` },
    { only: "sqlite", sql: `DELETE FROM search_cursors` },
  ],
  // The function takes a message's room from the row it has locked, and rooms are never deleted: to
  // check that for each message would be a quarter of what it costs to store one.
  [
    { only: "postgres", sql: APPEND_MESSAGES },
    { only: "postgres", sql: `ALTER TABLE events DROP CONSTRAINT events_room_fkey` },
  ],
  // Names that are borne in rooms, held by a node for its people; see `openNameLeases`.
  [
    `CREATE TABLE name_nodes (node TEXT PRIMARY KEY, until INTEGER NOT NULL)`,
    `CREATE TABLE name_leases (
      key TEXT NOT NULL, room TEXT NOT NULL, person TEXT NOT NULL, node TEXT NOT NULL,
      name TEXT NOT NULL, owns INTEGER NOT NULL, changed INTEGER NOT NULL,
      PRIMARY KEY (key, room, person, node)
    )`,
    `CREATE INDEX name_leases_person ON name_leases (room, person)`,
    `CREATE INDEX name_leases_node ON name_leases (node)`,
  ],
];
