/**
 * Appends messages to PostgreSQL's log in one statement: locks their rooms in the order of their
 * names, creates those that do not exist, numbers the messages and inserts them. `opened` is JSON
 * `[{name, at}]`, `drafts` is `[{place, room, at, author, name, id, text, body?, reply?}]`, without
 * a repeated id of an author in a room. Returns a row for each stored message, with its `seq`, and
 * one for each whose id was taken, with that event as JSON in `stored`; none for a reply to a
 * missing message.
 *
 * Messages that may mention someone are queued for the search for mentions.
 *
 * Each statement in it sees what was committed before the statement began: the third sees what
 * others committed until the rooms were locked. Events are looked up one at a time (`LIMIT 1`, not
 * a join) through their unique indexes, because the planner keeps its plan while a table grows from
 * nothing to millions of rows.
 */
export const APPEND_MESSAGES = `CREATE OR REPLACE FUNCTION append_messages(opened JSON, drafts JSON)
RETURNS TABLE (place BIGINT, seq BIGINT, stored TEXT) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO rooms (name, seq, created_at)
    SELECT o.name, 0, o.at FROM json_to_recordset(opened) AS o(name TEXT, at BIGINT)
    WHERE NOT EXISTS (SELECT FROM rooms r WHERE r.name = o.name)
    ORDER BY o.name ON CONFLICT DO NOTHING;
  PERFORM r.id FROM json_to_recordset(opened) AS o(name TEXT) JOIN rooms r ON r.name = o.name
    ORDER BY r.name FOR UPDATE OF r;
  RETURN QUERY WITH draft AS MATERIALIZED (
    SELECT d.*, r.id AS room_id, r.seq AS head, e.seq AS taken
    FROM json_to_recordset(drafts) AS d(place BIGINT, room TEXT, at BIGINT, author TEXT, name TEXT,
      id TEXT, text TEXT, body TEXT, reply BIGINT)
    JOIN rooms r ON r.name = d.room
    LEFT JOIN LATERAL (SELECT o.seq FROM events o
      WHERE o.room = r.id AND o.author = d.author AND o.id = d.id LIMIT 1) e ON true
  ), fresh AS MATERIALIZED (
    SELECT d.*, d.head + row_number() OVER (PARTITION BY d.room_id ORDER BY d.place) AS seq
    FROM draft d WHERE d.taken IS NULL AND (d.reply IS NULL OR EXISTS (
      SELECT FROM events t WHERE t.room = d.room_id AND t.seq = d.reply AND t.type = 'message'
        AND COALESCE(t.body, '') <> '{"deleted":true}'))
  ), inserted AS (
    INSERT INTO events (room, seq, type, at, author, name, id, text, body)
    SELECT f.room_id, f.seq, 'message', f.at, f.author, f.name, f.id, f.text, f.body
    FROM fresh f ORDER BY f.place
  ), calling AS (
    INSERT INTO pending_mentions (room, seq)
    SELECT f.room_id, f.seq FROM fresh f WHERE position('@' IN f.text) > 0 OR f.room LIKE 'direct-%'
  ), grown AS (
    UPDATE rooms SET seq = g.last
    FROM (SELECT f.room_id, max(f.seq) AS last FROM fresh f GROUP BY f.room_id) g
    WHERE rooms.id = g.room_id
  )
  SELECT f.place, f.seq, NULL FROM fresh f
  UNION ALL
  SELECT d.place, NULL,
    (SELECT row_to_json(o)::TEXT FROM events o WHERE o.room = d.room_id AND o.seq = d.taken)
    FROM draft d WHERE d.taken IS NOT NULL;
END $$`;
