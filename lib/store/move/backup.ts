import { Database as Sqlite } from "bun:sqlite";
import * as fs from "node:fs";
import { dirname } from "node:path";
import { ConfigError } from "../../model/config.ts";
import { hasFiles, packFiles, unpackFiles } from "./pack.ts";
import { folderBeside } from "../files/contents.ts";
import { makeFolder } from "../disk/private.ts";
import { holdLock } from "../disk/lock.ts";

/** The contents of a copy, for its maker to see. */
export interface Copy {
  readonly rooms: number;
  readonly events: number;
  readonly files: number;
}

/**
 * Copies the embedded database, as of one moment, into a new file with the files of its messages,
 * even while a server writes to it: SQLite's readers do not block writers. The file is complete and
 * on disk, or absent. It contains the secret that signs cookies, and is private to its owner.
 */
export function backUp(source: string, file: string): Copy {
  if (!fs.existsSync(source)) throw new ConfigError(`there is no database ${source}`);
  if (fs.existsSync(file)) throw new ConfigError(`${file} is there already`);
  return writeNew(file, (part) => {
    const reader = new Sqlite(source, { readonly: true });
    try {
      reader.run("VACUUM INTO ?1", [part]);
    } finally {
      reader.close();
    }
    packFiles(part, folderBeside(fs.realpathSync(source)));
    return checked(part, source);
  });
}

/**
 * Turns a backup into the database of a chat that has none. It gets a new epoch, because its log
 * continues with numbers that were assigned before, and nobody may resume from those.
 */
export function restore(file: string, target: string): Copy {
  if (!fs.existsSync(file)) throw new ConfigError(`there is no file ${file}`);
  const folder = dirname(target);
  makeFolder(folder);
  const lock = holdLock(fs.realpathSync(folder));
  try {
    // Remains of another database would be taken for part of this one.
    const left = [target, `${target}-wal`].find((path) => fs.existsSync(path));
    if (left !== undefined) throw new ConfigError(`${left} is there already; move it away first`);
    return writeNew(target, (part) => {
      fs.copyFileSync(file, part);
      const copy = checked(part, file);
      const sqlite = new Sqlite(part, { readwrite: true });
      const epoch = crypto.getRandomValues(new Uint8Array(9)).toBase64({ alphabet: "base64url" });
      sqlite.run("UPDATE settings SET value = ?1 WHERE key = 'epoch'", [epoch]);
      sqlite.close();
      unpackFiles(part, folderBeside(target));
      return copy;
    });
  } finally {
    lock.close();
  }
}

/** Writes a file under a temporary name, which is replaced once all of it is on disk. */
export function writeNew<T>(file: string, write: (part: string) => T): T {
  const part = `${file}.part`;
  try {
    fs.rmSync(part, { force: true });
    fs.closeSync(fs.openSync(part, "wx", 0o600));
    const result = write(part);
    toDisk(part);
    fs.renameSync(part, file);
    toDisk(dirname(file));
    return result;
  } catch (fault) {
    fs.rmSync(part, { force: true });
    throw fault;
  }
}

function toDisk(path: string): void {
  const descriptor = fs.openSync(path, "r");
  fs.fsyncSync(descriptor);
  fs.closeSync(descriptor);
}

/**
 * Reads every page of a copy; throws, naming its origin, if it is not a complete database of a
 * chat.
 */
export function checked(path: string, origin: string): Copy {
  const sqlite = new Sqlite(path, { readonly: true });
  try {
    const [result] = sqlite.query("PRAGMA integrity_check").values();
    if (result?.[0] !== "ok") throw new Error(String(result?.[0]));
    const count = (table: string) =>
      Number(sqlite.query(`SELECT COUNT(*) FROM ${table}`).values()[0]?.[0]);
    const files = hasFiles(sqlite) ? count("files WHERE seq IS NOT NULL") : 0;
    return { rooms: count("rooms"), events: count("events"), files };
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new ConfigError(`${origin} is no whole database of a chat: ${why}`);
  } finally {
    sqlite.close();
  }
}
