import type { Broker } from "../model/wire/broker.ts";
import type { Observer } from "../model/base/observer.ts";
import { type Login, readRedisUrl, RespConnection } from "./connection.ts";
import type { Link, LinkEvents, Payload } from "./link.ts";
import { networkBroker } from "./network.ts";
import { type Reply, RespError } from "./resp.ts";
import { type Address, masterOf, readSlots, type SlotRange, slotOf } from "./slots.ts";

/** The same as without a cluster. */
const PAYLOAD_LIMIT = 256 * 1024;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;
/** How long a server is left alone after a failed connection. */
const REST_MS = 1_000;

/**
 * A broker on sharded publish and subscribe of a Redis Cluster, 7 or later: a message passes only
 * through the master of its room's slot. Uses one connection to each master of our rooms, for both
 * directions, because Bun's own client does not deliver what `SSUBSCRIBE` receives.
 */
export function shardedBroker(
  url: string,
  prefix: string,
  observer: Pick<Observer, "log">,
): Broker {
  const redis = readRedisUrl(url);
  if (!redis) throw new Error("--broker must be redis://host:port");
  const { address, login } = redis;
  return networkBroker((events) => new ShardedLink(address, login, prefix, events), observer);
}

class ShardedLink implements Link {
  readonly payloadLimit = PAYLOAD_LIMIT;
  readonly #rooms = new Set<string>();
  /** The connection each room is subscribed on. */
  readonly #heard = new Map<string, RespConnection>();
  /** By `host:port`. */
  readonly #connections = new Map<string, Promise<RespConnection>>();
  /** Servers that failed, with the time before which they are not retried. */
  readonly #away = new Map<string, number>();
  /** Servers that may know the masters: the last known ones, and the first. */
  #known = new Map<string, Address>();
  #topology: Promise<SlotRange[]> | null = null;
  #repairing = false;
  #closed = false;

  constructor(
    readonly seed: Address,
    readonly login: Login,
    readonly prefix: string,
    readonly events: LinkEvents,
  ) {
    this.#known.set(nameOf(seed), seed);
  }

  async listen(room: string): Promise<void> {
    this.#rooms.add(room);
    await this.#subscribe(room);
  }

  async unlisten(room: string): Promise<void> {
    this.#rooms.delete(room);
    const connection = this.#heard.get(room);
    this.#heard.delete(room);
    if (connection?.isOpen) await connection.call("SUNSUBSCRIBE", this.prefix + room);
  }

  async send(payloads: readonly Payload[]): Promise<void> {
    // In parallel, so that a shard that is away does not delay the others.
    const sent = await Promise.allSettled(
      payloads.map(({ room, text }) => this.#publish(this.prefix + room, text)),
    );
    const fault = sent.find(({ status }) => status === "rejected");
    if (fault?.status === "rejected") throw fault.reason;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#connections.values()];
    this.#connections.clear();
    for (const connection of all) {
      connection.then(
        (open) => open.close(),
        () => undefined,
      );
    }
  }

  async #publish(channel: string, text: string): Promise<void> {
    const master = await this.#masterOf(channel);
    if (this.#away.has(nameOf(master))) {
      // In the background, for the next attempt; another server may have replaced it.
      this.#connect(master).catch(() => (this.#topology = null));
      throw new Error(`${nameOf(master)} is away`);
    }
    await this.#call(master, "SPUBLISH", channel, text);
  }

