import type { Broker, Signal } from "../model/broker.ts";
import type { RoomEvent } from "../model/event.ts";
import type { PersonRead, PersonTyping, Presence } from "../model/frame.ts";
import type { Observer } from "../model/observer.ts";
import type { Store } from "../model/store.ts";
import { RESUME_LIMIT } from "../model/limits.ts";

/** The open sockets of this node. */
export interface Audience {
  /** Everyone in the room, once, in order. */
  deliver(room: string, events: readonly RoomEvent[]): void;
  /** Everyone in the room whose protocol knows such frames. */
  push(room: string, frame: Presence | PersonTyping | PersonRead): void;
}

/** Someone who follows a room's events beside the audience. */
export interface Tap {
  /** The last event delivered before the tap; `take` is called with every later one, in order. */
  readonly head: number;
  readonly take: (events: readonly RoomEvent[]) => void;
}

interface OpenRoom {
  /** Connections of this node in the room. */
  connections: number;
  /** The last `seq` that was delivered here; -1 until it is known. */
  head: number;
  /** The last `seq` heard of. */
  wanted: number;
  filling: boolean;
  readonly ready: Promise<void>;
  readonly taps: Set<Tap>;
}

/**
 * Delivers a room's events to this node's sockets in `seq` order, each once. The broker may lose
 * signals, repeat them or mix their order: a gap is filled from the store before anything later
 * goes out. Rooms without anyone on this node are not listened to.
 */
export class Hub {
  readonly #rooms = new Map<string, OpenRoom>();

  constructor(
    readonly store: Pick<Store, "head" | "events">,
    readonly broker: Broker,
    readonly audience: Audience,
    readonly observer: Observer,
  ) {
    broker.onSignal((room, signal) => this.#receive(room, signal));
    broker.onLost(() => {
      for (const name of this.#rooms.keys()) void this.#recover(name);
    });
  }

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
    const room: OpenRoom = {
      connections: 1,
      head: -1,
      wanted: 0,
      filling: false,
      ready: promise,
      taps: new Set(),
    };
    this.#rooms.set(name, room);
    this.#open(name, room).then(resolve, reject);
    return promise;
  }

  leave(name: string): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.connections -= 1;
    if (room.connections > 0) return;
    this.#rooms.delete(name);
    void this.broker.unsubscribe(name);
  }

  /** Starts to follow; the room must have been entered. `take` must not throw. End with `untap`. */
  tap(name: string, take: Tap["take"]): Tap {
    const room = this.#rooms.get(name);
    if (!room) throw new Error("the room was not entered");
    const tap = { head: room.head, take };
    room.taps.add(tap);
    return tap;
  }

  untap(name: string, tap: Tap): void {
    this.#rooms.get(name)?.taps.delete(tap);
  }

  /** The broker first: what is committed after the head was read is then heard of. */
  async #open(name: string, room: OpenRoom): Promise<void> {
    try {
      await this.broker.subscribe(name);
      room.head = await this.store.head(name);
    } catch (fault) {
      if (this.#rooms.get(name) === room) this.#rooms.delete(name);
      throw fault;
    }
    if (room.wanted > room.head) await this.#fill(name, room);
  }

  #receive(name: string, signal: Signal): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    if (signal.kind === "passing") {
      this.audience.push(name, signal.frame);
      return;
    }
    const last = signal.kind === "wake" ? signal.seq : (signal.events.at(-1)?.seq ?? 0);
    room.wanted = Math.max(room.wanted, last);
    if (room.head < 0 || room.filling || last <= room.head) return;
    const fresh = signal.kind === "events" && signal.events.filter(({ seq }) => seq > room.head);
    if (fresh && fresh[0]?.seq === room.head + 1) this.#deliver(name, room, fresh);
    else void this.#fill(name, room);
  }

  async #recover(name: string): Promise<void> {
    const room = this.#rooms.get(name);
    if (!room || room.head < 0) return;
    try {
      room.wanted = Math.max(room.wanted, await this.store.head(name));
      if (room.wanted > room.head && !room.filling) await this.#fill(name, room);
    } catch (fault) {
      this.observer.log("error", "room not recovered", { room: name, fault: String(fault) });
    }
  }

  async #fill(name: string, room: OpenRoom): Promise<void> {
    room.filling = true;
    try {
      while (room.head < room.wanted) {
        const events = await this.store.events(name, room.head, room.wanted, RESUME_LIMIT);
        // A signal of what is not committed cannot be; do not turn in circles for it.
        if (events.length === 0) break;
        this.#deliver(name, room, events);
      }
    } catch (fault) {
      this.observer.log("error", "gap not filled", { room: name, fault: String(fault) });
    } finally {
      room.filling = false;
    }
  }

  #deliver(name: string, room: OpenRoom, events: readonly RoomEvent[]): void {
    room.head = events.at(-1)?.seq ?? room.head;
    for (const tap of room.taps) tap.take(events);
    this.audience.deliver(name, events);
  }
}
