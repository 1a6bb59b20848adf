/** A periodic measurement of the running chat. */
export interface Sample {
  readonly people: number;
  readonly sockets: number;
  readonly rooms: number;
  /** Events a second since the last sample. */
  readonly perSecond: number;
  /** Resident memory in megabytes. */
  readonly memory: number;
  /** The mean duration of commits since the last sample, in milliseconds; 0 if there were none. */
  readonly commit: number;
}

/** The present values of counters. */
export interface Totals {
  readonly events: number;
  readonly commits: number;
  /** The milliseconds spent in them. */
  readonly commitMs: number;
}

export const SAMPLE_MS = 2_000;
/** Five minutes of samples. */
const KEPT = 150;

/** Samples of the last five minutes, one every two seconds; in memory, of this node alone. */
export class Samples {
  readonly #kept: Sample[] = [];
  #last: Totals;
  #lastAt: number;

  constructor(
    readonly totals: () => Totals,
    readonly gauges: () => Pick<Sample, "people" | "sockets" | "rooms">,
    /** Monotonic milliseconds. */
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
