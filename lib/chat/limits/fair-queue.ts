import { Refusal } from "../../model/base/errors.ts";

export interface FairQueueOptions {
  /** Pieces of work under way at the same time. */
  readonly atOnce: number;
  /** Pieces of work that may wait for one key. */
  readonly waiting: number;
}

/**
 * Work that is dear, a few pieces at a time. Each key (a network) has one piece under way at the most,
 * and those that wait have their turns one after another: whoever asks for much waits for themselves.
 */
export class FairQueue {
  /** What waits, by key; next is the first key that has no work under way. */
  readonly #queues = new Map<string, (() => Promise<void>)[]>();
  readonly #busy = new Set<string>();

  constructor(readonly options: FairQueueOptions) {}

  /** Why nothing more is taken for this key just now: too much waits for it already. */
  refuse(key: string): Refusal | null {
    const waiting = this.#queues.get(key)?.length ?? 0;
    return waiting < this.options.waiting ? null : new Refusal("rateLimited", {}, 1_000);
  }

  /** Resolves to what `work` does, or to a refusal, as `refuse` gives it. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T | Refusal> {
    const refusal = this.refuse(key);
    if (refusal) return refusal;
    const queue = this.#queues.get(key) ?? [];
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    queue.push(() => work().then(resolve, reject));
    this.#queues.set(key, queue);
    this.#next();
    return promise;
  }

  #next(): void {
    if (this.#busy.size >= this.options.atOnce) return;
    for (const [key, queue] of this.#queues) {
      if (this.#busy.has(key)) continue;
      const work = queue.shift();
      if (!work) continue;
      this.#busy.add(key);
      void work().then(() => {
        this.#busy.delete(key);
        // Behind all others that wait.
        this.#queues.delete(key);
        if (queue.length > 0) this.#queues.set(key, queue);
        this.#next();
      });
      if (this.#busy.size >= this.options.atOnce) return;
    }
  }
}
