import type { Broker, Signal } from "../../model/wire/broker.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { PersonRead, PersonTyping, Presence } from "../../model/wire/frame.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";
import { type Deliver, type OpenRoom, openRoom, type Subscription } from "./subscription.ts";
import { PIECE_BYTES, RESUME_LIMIT } from "../../model/wire/limits.ts";

/** The open sockets of this node. */
export interface Audience {
  /** Everyone in the room, once, in order. */
  deliver(room: string, events: readonly RoomEvent[]): void;
  /** Everyone in the room whose protocol knows such frames. */
  push(room: string, frame: Presence | PersonTyping | PersonRead): void;
}

/** What another node committed just before is usually a moment behind: cheaper than a query. */
const PATIENCE_MS = 20;
/** Events kept while a gap is filled; others are read. */
const EARLY_LIMIT = 4_096;

/** Signals about the log of a room, and what goes past it. */
type LogSignal = Extract<Signal, { kind: "events" | "wake" | "ephemeral" }>;

/**
 * Delivers a room's events to this node's sockets in `seq` order, each once. The broker may lose
 * signals, repeat them or mix their order: a gap is filled from the store before anything later
 * goes out. Rooms without anyone on this node are not listened to.
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

  /** Opens the room for one more connection. Resolves when what is committed later is delivered. */
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

  /** Follows a room that was entered, until the subscription is disposed of. */
  subscribe(name: string, deliver: Deliver): Subscription {
    const room = this.#rooms.get(name);
    if (!room) throw new Error("the room was not entered");
    // Its own function, so that nobody else's subscription ends with it.
    const follower: Deliver = (events) => deliver(events);
    room.subscriptions.add(follower);
    return {
      head: room.head,
      [Symbol.dispose]: () => void room.subscriptions.delete(follower),
    };
  }

  /** For someone who saw `seq` on another node: delivers what this node has not heard of yet. */
  async catchUp(name: string, seq: number): Promise<void> {
    const room = this.#rooms.get(name);
    if (!room || room.head >= seq) return;
    // Where it begins is not known yet: what is filled would be everything from its first event.
    await room.ready;
    room.wanted = Math.max(room.wanted, await this.store.head(name));
    while (room.filling) await room.filling;
    await this.#fill(name, room);
  }

  /** What the broker brings about a room; other rooms than the open ones are passed over. */
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

  /** Reads where every open room is, and fills the gaps; once at a time. Never rejects. */
  recover(): Promise<void> {
    this.#recovering ??= this.#recover().finally(() => {
      this.#recovering = null;
    });
    return this.#recovering;
  }

  /** The broker first: what is committed after the head was read is then heard of. */
  async #open(name: string, room: OpenRoom): Promise<void> {
    try {
      await this.broker.subscribe(name);
      room.head = await this.store.head(name);
    } catch (fault) {
      if (this.#rooms.get(name) === room) this.#close(name, room);
      throw fault;
    }
    // Everyone left meanwhile: whoever came after them hears it by a room of their own.
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

  /** Delivers what is next of what came early, and waits a moment for what is missing. */
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

  /** Reads what is missing, once at a time. What fails now is tried again by `recover`. */
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
        // All gaps at once: one by one they may come faster than they are filled.
        let upTo = room.wanted;
        while (upTo > room.head && room.early.has(upTo)) upTo -= 1;
        if (upTo === room.head) break;
        const events = await this.store.events(name, room.head, upTo, RESUME_LIMIT, PIECE_BYTES);
        if (this.#rooms.get(name) !== room) return false;
        if (events.length === 0) {
          // Nobody signals what is not committed; do not turn in circles for it.
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
    // The audience first: a follower may become a part of it while it is delivered to.
    this.audience.deliver(name, events);
    for (const deliver of room.subscriptions) {
      try {
        deliver(events);
      } catch (fault) {
        // Nobody else is to miss what one cannot take.
        this.observer.log("error", "follower failed", { room: name, fault: String(fault) });
      }
    }
  }
}
