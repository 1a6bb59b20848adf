import type { Observer } from "../../model/base/observer.ts";
import type { Store } from "../../model/store.ts";

/** While messages come in: seldom, since nobody is answered meanwhile, and each time is a commit. */
const BUSY = { events: 512, pauseMs: 1_000 };
/** While nobody says anything: as much as a message that comes after all may wait for. */
const IDLE = { events: 256, pauseMs: 5 };
/** Longer than a node under load needs from one commit to the next: shorter pauses are none. */
const QUIET_MS = 500;

/** Keeps the search index up with the log, in the pauses. */
export class Indexer {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  #hasGrown = false;
  #grownAt = 0;
  #isClosed = false;

  constructor(
    readonly store: Pick<Store, "index">,
    readonly observer: Observer,
    /** Milliseconds that never go back. */
    readonly now: () => number,
  ) {}

  /** The log has grown, or it is not known whether it has. */
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
