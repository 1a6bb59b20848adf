import { Refusal } from "../../model/base/errors.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import { atLeast } from "../../model/people/role.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";

/**
 * Slow mode: one message of a person in so many seconds. What they wrote by another node counts from
 * when it is heard here, in rooms that are open here.
 */
export class SlowMode {
  /** When each may write again, by room and person. */
  readonly #next = new Map<string, number>();
  /** Slow rooms, and their seconds. */
  readonly #rooms = new Map<string, number>();
  #sweepAt = 256;

  /** To be told of a room's rules whenever they are read. */
  learn(room: string, { slow }: RoomRules): void {
    if (slow > 0) this.#rooms.set(room, slow);
    else this.#rooms.delete(room);
  }

  consume(room: string, person: string, { role, rules }: Access, now: number): Refusal | null {
    if (rules.slow === 0 || atLeast(role, "moderator")) return null;
    const wait = (this.#next.get(keyOf(room, person)) ?? 0) - now;
    if (wait > 0) {
      return new Refusal("slowMode", { seconds: rules.slow }, Math.ceil(wait));
    }
    this.#wait(room, person, rules.slow, now);
    return null;
  }

  /** What was said in a room, by whatever node; one's own node has counted it already. */
  observe(room: string, events: readonly RoomEvent[], now: number): void {
    const slow = this.#rooms.get(room);
    if (slow === undefined) return;
    for (const event of events) {
      // What was missed for a while is old when it is heard.
      if (event.type !== "message" || event.at + slow * 1000 <= now) continue;
      const { id } = event.author;
      if ((this.#next.get(keyOf(room, id)) ?? 0) <= now) this.#wait(room, id, slow, now);
    }
  }

  #wait(room: string, person: string, slow: number, now: number): void {
    this.#next.set(keyOf(room, person), now + slow * 1000);
    if (this.#next.size <= this.#sweepAt) return;
    for (const [each, next] of this.#next) if (next <= now) this.#next.delete(each);
    this.#sweepAt = Math.max(256, this.#next.size * 2);
  }
}

function keyOf(room: string, person: string): string {
  return `${room} ${person}`;
}
