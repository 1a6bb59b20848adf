import type { Observer } from "../model/observer.ts";
import type { Store } from "../model/store.ts";

/** While messages come in: a millisecond of work now and then. */
const BUSY = { events: 64, pauseMs: 50 };
/** While nobody says anything: as much as a message that comes after all may wait for. */
const IDLE = { events: 256, pauseMs: 5 };

/** Keeps the search index up with the log, in the pauses. */
export class Indexer {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  #hasGrown = false;
  #isClosed = false;

  constructor(
    readonly store: Pick<Store, "index">,
    readonly observer: Observer,
  ) {}

  /** The log has grown, or it is not known whether it has. */
  nudge(): void {
    this.#hasGrown = true;
    if (!this.#timer && !this.#running) this.#wait(BUSY.pauseMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #wait(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#running = this.#run();
    }, ms);
  }

  async #run(): Promise<void> {
    const pace = this.#hasGrown ? BUSY : IDLE;
    this.#hasGrown = false;
    let more = true;
    try {
      more = await this.store.index(pace.events);
    } catch (fault) {
      this.observer.log("warn", "search index not written", { fault: String(fault) });
      this.#hasGrown = true;
    }
    this.#running = null;
    if (more || this.#hasGrown) this.#wait(this.#hasGrown ? BUSY.pauseMs : IDLE.pauseMs);
  }
}
