import { APPEND_MESSAGES } from "../database/append-messages.ts";
import { BASE, type Step } from "./base.ts";
import { INBOX_SETTINGS, INBOX_TABLES } from "./inbox.ts";

/**
 * The schema's history. Never change a released entry; add one. Nodes of the previous version use
 * the new schema while they are replaced, so an entry only adds tables, and columns with a default;
 * what nothing uses any more is removed in the next minor version. On both databases `INTEGER` is a
 * 64-bit integer, `SERIAL` an auto-increment one, and `BYTEA` bytes.
 */
export const MIGRATIONS: readonly (readonly Step[])[] = [
  ...BASE,
  // The search index, and its progress in each room. Both can be rebuilt from the log.
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
  // The skeleton keys of owned names; filled by `rebuildSkeletonKeys`.
  [
    `CREATE TABLE looks (look TEXT PRIMARY KEY, person TEXT NOT NULL)`,
    `CREATE INDEX looks_of_person ON looks (person)`,
  ],
  [`CREATE INDEX sessions_seen ON sessions (seen_at)`],
  // By the room's name, since files are uploaded before a room's first message. For `state` see
  // `openFiles`.
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
    // The contents of files on PostgreSQL, and in a backup. Beside SQLite they are in a folder.
    `CREATE TABLE file_chunks (
      file TEXT NOT NULL, part INTEGER NOT NULL, bytes BYTEA NOT NULL, PRIMARY KEY (file, part)
    )`,
  ],
  // Terms of the search index begin with their room, so the index is rebuilt from the log. On
  // PostgreSQL its rows are replaced one by one; `search_heads` is removed in the next minor
  // version.
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
  // The subjects whose rights an entry changed, separated by spaces, for nodes that missed the
  // signal.
  [`ALTER TABLE audit ADD COLUMN subjects TEXT NOT NULL DEFAULT ''`],
  // The role of a sanction's author in its room; empty if an older version did not record it.
  [`ALTER TABLE sanctions ADD COLUMN by_role TEXT NOT NULL DEFAULT ''`],
  // With a copy of the words, so that FTS5 can remove those of an erased message from every page;
  // otherwise it would only mark them as deleted. The index is rebuilt from the log.
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
  // The function takes a message's room from the row it has locked, and rooms are never deleted.
  // Checking this for each message would be a quarter of the cost of storing it.
  [
    { only: "postgres", sql: APPEND_MESSAGES },
    { only: "postgres", sql: `ALTER TABLE events DROP CONSTRAINT events_room_fkey` },
  ],
  // Names held in rooms by nodes for their people; see `openNameLeases`.
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
  // The source an open report counts for; empty if an older version stored the report, and once it
  // is settled.
  [
    `ALTER TABLE reports ADD COLUMN source TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE files ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0`,
  ],
  // Checksums of rows, on SQLite only, since PostgreSQL has checksums of pages. Changing a row
  // without its checksum removes the checksum.
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
  // `scopes`. Without `rooms` it is valid in all of them.
  [
    `ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT ''`,
    `ALTER TABLE sessions ADD COLUMN rooms TEXT NOT NULL DEFAULT ''`,
  ],
  // Values stored by handlers, as JSON.
  [
    `CREATE TABLE handler_values (
      handler TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (handler, key)
    )`,
  ],
  // What is to be sent out of the program; see `Deliveries`.
  [
    `CREATE TABLE deliveries (
      id SERIAL PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, topic TEXT NOT NULL,
      payload TEXT NOT NULL, at INTEGER NOT NULL, due_at INTEGER NOT NULL,
      attempts INTEGER NOT NULL, claim TEXT NOT NULL, claimed_until INTEGER NOT NULL
    )`,
    `CREATE INDEX deliveries_target ON deliveries (target, id)`,
    `CREATE INDEX deliveries_due ON deliveries (due_at)`,
  ],
  // Browsers that show notices; messages of private talks are pending mentions too.
  [
    `CREATE TABLE push_subscriptions (
      id TEXT PRIMARY KEY, person TEXT NOT NULL, session TEXT NOT NULL, network TEXT NOT NULL,
      endpoint TEXT NOT NULL, p256dh TEXT NOT NULL, auth TEXT NOT NULL,
      shows_text INTEGER NOT NULL, at INTEGER NOT NULL
    )`,
    `CREATE INDEX push_subscriptions_person ON push_subscriptions (person)`,
    { only: "postgres", sql: APPEND_MESSAGES },
  ],
  // Addresses that are told of a room's messages; `seq`: up to which they were.
  [
    `CREATE TABLE webhooks (
      id TEXT PRIMARY KEY, room TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,
      triggered_by TEXT NOT NULL, word TEXT NOT NULL, secret TEXT NOT NULL,
      by_id TEXT NOT NULL, by_name TEXT NOT NULL, at INTEGER NOT NULL,
      seq INTEGER NOT NULL, failing_since INTEGER NOT NULL, is_on INTEGER NOT NULL
    )`,
    `CREATE INDEX webhooks_room ON webhooks (room)`,
  ],
];
