import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";

/** Under load: seldom, because each run blocks and commits. */
const BUSY = { events: 512, pauseMs: 1_000 };
/** When idle: small enough for a message that arrives to wait for it. */
const IDLE = { events: 256, pauseMs: 5 };
/** Longer than the interval between commits of a node under load. */
const QUIET_MS = 500;

/** Updates the search index in idle times. */
export class Indexer {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  #hasGrown = false;
  #grownAt = 0;
  #isClosed = false;

  constructor(
    readonly store: Pick<Store, "index">,
    readonly observer: Observer,
    /** Monotonic milliseconds. */
    readonly now: () => number,
  ) {}

  /** Call when the log has grown, or may have. */
  nudge(): void {
    this.#hasGrown = true;
    this.#grownAt = this.now();
    if (!this.#timer && !this.#running) this.#wait();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  get #pace() {
    return this.now() - this.#grownAt < QUIET_MS ? BUSY : IDLE;
  }

  #wait(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#run();
    }, this.#pace.pauseMs);
  }

  async #run(): Promise<void> {
    this.#hasGrown = false;
    let more = true;
    try {
      more = await this.store.index(this.#pace.events);
    } catch (fault) {
      this.observer.log("warn", "search index not written", { fault: String(fault) });
      this.#grownAt = this.now();
    }
    this.#running = null;
    if (more || this.#hasGrown) this.#wait();
  }
}
