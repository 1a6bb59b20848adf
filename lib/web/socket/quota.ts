/** Open sockets and streams by the place they come from: an address or a network. */
export class ConnectionQuota {
  readonly #counts = new Map<string, number>();

  /** `limit`: for each place; null for none. */
  constructor(readonly limit: number | null) {}

  /** Counts one more socket of a place, or says that it has enough. */
  admit(network: string): boolean {
    if (this.limit === null) return true;
    const count = this.#counts.get(network) ?? 0;
    if (count >= this.limit) return false;
    this.#counts.set(network, count + 1);
    return true;
  }

  release(network: string): void {
    const count = this.#counts.get(network);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(network, count - 1);
    else this.#counts.delete(network);
  }
}
