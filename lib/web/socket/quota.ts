import { SITE_FACTOR, siteOf } from "../../model/base/address.ts";

/** Counts open sockets and streams by network; those of an IPv6 /64 count for its /56 too. */
export class ConnectionQuota {
  readonly #counts = new Map<string, number>();

  /** `limit`: connections of a network; a /56 has more. Null: no limit. */
  constructor(readonly limit: number | null) {}

  /** Counts one more connection; false if the network has reached its limit. */
  admit(network: string): boolean {
    if (this.limit === null) return true;
    const site = siteOf(network);
    if (this.#count(network) >= this.limit) return false;
    if (site !== null && this.#count(site) >= this.limit * SITE_FACTOR) return false;
    this.#add(network, 1);
    if (site !== null) this.#add(site, 1);
    return true;
  }

  release(network: string): void {
    if (this.limit === null) return;
    const site = siteOf(network);
    this.#add(network, -1);
    if (site !== null) this.#add(site, -1);
  }

  #count(place: string): number {
    return this.#counts.get(place) ?? 0;
  }

  #add(place: string, change: number): void {
    const count = this.#count(place) + change;
    if (count > 0) this.#counts.set(place, count);
    else this.#counts.delete(place);
  }
}
