/**
 * Runs tasks one at a time for each key. Calls made during a run share one further run, so what
 * each caller waits for began after its call.
 */
export class Coalescer {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  run(key: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(key);
    if (!running) return this.#start(key, work);
    const begin = () => {
      this.#next.delete(key);
      return this.#start(key, work);
    };
    const next = this.#next.get(key) ?? running.then(begin, begin);
    this.#next.set(key, next);
    return next;
  }

  #start(key: string, work: () => Promise<void>): Promise<void> {
    const run = work().finally(() => {
      this.#running.delete(key);
    });
    this.#running.set(key, run);
    return run;
  }
}
