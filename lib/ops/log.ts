import { LOG_LEVELS, type Fields, type LogLevel } from "../model/base/observer.ts";

/** Sentences for people, by the words for programs. */
const SENTENCES: Readonly<Record<string, string>> = {
  setup: "nobody administers this chat yet: open this link, which works once, to do so:",
};

/**
 * Writes a line to standard error for each entry at or above `least`, without waiting. Does not use
 * `process.stderr`, whose streams take 3.5 MB of memory.
 */
export function createLog(format: "text" | "json", least: LogLevel, now: () => number) {
  const from = LOG_LEVELS.indexOf(least);
  const lines = Bun.stderr.writer();
  return (level: LogLevel, msg: string, fields: Fields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < from) return;
    const time = new Date(now()).toISOString();
    const line =
      format === "json"
        ? JSON.stringify({ time, level, msg, ...fields })
        : textLine(time, level, msg, fields);
    try {
      lines.write(`${line}\n`);
      const flushed = lines.flush();
      if (typeof flushed !== "number") flushed.catch(() => undefined);
    } catch {
      // A log that nobody reads is no reason to stop.
    }
  };
}

function textLine(time: string, level: LogLevel, msg: string, fields: Fields): string {
  const mark = level === "info" ? "" : `${level}: `;
  const sentence = SENTENCES[msg];
  if (sentence !== undefined) {
    return `${time.slice(11, 19)} ${sentence} ${printable(Object.values(fields).join(" "))}`;
  }
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${printable(String(value))}`);
  return `${time.slice(11, 19)} ${mark}${printable(msg)}${rest.join("")}`;
}

/**
 * Escapes a value from outside, so that it cannot begin a line of its own or control a terminal.
 */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => JSON.stringify(control).slice(1, -1));
}
