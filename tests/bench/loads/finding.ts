/** One measure beside the throughput: as it is printed, and the numbers behind it. */
export interface Finding {
  readonly name: string;
  readonly bare: string;
  readonly ours: string;
  readonly target: string;
  /** Whether the target holds; null where there is none. */
  readonly holds: boolean | null;
  /** How it was measured, in a sentence or two. */
  readonly method: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export const milliseconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} ms`;
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
