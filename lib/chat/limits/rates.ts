import { SITE_FACTOR, siteOf } from "../../model/base/address.ts";
import { Refusal } from "../../model/base/errors.ts";
import { available, consume, charge, type Rate } from "../../model/base/rate.ts";

/** A token bucket for each key. Full buckets are forgotten. */
export class Rates {
  readonly #tats = new Map<string, number>();
  #sweepAt = 256;

  constructor(
    readonly rate: Rate | null,
    readonly now: () => number,
  ) {}

  /** Takes `cost` from the bucket of `key`, or refuses it. */
  consume(key: string, cost = 1): Refusal | null {
    if (!this.rate) return null;
    const now = this.now();
    const tat = consume(this.rate, this.#tats.get(key) ?? 0, now, cost);
    if (tat <= 0) {
      return new Refusal("rateLimited", {}, Math.ceil(-tat));
    }
    this.#keep(key, tat, now);
    return null;
  }

  /** The content of the bucket of `key`; null if there is no limit. */
  available(key: string): ReturnType<typeof available> | null {
    return this.rate && available(this.rate, this.#tats.get(key) ?? 0, this.now());
  }

  /** Takes `cost` unconditionally: the bucket may go into debt. */
  charge(key: string, cost: number): void {
    if (!this.rate) return;
    const now = this.now();
    this.#keep(key, charge(this.rate, this.#tats.get(key) ?? 0, now, cost), now);
  }

  #keep(key: string, tat: number, now: number): void {
    this.#tats.set(key, tat);
    if (this.#tats.size > this.#sweepAt) this.#sweep(now);
  }

  #sweep(now: number): void {
    for (const [key, tat] of this.#tats) if (tat <= now) this.#tats.delete(key);
    this.#sweepAt = Math.max(256, this.#tats.size * 2);
  }
}

/**
 * A token bucket for each network, as `networkOf` gives it. An IPv6 /64 also takes from the larger
 * bucket of its /56, whose owner has 256 of them.
 */
export class NetworkRates {
  readonly #networks: Rates;
  readonly #sites: Rates;

  constructor(rate: Rate | null, now: () => number) {
    this.#networks = new Rates(rate, now);
    const site = rate && {
      burst: rate.burst * SITE_FACTOR,
      perSecond: rate.perSecond * SITE_FACTOR,
    };
    this.#sites = new Rates(site, now);
  }

  consume(network: string, cost = 1): Refusal | null {
    const site = siteOf(network);
    return (
      this.#networks.consume(network, cost) ??
      (site === null ? null : this.#sites.consume(site, cost))
    );
  }

  /** The content of the network's own bucket; null if there is no limit. */
  available(network: string): ReturnType<Rates["available"]> {
    return this.#networks.available(network);
  }

  charge(network: string, cost: number): void {
    const site = siteOf(network);
    this.#networks.charge(network, cost);
    if (site !== null) this.#sites.charge(site, cost);
  }
}
