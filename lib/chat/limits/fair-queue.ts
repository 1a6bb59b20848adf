import { Refusal } from "../../model/base/errors.ts";

export interface FairQueueOptions {
  /** Tasks that run concurrently. */
  readonly atOnce: number;
  /** Tasks that may wait for one key. */
  readonly waiting: number;
}

/**
 * Runs expensive tasks a few at a time, fairly: each key (a network) has at most one running, and
 * keys take turns.
 */
export class FairQueue {
  /** Waiting tasks by key, in the order of the keys' turns. */
  readonly #queues = new Map<string, (() => Promise<void>)[]>();
  readonly #busy = new Set<string>();

  constructor(readonly options: FairQueueOptions) {}

  /** Why no task is accepted for this key at present: too many wait already. */
  refuse(key: string): Refusal | null {
    const waiting = this.#queues.get(key)?.length ?? 0;
    return waiting < this.options.waiting ? null : new Refusal("rateLimited", {}, 1_000);
  }

  /** Resolves to the result of `work`, or to a refusal, as in `refuse`. */
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
        // Behind all other keys.
        this.#queues.delete(key);
        if (queue.length > 0) this.#queues.set(key, queue);
        this.#next();
      });
      if (this.#busy.size >= this.options.atOnce) return;
    }
  }
}
