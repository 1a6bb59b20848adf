import { SQL } from "bun";
import type { Broker } from "../model/broker.ts";
import type { Observer } from "../model/observer.ts";
import type { Link, LinkEvents } from "./link.ts";
import { networkBroker } from "./network.ts";

/** PostgreSQL takes payloads below 8,000 bytes. */
const PAYLOAD_LIMIT = 7_900;
/** Notifications in one statement. */
const STATEMENT_LIMIT = 500;
/** Every channel reports by itself that it is listened to again. */
const LOST_QUIET_MS = 50;

/**
 * LISTEN and NOTIFY: no further server to run. Two connections a node, one that listens and one
 * that notifies. A NOTIFY takes a lock of the whole database while it commits, so it has a
 * transaction of its own which does not wait for the disk (`synchronous_commit=off`): it carries no
 * truth that could be lost with it.
 */
export function postgresBroker(url: string, chat: string, observer: Pick<Observer, "log">): Broker {
  return networkBroker((events) => postgresLink(url, chat, events), observer);
}

function postgresLink(url: string, chat: string, events: LinkEvents): Link {
  const sql = new SQL(url, {
    max: 1,
    connectionTimeout: 5,
    connection: {
      application_name: "chatroom broker",
      synchronous_commit: "off",
      idle_session_timeout: 0,
      statement_timeout: 5_000,
    },
  });
  const subscriptions = new Map<string, { unlisten(): Promise<void> }>();
  let quiet: Timer | null = null;
  const lost = () => {
    if (quiet) return;
    quiet = setTimeout(() => {
      quiet = null;
      events.lost();
    }, LOST_QUIET_MS);
  };
  return {
    payloadLimit: PAYLOAD_LIMIT,
    async listen(room) {
      let first = true;
      const subscription = await sql.listen(
        channelOf(chat, room),
        (text) => events.receive(text),
        () => {
          if (!first) lost();
          first = false;
        },
      );
      subscriptions.set(room, subscription);
    },
    async unlisten(room) {
      const subscription = subscriptions.get(room);
      subscriptions.delete(room);
      await subscription?.unlisten();
    },
    async send(payloads) {
      for (let at = 0; at < payloads.length; at += STATEMENT_LIMIT) {
        const some = payloads.slice(at, at + STATEMENT_LIMIT);
        const channels = sql.array(
          some.map(({ room }) => channelOf(chat, room)),
          "TEXT",
        );
        const texts = sql.array(
          some.map(({ text }) => text),
          "TEXT",
        );
        await sql`SELECT pg_notify(channel, payload)
          FROM unnest(${channels}::text[], ${texts}::text[]) AS parcel (channel, payload)`;
      }
    },
    async close() {
      if (quiet) clearTimeout(quiet);
      await sql.close({ timeout: 1 });
    },
  };
}

/** Any room's name as an identifier of at most 63 bytes; chats that share a database have their own. */
function channelOf(chat: string, room: string): string {
  const hash = new Bun.CryptoHasher("sha256").update(`${chat}:${room}`).digest("hex");
  return `chatroom_${hash.slice(0, 40)}`;
}
