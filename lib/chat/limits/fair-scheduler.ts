/** Pieces of work under way at once: more would wait for the database's connections. */
const AT_ONCE = 64;

/**
 * Lets networks take turns at what is costly. One piece of work begins in each turn of the event loop,
 * so that what others sent is taken in between, and who asks for much waits behind their own.
 */
export class FairScheduler {
  readonly #waiting = new Map<string, (() => void)[]>();
  #running = 0;
  #isScheduled = false;

  /** Settles as `work` does, once it is the network's turn. */
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
      this.#running -= 1;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#isScheduled || this.#running >= AT_ONCE || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#next();
      this.#schedule();
    });
  }

  /** Begins the first piece of the network that has waited longest. */
  #next(): void {
    for (const [network, own] of this.#waiting) {
      const begin = own.shift();
      this.#waiting.delete(network);
      if (own.length > 0) this.#waiting.set(network, own);
      if (!begin) continue;
      this.#running += 1;
      begin();
      return;
    }
  }
}
