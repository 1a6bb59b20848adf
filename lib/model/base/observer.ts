export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the program says what it does. Never throws, never blocks. */
export interface Observer {
  log(level: LogLevel, msg: string, fields?: Fields): void;
  /** A counter that only grows. */
  count(name: string, by?: number): void;
  /** One measured duration. */
  time(name: string, ms: number): void;
}
