import type { RedisClient } from "bun";
import type { Broker } from "../model/wire/broker.ts";
import type { Observer } from "../model/base/observer.ts";
import type { Link, LinkEvents, Payload } from "./link.ts";
import { networkBroker } from "./network.ts";
import { withTimeout } from "./timeout.ts";

/** Far below Redis's limit, so that one payload does not delay the others. */
const PAYLOAD_LIMIT = 256 * 1024;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;
const TIME_LIMIT_MS = 5_000;
const PULSE_MS = 10_000;
/** Channels in one SUBSCRIBE. */
const SUBSCRIBE_LIMIT = 500;

/**
 * A broker on publish and subscribe of Redis 6 or later. Uses two connections. `prefix` separates
 * chats that share a server. For a cluster with sharded channels use `shardedBroker`.
 */
export function redisBroker(url: string, prefix: string, observer: Pick<Observer, "log">): Broker {
  return networkBroker((events) => new RedisLink(url, prefix, events), observer);
}

/** A listening connection, and the rooms it is subscribed to. */
interface Listener {
  readonly client: RedisClient;
  readonly rooms: Set<string>;
}

/**
 * Bun's client reconnects by itself but does not subscribe again, so every listening connection is
 * a new client.
 */
class RedisLink implements Link {
  readonly payloadLimit = PAYLOAD_LIMIT;
  readonly #rooms = new Set<string>();
  readonly #pulse: Timer;
  #publisher: RedisClient;
  #listener: Promise<Listener>;
  #closed = false;

  constructor(
    readonly url: string,
    readonly prefix: string,
    readonly events: LinkEvents,
  ) {
    this.#publisher = this.#client();
    this.#listener = this.#listen();
    this.#pulse = setInterval(() => void this.#check(), PULSE_MS);
    this.#pulse.unref();
  }

  async listen(room: string): Promise<void> {
    this.#rooms.add(room);
    const listener = await this.#listener;
    await this.#subscribe(listener, [room]);
  }

  async unlisten(room: string): Promise<void> {
    this.#rooms.delete(room);
    const { client, rooms } = await this.#listener;
    if (rooms.delete(room)) await client.unsubscribe(this.prefix + room);
  }

  async send(payloads: readonly Payload[]): Promise<void> {
    try {
      if (!this.#publisher.connected) await this.#publisher.connect();
      const sent = payloads.map(({ room, text }) =>
        this.#publisher.publish(this.prefix + room, text),
      );
      await withTimeout(TIME_LIMIT_MS, Promise.all(sent));
    } catch (fault) {
      this.#publisher.close();
      if (!this.#closed) this.#publisher = this.#client();
      throw fault;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#pulse);
    this.#publisher.close();
    const listener = await Promise.race([this.#listener, Bun.sleep(100)]);
    listener?.client.close();
  }

  #client(): RedisClient {
    return new Bun.RedisClient(this.url, {
      connectionTimeout: TIME_LIMIT_MS,
      enableOfflineQueue: false,
      autoReconnect: false,
    });
  }

  /** Connects, retrying without limit, and subscribes to every room. */
  async #listen(): Promise<Listener> {
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      const client = this.#client();
      const listener = { client, rooms: new Set<string>() };
      try {
        await client.connect();
        await this.#subscribe(listener, [...this.#rooms]);
        client.onclose = () => this.#again();
        return listener;
      } catch {
        client.close();
        await Bun.sleep(wait * (0.5 + Math.random()));
        if (this.#closed) return listener;
      }
    }
  }

  #again(): void {
    if (this.#closed) return;
    this.#listener = this.#listen();
    void this.#listener.then(() => this.#closed || this.events.lost());
  }

  /** Each room once: a second subscription would receive everything twice. */
  async #subscribe({ client, rooms }: Listener, names: readonly string[]): Promise<void> {
    const fresh = names.filter((room) => !rooms.has(room));
    for (let at = 0; at < fresh.length; at += SUBSCRIBE_LIMIT) {
      const some = fresh.slice(at, at + SUBSCRIBE_LIMIT);
      const channels = some.map((room) => this.prefix + room);
      const subscribed = client.subscribe(channels, (text) => this.events.receive(text));
      await withTimeout(TIME_LIMIT_MS, subscribed);
      for (const room of some) rooms.add(room);
    }
  }

  /** Detects a connection that is dead but was not closed. */
  async #check(): Promise<void> {
    const { client } = await this.#listener;
    try {
      await withTimeout(TIME_LIMIT_MS, client.ping());
    } catch {
      client.close();
    }
  }
}
