/** Concurrent tasks; more would only wait for database connections. */
const AT_ONCE = 64;
/** Pieces that one network may have under way whatever the others do. */
const ALWAYS = 2;

/**
 * Shares expensive work fairly between networks. One task starts in each turn of the event loop, so
 * that other requests are accepted in between.
 */
export class FairScheduler {
  /** What waits, by network; the one that has waited longest is the first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** Pieces under way by network, and of all. */
  readonly #running = new Map<string, number>();
  #total = 0;
  #isScheduled = false;

  /** Runs `work` when it is the network's turn. */
  async run<T>(network: string, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      const own = this.#waiting.get(network);
      if (own) own.push(begin);
      else this.#waiting.set(network, [begin]);
      this.#schedule();
    });
    try {
      return await work();
    } finally {
      this.#count(network, -1);
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#next()) this.#schedule();
    });
  }

  /** Begins the first piece of the network that has waited longest; false where none may begin. */
  #next(): boolean {
    for (const [network, own] of this.#waiting) {
      if (this.#total >= AT_ONCE && (this.#running.get(network) ?? 0) >= ALWAYS) continue;
      const begin = own.shift();
      this.#waiting.delete(network);
      if (own.length > 0) this.#waiting.set(network, own);
      if (!begin) continue;
      this.#count(network, 1);
      begin();
      return true;
    }
    return false;
  }

  #count(network: string, change: number): void {
    this.#total += change;
    const running = (this.#running.get(network) ?? 0) + change;
    if (running > 0) this.#running.set(network, running);
    else this.#running.delete(network);
  }
}