  async #subscribe(room: string): Promise<void> {
    if (this.#heard.get(room)?.isOpen) return;
    const channel = this.prefix + room;
    const connection = await this.#call(await this.#masterOf(channel), "SSUBSCRIBE", channel);
    if (!connection.isOpen) throw new Error("the connection to Redis has ended");
    if (this.#rooms.has(room)) this.#heard.set(room, connection);
    else await connection.call("SUNSUBSCRIBE", channel);
  }

  async #masterOf(channel: string): Promise<Address> {
    try {
      const master = masterOf(await (this.#topology ??= this.#ask()), slotOf(channel));
      if (master) return master;
      throw new Error("the slot of a room has no master");
    } catch (fault) {
      this.#topology = null;
      throw fault;
    }
  }

  /** Resolves to the connection that answered the command. */
  async #call(master: Address, ...command: readonly string[]): Promise<RespConnection> {
    try {
      const connection = await this.#connect(master);
      await connection.call(...command);
      return connection;
    } catch (fault) {
      // Whatever the failure was, another server may be the master now.
      this.#topology = null;
      // The server that redirects knows the new master; the others may not yet.
      if (fault instanceof RespError && fault.code === "MOVED") this.#learn(fault.message);
      throw fault;
    }
  }

  #learn(moved: string): void {
    const [, host, port] = /^MOVED \d+ (.+):(\d+)$/.exec(moved) ?? [];
    if (host === undefined) return;
    const address = { host, port: Number(port) };
    this.#known.set(nameOf(address), address);
  }

  /** The masters, according to the first server that answers. */
  async #ask(): Promise<SlotRange[]> {
    let last: unknown = new Error("no server of the cluster answers");
    const known = [...this.#known].map(([name, address]) => ({
      address,
      order: Math.random() + (this.#away.has(name) ? 1 : 0),
    }));
    for (const { address } of known.sort((a, b) => a.order - b.order)) {
      try {
        const connection = await this.#connect(address);
        const ranges = readSlots(await connection.call("CLUSTER", "SLOTS"), address.host);
        if (!ranges || ranges.length === 0) continue;
        const told = [this.seed, ...ranges.map(({ master }) => master)];
        this.#known = new Map(told.map((each) => [nameOf(each), each]));
        return ranges;
      } catch (fault) {
        last = fault;
      }
    }
    throw last;
  }

  #connect(address: Address): Promise<RespConnection> {
    const name = nameOf(address);
    const known = this.#connections.get(name);
    if (known) return known;
    if (this.#closed || performance.now() < (this.#away.get(name) ?? 0)) {
      return Promise.reject(new Error(`${name} is away`));
    }
    const opened = RespConnection.open(address, this.login, {
      push: (items) => this.#receive(items),
      closed: () => this.#lost(name, opened),
    }).then(({ connection }) => connection);
    this.#connections.set(name, opened);
    opened.then(
      (connection) => {
        this.#away.delete(name);
        if (this.#closed) connection.close();
      },
      () => this.#forget(name, opened, REST_MS),
    );
    return opened;
  }

  #receive([kind, channel, text]: readonly Reply[]): void {
    if (kind === "smessage" && typeof text === "string") this.events.receive(text);
    if (kind !== "sunsubscribe" || typeof channel !== "string") return;
    // Its slot has moved to another master.
    if (this.#heard.delete(channel.slice(this.prefix.length))) void this.#repair();
  }

  #lost(name: string, opened: Promise<RespConnection>): void {
    this.#forget(name, opened, 0);
    void this.#repair();
  }

  #forget(name: string, opened: Promise<RespConnection>, rest: number): void {
    if (this.#connections.get(name) !== opened) return;
    this.#connections.delete(name);
    this.#away.set(name, performance.now() + rest);
  }

  /** Subscribes to every room that is not subscribed, retrying without limit. */
  async #repair(): Promise<void> {
    this.#topology = null;
    if (this.#repairing) return;
    this.#repairing = true;
    for (let wait = FIRST_RETRY_MS; !this.#closed; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      const missing = [...this.#rooms].filter((room) => !this.#heard.get(room)?.isOpen);
      if (missing.length === 0) break;
      const taken = await Promise.allSettled(missing.map((room) => this.#subscribe(room)));
      // Shards do not wait for each other.
      if (!this.#closed && taken.some(({ status }) => status === "fulfilled")) this.events.lost();
      if (taken.every(({ status }) => status === "fulfilled")) continue;
      await Bun.sleep(wait * (0.5 + Math.random()));
    }
    this.#repairing = false;
  }
}

function nameOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
