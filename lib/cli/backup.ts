import { type Config, ConfigError } from "../model/config.ts";
import { backUp, restore } from "../store/move/backup.ts";
import { placeOf } from "../store/open.ts";

/** `chatroom backup FILE` and `chatroom restore FILE`. Throws what the operator must know. */
export function runBackup(command: "backup" | "restore", file: string, config: Config): void {
  const place = placeOf(config.database, config.data);
  if (place.kind !== "sqlite") {
    const tool = command === "backup" ? "pg_dump" : "pg_restore";
    throw new ConfigError(`${command} is for the embedded database; PostgreSQL has ${tool}`);
  }
  const [from, to] = command === "backup" ? [place.path, file] : [file, place.path];
  const { rooms, events, files } = command === "backup" ? backUp(from, to) : restore(from, to);
  const what = `${events} events of ${rooms} rooms${files > 0 ? ` and ${files} files` : ""}`;
  process.stderr.write(`chatroom: ${what} are in ${to}\n`);
}
