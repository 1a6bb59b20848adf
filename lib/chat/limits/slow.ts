import { Refusal } from "../../model/base/errors.ts";
import { consume } from "../../model/base/rate.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { atLeast } from "../../model/people/role.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";

/** Guests of one network may together post as often as this many people. */
const GUESTS_OF_NETWORK = 3;

/** A message that slow mode admitted. */
export interface SlowPermit {
  /** The message was not stored; its author may post at once. */
  refund(): void;
}

/**
 * Slow mode: one message of a person in an interval, and three of all guests of a network, since
 * guests are only cookies. Messages through other nodes count once they arrive here, in rooms that
 * are open here.
 */
export class SlowMode {
  /** When each person may post again, by room and person. */
  readonly #next = new Map<string, number>();
  /** When the bucket of a network's guests is full again, by room and network. */
  readonly #networks = new Map<string, number>();
  /** Slow rooms, with their interval in seconds. */
  readonly #rooms = new Map<string, number>();
  #sweepAt = 256;

  /** Call with a room's rules whenever they are read. */
  learn(room: string, { slow }: RoomRules): void {
    if (slow > 0) this.#rooms.set(room, slow);
    else this.#rooms.delete(room);
  }

  /** Admits a message, or refuses it; null if the room is not slow for the person. */
  consume(room: string, person: string, access: Access, now: number): SlowPermit | Refusal | null {
    const { role, rules, network } = access;
    if (rules.slow === 0 || atLeast(role, "moderator")) return null;
    const seconds = rules.slow;
    const own = keyOf(room, person);
    const wait = (this.#next.get(own) ?? 0) - now;
    if (wait > 0) return new Refusal("slowMode", { seconds }, Math.ceil(wait));
    const shared = keyOf(room, network);
    const isShared = role === "guest" && network !== "";
    if (isShared) {
      const rate = { burst: GUESTS_OF_NETWORK, perSecond: GUESTS_OF_NETWORK / seconds };
      const tat = consume(rate, this.#networks.get(shared) ?? 0, now);
      if (tat <= 0) return new Refusal("slowMode", { seconds }, Math.ceil(-tat));
      this.#networks.set(shared, tat);
    }
    this.#wait(own, seconds, now);
    return {
      refund: () => {
        this.#next.delete(own);
        const tat = this.#networks.get(shared);
        if (isShared && tat !== undefined) {
          this.#networks.set(shared, tat - (seconds * 1000) / GUESTS_OF_NETWORK);
        }
      },
    };
  }

  /** Messages of a room, from any node; this node's own are counted already. */
  observe(room: string, events: readonly RoomEvent[], now: number): void {
    const slow = this.#rooms.get(room);
    if (slow === undefined) return;
    for (const event of events) {
      // Messages recovered later are old by then.
      if (event.type !== "message" || event.at + slow * 1000 <= now) continue;
      const own = keyOf(room, event.author.id);
      if ((this.#next.get(own) ?? 0) <= now) this.#wait(own, slow, now);
    }
  }

  #wait(own: string, slow: number, now: number): void {
    this.#next.set(own, now + slow * 1000);
    if (this.#next.size <= this.#sweepAt) return;
    for (const kept of [this.#next, this.#networks]) {
      for (const [each, next] of kept) if (next <= now) kept.delete(each);
    }
    this.#sweepAt = Math.max(256, this.#next.size * 2);
  }
}

function keyOf(room: string, whose: string): string {
  return `${room} ${whose}`;
}
