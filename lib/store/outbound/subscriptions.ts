import {
  type PushCall,
  type PushSubscription,
  type PushSubscriptions,
  SUBSCRIPTION_LIMIT,
} from "../../model/outbound/push.ts";
import type { NewDelivery } from "../../model/outbound/delivery.ts";
import {
  asNumber,
  asText,
  type Database,
  type Queries,
  type Row,
  TEXTS,
} from "../database/database.ts";
import { addDeliveries } from "./deliveries.ts";

/** Someone who looks at the message meanwhile, on any device, is not told of it. */
const PAUSE_MS = 3_000;

const COLUMNS = [
  ...["id", "person", "session", "network", "endpoint", "p256dh", "auth", "shows_text", "at"],
] as const;

/** The browsers that show notices. */
export function openPushSubscriptions(db: Database): PushSubscriptions {
  return {
    add: ({ id, person, session, network, endpoint, p256dh, auth, showsText, at }) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM push_subscriptions WHERE id = ?1`, [id]);
        const row = [id, person, session ?? "", network, endpoint, p256dh, auth];
        await tx.insert("push_subscriptions", COLUMNS, [[...row, showsText ? 1 : 0, at]]);
        await tx.all(
          `DELETE FROM push_subscriptions WHERE person = ?1 AND id NOT IN (SELECT id
            FROM push_subscriptions WHERE person = ?1 ORDER BY at DESC, id LIMIT ?2)`,
          [person, SUBSCRIPTION_LIMIT],
        );
      }),
    async find(id) {
      const [row] = await db.all(
        `SELECT ${COLUMNS.join(", ")} FROM push_subscriptions WHERE id = ?1`,
        [id],
      );
      return row ? toSubscription(row) : null;
    },
    remove: (id, person) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM push_subscriptions WHERE id = ?1 AND (person = ?2 OR ?3 = 1)`, [
          id,
          person ?? "",
          person === null ? 1 : 0,
        ]);
      }),
  };
}

/** Someone to be told of a message on all their browsers. */
export interface Called extends PushCall {
  readonly person: string;
  /** When it was said. */
  readonly at: number;
}

/** Queues notices in the transaction that puts the messages into inboxes. */
export async function addPushes(tx: Queries, called: readonly Called[]): Promise<void> {
  if (called.length === 0) return;
  const rows = await tx.all(
    `SELECT id, person FROM push_subscriptions WHERE person IN (${TEXTS[tx.kind]}) ORDER BY id`,
    [JSON.stringify(called.map(({ person }) => person))],
  );
  const deliveries = rows.flatMap((row): NewDelivery[] => {
    const target = asText(row["id"]);
    return called
      .filter(({ person }) => person === row["person"])
      .map(({ room, seq, at }) => ({
        ...{ kind: "push", target, topic: room, payload: JSON.stringify({ room, seq }) },
        ...{ at, dueAt: at + PAUSE_MS },
      }));
  });
  await addDeliveries(tx, deliveries);
}

function toSubscription(row: Row): PushSubscription {
  const session = asText(row["session"]);
  return {
    id: asText(row["id"]),
    person: asText(row["person"]),
    session: session === "" ? null : session,
    network: asText(row["network"]),
    endpoint: asText(row["endpoint"]),
    p256dh: asText(row["p256dh"]),
    auth: asText(row["auth"]),
    showsText: asNumber(row["shows_text"]) === 1,
    at: asNumber(row["at"]),
  };
}
