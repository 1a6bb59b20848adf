import { Refusal } from "../../model/base/errors.ts";
import { consume, type Rate } from "../../model/base/rate.ts";

/** A bucket a key. A key whose bucket is full again is forgotten. */
export class Rates {
  readonly #tats = new Map<string, number>();
  #sweepAt = 256;

  constructor(
    readonly rate: Rate | null,
    readonly now: () => number,
  ) {}

  /** Takes `cost` from the bucket of `key`, or says how long to wait. */
  consume(key: string, cost = 1): Refusal | null {
    if (!this.rate) return null;
    const now = this.now();
    const tat = consume(this.rate, this.#tats.get(key) ?? 0, now, cost);
    if (tat <= 0) {
      return new Refusal("rateLimited", {}, Math.ceil(-tat));
    }
    this.#tats.set(key, tat);
    if (this.#tats.size > this.#sweepAt) this.#sweep(now);
    return null;
  }

  #sweep(now: number): void {
    for (const [key, tat] of this.#tats) if (tat <= now) this.#tats.delete(key);
    this.#sweepAt = Math.max(256, this.#tats.size * 2);
  }
}
