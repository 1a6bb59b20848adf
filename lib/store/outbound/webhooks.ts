import {
  TRIGGERS,
  type Webhook,
  WEBHOOK_LIMIT,
  type Webhooks,
} from "../../model/outbound/webhook.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";

const COLUMNS = [
  ...["id", "room", "name", "url", "triggered_by", "word", "secret", "by_id", "by_name", "at"],
  ...["seq", "failing_since", "is_on"],
] as const;
const SELECT = `SELECT ${COLUMNS.join(", ")} FROM webhooks`;

/** The webhooks that rooms have. */
export function openWebhooks(db: Database): Webhooks {
  return {
    add: (hook) =>
      db.transaction(async (tx) => {
        const [row] = await tx.all(`SELECT COUNT(*) AS count FROM webhooks WHERE room = ?1`, [
          hook.room,
        ]);
        if (asNumber(row?.["count"]) >= WEBHOOK_LIMIT) return false;
        const { id, room, name, url, trigger, word, secret, by, at, seq } = hook;
        const values = [id, room, name, url, trigger, word, secret, by.id, by.name, at, seq, 0, 1];
        return (await tx.insert("webhooks", COLUMNS, [values])) === 1;
      }),
    async list(room) {
      const rows = await db.all(`${SELECT} WHERE room = ?1 ORDER BY at, id`, [room]);
      return rows.map(toWebhook);
    },
    async find(id) {
      const [row] = await db.all(`${SELECT} WHERE id = ?1`, [id]);
      return row ? toWebhook(row) : null;
    },
    remove: (room, id) =>
      db.transaction(async (tx) => {
        const sql = `DELETE FROM webhooks WHERE room = ?1 AND id = ?2 RETURNING id`;
        return (await tx.all(sql, [room, id])).length > 0;
      }),
    async behind() {
      const rows = await db.all(
        `SELECT w.id FROM webhooks w JOIN rooms r ON r.name = w.room
          WHERE w.is_on = 1 AND r.seq > w.seq ORDER BY w.id`,
      );
      return rows.map((row) => asText(row["id"]));
    },
    advance: (id, seq) =>
      db.transaction(async (tx) => {
        await tx.all(`UPDATE webhooks SET seq = ?2, failing_since = 0 WHERE id = ?1 AND seq < ?2`, [
          id,
          seq,
        ]);
      }),
    mark: (id, { failingSince, isOn }) =>
      db.transaction(async (tx) => {
        await tx.all(`UPDATE webhooks SET failing_since = ?2, is_on = ?3 WHERE id = ?1`, [
          id,
          failingSince,
          isOn ? 1 : 0,
        ]);
      }),
  };
}

function toWebhook(row: Row): Webhook {
  return {
    id: asText(row["id"]),
    room: asText(row["room"]),
    name: asText(row["name"]),
    url: asText(row["url"]),
    trigger: TRIGGERS.find((each) => each === row["triggered_by"]) ?? "message",
    word: asText(row["word"]),
    secret: asText(row["secret"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    at: asNumber(row["at"]),
    seq: asNumber(row["seq"]),
    failingSince: asNumber(row["failing_since"]),
    isOn: asNumber(row["is_on"]) === 1,
  };
}
