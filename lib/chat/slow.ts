import { Refusal } from "../model/errors.ts";
import type { Standing } from "../model/may.ts";
import { atLeast } from "../model/role.ts";

/** Slow mode: one message of a person in so many seconds. Counted on each node by itself. */
export class SlowMode {
  /** When each may write again, by room and person. */
  readonly #next = new Map<string, number>();
  #sweepAt = 256;

  take(room: string, person: string, { role, rules }: Standing, now: number): Refusal | null {
    if (rules.slow === 0 || atLeast(role, "moderator")) return null;
    const key = `${room} ${person}`;
    const wait = (this.#next.get(key) ?? 0) - now;
    if (wait > 0) {
      const every = `This room is slow: one message in ${rules.slow} s.`;
      return new Refusal("too_fast", every, Math.ceil(wait));
    }
    this.#next.set(key, now + rules.slow * 1000);
    if (this.#next.size > this.#sweepAt) {
      for (const [each, next] of this.#next) if (next <= now) this.#next.delete(each);
      this.#sweepAt = Math.max(256, this.#next.size * 2);
    }
    return null;
  }
}
