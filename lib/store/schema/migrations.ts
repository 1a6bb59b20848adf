import { APPEND_MESSAGES } from "../database/append-messages.ts";
import { BASE, type Step } from "./base.ts";
import { INBOX_SETTINGS, INBOX_TABLES } from "./inbox.ts";

/**
 * The schema's history. Never change a released entry: add one. Nodes of the version before use it
 * while they are replaced one by one, so an entry only adds tables, and columns with a default; what
 * nothing uses any more goes with the next minor version. On both databases `INTEGER` is a whole number
 * of 64 bits, `SERIAL` one that counts up by itself, and `BYTEA` bytes.
 */
export const MIGRATIONS: readonly (readonly Step[])[] = [
  ...BASE,
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
      width INTEGER, height INTEGER,
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
  // Whom an open report counts for; empty where an older version kept it, and once it is settled.
  [
    `ALTER TABLE reports ADD COLUMN source TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE files ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0`,
  ],
  // Checksums of rows, on SQLite alone: PostgreSQL has its own, of pages. Whoever changes a row and
  // not its checksum takes it away.
  [
    `ALTER TABLE events ADD COLUMN sum INTEGER`,
    {
      only: "sqlite",
      sql: `CREATE TRIGGER events_unsummed AFTER UPDATE OF text, body ON events
        WHEN NEW.sum IS NOT NULL AND NEW.sum IS OLD.sum
        BEGIN UPDATE events SET sum = NULL WHERE position = NEW.position; END`,
    },
  ],
  [...INBOX_TABLES, { only: "postgres", sql: APPEND_MESSAGES }],
  INBOX_SETTINGS,
  // What a bot's token allows, separated by spaces: a token is a session of the bot's account with
  // `scopes`. Where it has no `rooms`, it is good for all of them.
  [
    `ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE sessions ADD COLUMN rooms TEXT NOT NULL DEFAULT ''`,
  ],
  // What handlers keep; the value is JSON.
  [
    `CREATE TABLE handler_values (
      handler TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (handler, key)
    )`,
  ],
];
