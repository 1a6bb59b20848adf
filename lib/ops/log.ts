import { LOG_LEVELS, type Fields, type LogLevel } from "../model/observer.ts";

/** Writes one line to standard error for each entry at or above `least`. */
export function createLog(format: "text" | "json", least: LogLevel, now: () => number) {
  const from = LOG_LEVELS.indexOf(least);
  return (level: LogLevel, msg: string, fields: Fields = {}): void => {
    if (LOG_LEVELS.indexOf(level) < from) return;
    const time = new Date(now()).toISOString();
    process.stderr.write(
      format === "json"
        ? `${JSON.stringify({ time, level, msg, ...fields })}\n`
        : `${textLine(time, level, msg, fields)}\n`,
    );
  };
}

function textLine(time: string, level: LogLevel, msg: string, fields: Fields): string {
  const mark = level === "info" ? "" : `${level}: `;
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${printable(String(value))}`);
  return `${time.slice(11, 19)} ${mark}${printable(msg)}${rest.join("")}`;
}

/** A value from outside must not be able to start a line of its own or steer a terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (control) => JSON.stringify(control).slice(1, -1));
}
