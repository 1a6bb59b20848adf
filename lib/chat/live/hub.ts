import type { Broker, Signal } from "../../model/wire/broker.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { PersonRead, PersonTyping, Presence } from "../../model/wire/frame.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";
import { type Deliver, type OpenRoom, openRoom, type Subscription } from "./subscription.ts";
import { PIECE_BYTES, RESUME_LIMIT } from "../../model/wire/limits.ts";

/** The open sockets of this node. */
export interface Audience {
  /** Sends to everyone in the room, once, in order. */
  deliver(room: string, events: readonly RoomEvent[]): void;
  /** Sends to everyone in the room whose protocol has such frames. */
  push(room: string, frame: Presence | PersonTyping | PersonRead): void;
}

/** Another node's commit usually arrives within this time, which is cheaper than a query. */
const PATIENCE_MS = 20;
/** The most events kept while a gap is filled; further ones are read. */
const EARLY_LIMIT = 4_096;

/** Signals about a room's log, and ephemeral ones. */
type LogSignal = Extract<Signal, { kind: "events" | "wake" | "ephemeral" }>;

/**
 * Delivers a room's events to this node's sockets in `seq` order, each once. The broker may lose,
 * repeat or reorder signals: a gap is filled from the store before anything later is delivered.
 * Only rooms with people on this node are subscribed to.
 */
export class Hub {
  readonly #rooms = new Map<string, OpenRoom>();
  #recovering: Promise<void> | null = null;

  constructor(
    readonly store: Pick<Store, "head" | "heads" | "events">,
    readonly broker: Pick<Broker, "subscribe" | "unsubscribe">,
    readonly audience: Audience,
    readonly observer: Observer,
  ) {}

  get rooms(): number {
    return this.#rooms.size;
  }

  /** Opens the room for one more connection. Resolves when later commits will be delivered. */
  enter(name: string): Promise<void> {
    const known = this.#rooms.get(name);
    if (known) {
      known.connections += 1;
      return known.ready;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const room = openRoom(promise);
    this.#rooms.set(name, room);
    this.#open(name, room).then(resolve, reject);
    return promise;
  }

  leave(name: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.connections -= 1;
    if (room.connections > 0) return;
    this.#close(name, room);
  }

  /** Delivers the events of an entered room until the subscription is disposed of. */
  subscribe(name: string, deliver: Deliver): Subscription {
    const room = this.#rooms.get(name);
    if (!room) throw new Error("the room was not entered");
    // A new function, so that disposing of it ends no other subscription.
    const follower: Deliver = (events) => deliver(events);
    room.subscriptions.add(follower);
    return {
      head: room.head,
      [Symbol.dispose]: () => void room.subscriptions.delete(follower),
    };
  }

  /** Delivers what this node has not received yet, for someone who saw `seq` on another node. */
  async catchUp(name: string, seq: number): Promise<void> {
    const room = this.#rooms.get(name);
    if (!room || room.head >= seq) return;
    // The start is not known yet; filling now would deliver everything from the first event.
    await room.ready;
    room.wanted = Math.max(room.wanted, await this.store.head(name));
    while (room.filling) await room.filling;
    await this.#fill(name, room);
  }

  /** Receives a signal; ignores rooms that are not open. */
  receive(name: string, signal: LogSignal): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    switch (signal.kind) {
      case "events":
        this.#receiveEvents(name, room, signal.events);
        return;
      case "wake":
        room.wanted = Math.max(room.wanted, signal.seq);
        void this.#fill(name, room);
        return;
      case "ephemeral":
        this.audience.push(name, signal.frame);
    }
  }

