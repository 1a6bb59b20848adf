import { type Config, ConfigError } from "../model/config.ts";
import { backUp, restore } from "../store/move/backup.ts";
import { recover, type Recovered } from "../store/move/recover.ts";
import { locateDatabase } from "../store/open.ts";

export type CopyCommand = "backup" | "restore" | "recover";

/** `chatroom backup`, `restore` and `recover FILE`. Throws a message for the operator. */
export function runBackup(command: CopyCommand, file: string, config: Config): void {
  const location = locateDatabase(config.database, config.data);
  if (location.kind !== "sqlite") {
    const tool = command === "restore" ? "pg_restore" : "pg_dump";
    throw new ConfigError(`${command} is for the embedded database; PostgreSQL has ${tool}`);
  }
  const { rooms, events, files, lost } = run(command, file, location.path);
  const what = `${events} events of ${rooms} rooms${files > 0 ? ` and ${files} files` : ""}`;
  const target = command === "restore" ? location.path : file;
  const more = lost > 0 ? `; ${lost} of the events could not be read` : "";
  process.stderr.write(`chatroom: ${what} are in ${target}${more}\n`);
}

function run(command: CopyCommand, file: string, database: string): Recovered {
  switch (command) {
    case "backup":
      return { ...backUp(database, file), lost: 0 };
    case "restore":
      return { ...restore(file, database), lost: 0 };
    case "recover":
      return recover(database, file);
  }
}
