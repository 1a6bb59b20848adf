/** What is measured of a running chat, again and again. */
export interface Sample {
  readonly people: number;
  readonly sockets: number;
  readonly rooms: number;
  /** Events a second since the last sample. */
  readonly perSecond: number;
  /** Megabytes resident. */
  readonly memory: number;
  /** Mean milliseconds of the commits since the last sample; 0 where there was none. */
  readonly commit: number;
}

/** What only ever grows, as it is now. */
export interface Totals {
  readonly events: number;
  readonly commits: number;
  /** Milliseconds spent in them. */
  readonly commitMs: number;
}

export const SAMPLE_MS = 2_000;
/** Five minutes. */
const KEPT = 150;

/** The last five minutes in numbers, taken every two seconds; in memory, of this node alone. */
export class Samples {
  readonly #kept: Sample[] = [];
  #last: Totals;
  #lastAt: number;

  constructor(
    readonly totals: () => Totals,
    readonly gauges: () => Pick<Sample, "people" | "sockets" | "rooms">,
    /** Milliseconds that only grow. */
    readonly clock: () => number,
  ) {
    this.#last = totals();
    this.#lastAt = clock();
  }

  sample(): void {
    const totals = this.totals();
    const at = this.clock();
    const seconds = Math.max(0.001, (at - this.#lastAt) / 1000);
    const commits = totals.commits - this.#last.commits;
    this.#kept.push({
      ...this.gauges(),
      perSecond: (totals.events - this.#last.events) / seconds,
      memory: process.memoryUsage.rss() / 1024 / 1024,
      commit: commits === 0 ? 0 : (totals.commitMs - this.#last.commitMs) / commits,
    });
    if (this.#kept.length > KEPT) this.#kept.shift();
    this.#last = totals;
    this.#lastAt = at;
  }

  /** Oldest first; at least one. */
  list(): readonly Sample[] {
    if (this.#kept.length === 0) this.sample();
    return this.#kept;
  }
}
