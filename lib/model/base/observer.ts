export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Receives logs and metrics. Never throws, never blocks. */
export interface Observer {
  log(level: LogLevel, msg: string, fields?: Fields): void;
  /** Adds to a counter. */
  count(name: string, by?: number): void;
  /** Records one measured duration. */
  time(name: string, ms: number): void;
}