  /** Compares every open room with the store, and fills gaps; one run at a time. Never rejects. */
  recover(): Promise<void> {
    this.#recovering ??= this.#recover().finally(() => {
      this.#recovering = null;
    });
    return this.#recovering;
  }

  /** Subscribes first, so that commits after the head is read are received. */
  async #open(name: string, room: OpenRoom): Promise<void> {
    try {
      await this.broker.subscribe(name);
      room.head = await this.store.head(name);
    } catch (fault) {
      if (this.#rooms.get(name) === room) this.#close(name, room);
      throw fault;
    }
    // Everyone left meanwhile; people who came later have another `OpenRoom`.
    if (this.#rooms.get(name) === room) this.#advance(name, room);
  }

  #close(name: string, room: OpenRoom): void {
    if (room.patience) clearTimeout(room.patience);
    this.#rooms.delete(name);
    void this.broker.unsubscribe(name);
  }

  #receiveEvents(name: string, room: OpenRoom, events: readonly RoomEvent[]): void {
    const last = events.at(-1)?.seq ?? 0;
    if (last <= room.head) return;
    room.wanted = Math.max(room.wanted, last);
    if (room.head >= 0 && !room.filling && room.early.size === 0) {
      const fresh =
        events[0]?.seq === room.head + 1 ? events : events.filter(({ seq }) => seq > room.head);
      if (fresh[0]?.seq === room.head + 1) {
        this.#deliver(name, room, fresh);
        return;
      }
    }
    for (const event of events) {
      if (event.seq > room.head && room.early.size < EARLY_LIMIT) room.early.set(event.seq, event);
    }
    this.#advance(name, room);
  }

  /** Delivers what can be delivered, and waits briefly for what is missing. */
  #advance(name: string, room: OpenRoom): void {
    if (room.head < 0 || room.filling) return;
    const next: RoomEvent[] = [];
    for (const seq of room.early.keys()) if (seq <= room.head) room.early.delete(seq);
    for (let event; (event = room.early.get(room.head + next.length + 1));) {
      room.early.delete(event.seq);
      next.push(event);
    }
    if (next.length > 0) this.#deliver(name, room, next);
    if (room.wanted <= room.head || room.patience) return;
    room.patience = setTimeout(() => {
      room.patience = null;
      void this.#fill(name, room);
    }, PATIENCE_MS);
  }

  async #recover(): Promise<void> {
    const names = [...this.#rooms.keys()];
    try {
      for (const [name, head] of await this.store.heads(names)) {
        const room = this.#rooms.get(name);
        if (!room || room.head < 0) continue;
        room.wanted = Math.max(room.wanted, head);
        await this.#fill(name, room);
      }
    } catch (fault) {
      this.observer.log("warn", "rooms not recovered", { fault: String(fault) });
    }
  }

  /** Reads what is missing; one run at a time. `recover` retries a failure. */
  async #fill(name: string, room: OpenRoom): Promise<void> {
    if (room.head < 0 || room.filling || room.wanted <= room.head) return;
    this.observer.count("gaps");
    const reading = this.#read(name, room);
    room.filling = reading;
    const ok = await reading;
    room.filling = null;
    if (ok) this.#advance(name, room);
  }

  async #read(name: string, room: OpenRoom): Promise<boolean> {
    try {
      while (room.head < room.wanted) {
        // All gaps at once, because new ones may appear faster than they are filled one by one.
        let upTo = room.wanted;
        while (upTo > room.head && room.early.has(upTo)) upTo -= 1;
        if (upTo === room.head) break;
        const events = await this.store.events(name, room.head, upTo, RESUME_LIMIT, PIECE_BYTES);
        if (this.#rooms.get(name) !== room) return false;
        if (events.length === 0) {
          // Events that were signalled but not committed would make this loop forever.
          room.wanted = room.head;
          room.early.clear();
        } else this.#deliver(name, room, events);
      }
      return true;
    } catch (fault) {
      this.observer.log("warn", "gap not filled", { room: name, fault: String(fault) });
      return false;
    }
  }

  #deliver(name: string, room: OpenRoom, events: readonly RoomEvent[]): void {
    room.head = events.at(-1)?.seq ?? room.head;
    // The audience first: a follower may join it during delivery.
    this.audience.deliver(name, events);
    for (const deliver of room.subscriptions) {
      try {
        deliver(events);
      } catch (fault) {
        // A failing follower must not affect the others.
        this.observer.log("error", "follower failed", { room: name, fault: String(fault) });
      }
    }
  }
}
