import type { SQL } from "bun";
import type { Broker } from "../model/wire/broker.ts";
import type { Observer } from "../model/base/observer.ts";
import type { Link, LinkEvents, Payload } from "./link.ts";
import { networkBroker } from "./network.ts";
import { TimeoutError, withTimeout } from "./timeout.ts";

/** PostgreSQL accepts payloads below 8,000 bytes. */
const PAYLOAD_LIMIT = 7_900;
/** Notifications in one statement. */
const STATEMENT_LIMIT = 500;
const QUIET_MS = 50;
const TIME_LIMIT_MS = 5_000;
const RETRY_MS = 1_000;
const PULSE_MS = 10_000;

/**
 * A broker on LISTEN and NOTIFY, without a further server. Uses two connections, one that listens
 * and one that notifies. A NOTIFY locks the whole database while it commits, so it has a
 * transaction of its own that does not wait for the disk (`synchronous_commit=off`); nothing
 * depends on its durability.
 */
export function postgresBroker(
  url: string,
  chat: string,
  observer: Pick<Observer, "log">,
  pulseMs = PULSE_MS,
): Broker {
  return networkBroker((events) => new PostgresLink(url, chat, events, pulseMs), observer);
}

interface Subscription {
  unlisten(): Promise<void>;
}

/**
 * Bun reconnects and listens again if a connection is closed. One that is cut silently (by a
 * firewall that forgets it) would receive nothing for minutes; so every ten seconds a node notifies
 * itself, and opens new connections if that does not arrive.
 */
class PostgresLink implements Link {
  readonly payloadLimit = PAYLOAD_LIMIT;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #wanted = new Set<string>();
  readonly #timer: Timer;
  /** Not a room's name: nobody else notifies there. */
  readonly #pulse = `pulse:${crypto.randomUUID()}`;
  #beat: () => void = () => undefined;
  #sql: SQL;
  #quiet: Timer | null = null;
  #renewing = false;
  #closed = false;

  constructor(
    readonly url: string,
    readonly chat: string,
    readonly events: LinkEvents,
    pulseMs: number,
  ) {
    this.#sql = connect(url);
    this.#timer = setInterval(() => void this.#check(), pulseMs);
    this.#timer.unref();
  }

  async listen(room: string): Promise<void> {
    this.#wanted.add(room);
    const sql = this.#sql;
    let first = true;
    const subscription = await sql.listen(
      channelOf(this.chat, room),
      (text) => (room === this.#pulse ? this.#beat() : this.events.receive(text)),
      () => {
        if (!first) this.#lost();
        first = false;
      },
    );
    if (sql !== this.#sql) throw new Error("the connection was given up meanwhile");
    this.#subscriptions.set(room, subscription);
  }

  async unlisten(room: string): Promise<void> {
    this.#wanted.delete(room);
    const subscription = this.#subscriptions.get(room);
    this.#subscriptions.delete(room);
    await subscription?.unlisten();
  }

  async send(payloads: readonly Payload[]): Promise<void> {
    try {
      for (let at = 0; at < payloads.length; at += STATEMENT_LIMIT) {
        await withTimeout(TIME_LIMIT_MS, this.#notify(payloads.slice(at, at + STATEMENT_LIMIT)));
      }
    } catch (fault) {
      if (fault instanceof TimeoutError) void this.#renew();
      throw fault;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    if (this.#quiet) clearTimeout(this.#quiet);
    await this.#sql.close({ timeout: 1 });
  }

  async #notify(payloads: readonly Payload[]): Promise<void> {
    const sql = this.#sql;
    const names = payloads.map(({ room }) => channelOf(this.chat, room));
    const channels = sql.array(names, "TEXT");
    const texts = sql.array(
      payloads.map(({ text }) => text),
      "TEXT",
    );
    await sql`SELECT pg_notify(channel, payload)
      FROM unnest(${channels}::text[], ${texts}::text[]) AS parcel (channel, payload)`;
  }

  async #check(): Promise<void> {
    if (this.#renewing || this.#closed || this.#wanted.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#beat = resolve;
    const ask = async () => {
      if (!this.#subscriptions.has(this.#pulse)) await this.listen(this.#pulse);
      await this.#notify([{ room: this.#pulse, text: "" }]);
      await promise;
    };
    try {
      await withTimeout(TIME_LIMIT_MS, ask());
    } catch (fault) {
      // Refused and closed connections are detected and reopened without this.
      if (fault instanceof TimeoutError) await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    if (this.#renewing || this.#closed) return;
    this.#renewing = true;
    const old = this.#sql;
    this.#sql = connect(this.url);
    this.#subscriptions.clear();
    old.close({ timeout: 0 }).catch(() => undefined);
    while (!this.#closed) {
      const missing = [...this.#wanted].filter((room) => !this.#subscriptions.has(room));
      const heard = await Promise.allSettled(missing.map((room) => this.listen(room)));
      if (heard.every(({ status }) => status === "fulfilled")) break;
      await Bun.sleep(RETRY_MS);
    }
    this.#renewing = false;
    if (!this.#closed) this.events.lost();
  }

  /** Each channel reports by itself that it is listening again. */
  #lost(): void {
    this.#quiet ??= setTimeout(() => {
      this.#quiet = null;
      this.events.lost();
    }, QUIET_MS);
  }
}

function connect(url: string): SQL {
  return new Bun.SQL(url, {
    max: 1,
    connectionTimeout: 5,
    connection: {
      application_name: "chatroom broker",
      synchronous_commit: "off",
      idle_session_timeout: 0,
      statement_timeout: TIME_LIMIT_MS,
    },
  });
}

/**
 * A room's channel: an identifier of at most 63 bytes, different for chats that share a database.
 */
function channelOf(chat: string, room: string): string {
  const hash = new Bun.CryptoHasher("sha256").update(`${chat}:${room}`).digest("hex");
  return `chatroom_${hash.slice(0, 40)}`;
}
