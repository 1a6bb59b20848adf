/**
 * Inboxes. `called` is the person's name in the room in lower case, by which mentions are found.
 * Items refer to a message by its room's name and `seq`; `pending_mentions` by its room's id.
 * People admitted to a room before there were inboxes follow it, without unread messages; their
 * `seen_at` is 0.
 */
export const INBOX_TABLES: readonly string[] = [
  `CREATE TABLE inboxes (
    person TEXT PRIMARY KEY, version INTEGER NOT NULL, seen_at INTEGER NOT NULL
  )`,
  `CREATE INDEX inboxes_seen ON inboxes (seen_at)`,
  `CREATE TABLE inbox_rooms (
    person TEXT NOT NULL, room TEXT NOT NULL, name TEXT NOT NULL, called TEXT NOT NULL,
    read_seq INTEGER NOT NULL, level TEXT NOT NULL, quiet_until INTEGER NOT NULL,
    followed INTEGER NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (person, room)
  )`,
  `CREATE INDEX inbox_rooms_called ON inbox_rooms (room, called)`,
  `CREATE TABLE inbox_items (
    person TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, room TEXT NOT NULL,
    seq INTEGER NOT NULL, author TEXT NOT NULL, author_name TEXT NOT NULL, at INTEGER NOT NULL,
    done INTEGER NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (person, id)
  )`,
  `CREATE INDEX inbox_items_room ON inbox_items (person, room, seq)`,
  `CREATE TABLE pending_mentions (
    room INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (room, seq)
  )`,
  `INSERT INTO inboxes (person, version, seen_at)
    SELECT DISTINCT person, 1, 0 FROM room_members`,
  `INSERT INTO inbox_rooms
      (person, room, name, called, read_seq, level, quiet_until, followed, version)
    SELECT m.person, m.room, m.name, lower(m.name), COALESCE(r.seq, 0), '', 0, 1, 1
      FROM room_members m LEFT JOIN rooms r ON r.name = m.room`,
];

/** Who may begin a private talk with a person, and whom that person has blocked. */
export const INBOX_SETTINGS: readonly string[] = [
  `ALTER TABLE inboxes ADD COLUMN writers TEXT NOT NULL DEFAULT 'everyone'`,
  `ALTER TABLE inboxes ADD COLUMN settings_version INTEGER NOT NULL DEFAULT 0`,
  `CREATE TABLE blocks (
    person TEXT NOT NULL, blocked TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (person, blocked)
  )`,
  `CREATE INDEX blocks_blocked ON blocks (blocked)`,
];
