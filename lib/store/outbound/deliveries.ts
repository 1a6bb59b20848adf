import type { Deliveries, Delivery, NewDelivery } from "../../model/outbound/delivery.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";

const COLUMNS = [
  "kind",
  "target",
  "topic",
  "payload",
  "at",
  "due_at",
  "attempts",
  "claim",
  "claimed_until",
] as const;

/** No older delivery of the same target waits. */
const IS_FIRST = `NOT EXISTS
  (SELECT 1 FROM deliveries e WHERE e.target = d.target AND e.id < d.id)`;

/** The queue of what is to be sent out. */
export function openDeliveries(db: Database): Deliveries {
  return {
    add: (deliveries) => db.transaction((tx) => addDeliveries(tx, deliveries)),
    claim: (claim, now, until, limit) =>
      db.transaction(async (tx) => {
        // PostgreSQL checks the last condition again once it has locked the row.
        const rows = await tx.all(
          `UPDATE deliveries SET claim = ?1, claimed_until = ?2
            WHERE id IN (SELECT d.id FROM deliveries d
              WHERE d.due_at <= ?3 AND d.claimed_until <= ?3 AND ${IS_FIRST}
              ORDER BY d.due_at, d.id LIMIT ?4) AND claimed_until <= ?3
            RETURNING id, kind, target, topic, payload, at, attempts, claim`,
          [claim, until, now, limit],
        );
        return rows.map(toDelivery);
      }),
    finish: ({ id, claim }) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM deliveries WHERE id = ?1 AND claim = ?2`, [id, claim]);
      }),
    postpone: ({ id, claim }, dueAt) =>
      db.transaction(async (tx) => {
        await tx.all(
          `UPDATE deliveries SET due_at = ?3, attempts = attempts + 1, claim = '', claimed_until = 0
            WHERE id = ?1 AND claim = ?2`,
          [id, claim, dueAt],
        );
      }),
    async nextAt() {
      const [row] = await db.all(
        `SELECT MIN(CASE WHEN d.claimed_until > d.due_at THEN d.claimed_until ELSE d.due_at END)
          AS at FROM deliveries d WHERE ${IS_FIRST}`,
      );
      return row?.["at"] == null ? null : asNumber(row["at"]);
    },
  };
}

/** Adds them in a transaction with what they tell of, so that either both are stored or none. */
export async function addDeliveries(
  tx: Queries,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  for (const { kind, target, topic, payload, at, dueAt } of deliveries) {
    const replaced = await tx.all(
      `UPDATE deliveries SET payload = ?4, at = ?5
        WHERE kind = ?1 AND target = ?2 AND topic = ?3 AND topic <> '' AND claim = '' RETURNING id`,
      [kind, target, topic, payload, at],
    );
    if (replaced.length > 0) continue;
    await tx.insert("deliveries", COLUMNS, [[kind, target, topic, payload, at, dueAt, 0, "", 0]]);
  }
}

function toDelivery(row: Row): Delivery {
  return {
    id: asNumber(row["id"]),
    kind: asText(row["kind"]),
    target: asText(row["target"]),
    topic: asText(row["topic"]),
    payload: asText(row["payload"]),
    at: asNumber(row["at"]),
    attempts: asNumber(row["attempts"]),
    claim: asText(row["claim"]),
  };
}
