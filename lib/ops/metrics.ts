/** Upper bounds of the histogram's buckets, in milliseconds. */
const BUCKETS = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000];

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counters and histograms since the start, in memory; exported as Prometheus text. */
export class Metrics {
  readonly #counters = new Map<string, number>();
  readonly #times = new Map<string, Histogram>();

  count(name: string, by = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + by);
  }

  time(name: string, ms: number): void {
    let histogram = this.#times.get(name);
    if (!histogram) {
      histogram = { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
      this.#times.set(name, histogram);
    }
    histogram.sum += ms;
    histogram.count += 1;
    const bucket = BUCKETS.findIndex((bound) => ms <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  }

  value(name: string): number {
    return this.#counters.get(name) ?? 0;
  }

  /** The number of measurements of a duration, and their sum in milliseconds. */
  sum(name: string): { readonly count: number; readonly ms: number } {
    const histogram = this.#times.get(name);
    return { count: histogram?.count ?? 0, ms: histogram?.sum ?? 0 };
  }

  /**
   * The Prometheus text format, version 0.0.4. `gauges` are present values. Names are prefixed with
   * `chatroom_`; durations are in seconds.
   */
  text(gauges: Readonly<Record<string, number>>): string {
    const lines: string[] = [];
    for (const [name, value] of Object.entries(gauges)) {
      lines.push(`# TYPE chatroom_${name} gauge`, `chatroom_${name} ${value}`);
    }
    for (const [name, value] of this.#counters) {
      lines.push(`# TYPE chatroom_${name}_total counter`, `chatroom_${name}_total ${value}`);
    }
    for (const [name, { counts, sum, count }] of this.#times) {
      lines.push(`# TYPE chatroom_${name}_seconds histogram`);
      let below = 0;
      for (const [index, bound] of BUCKETS.entries()) {
        below += counts[index] ?? 0;
        lines.push(`chatroom_${name}_seconds_bucket{le="${bound / 1000}"} ${below}`);
      }
      lines.push(
        `chatroom_${name}_seconds_bucket{le="+Inf"} ${count}`,
        `chatroom_${name}_seconds_sum ${sum / 1000}`,
        `chatroom_${name}_seconds_count ${count}`,
      );
    }
    return `${lines.join("\n")}\n`;
  }
}
