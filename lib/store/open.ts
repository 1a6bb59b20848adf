import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Observer } from "../model/base/observer.ts";
import { ConfigError } from "../model/config.ts";
import type { Files } from "../model/files/files.ts";
import type { NameLeases } from "../model/people/name-leases.ts";
import type { Records } from "../model/records.ts";
import type { Store } from "../model/store.ts";
import { chunkContents } from "./files/chunks.ts";
import { type Contents, folderBeside, folderContents } from "./files/contents.ts";
import type { Database } from "./database/database.ts";
import { openFiles } from "./files/files.ts";
import { move, type Progress } from "./move/move.ts";
import { moveFiles } from "./move/move-files.ts";
import { CHECK, DamagedDatabase, explainDamage, isLarge } from "./disk/damage.ts";
import { closeDataFolder, closeUploads, makeFolder, openPrivate } from "./disk/private.ts";
import { leavingFree } from "./disk/reserve.ts";
import { openPostgres } from "./database/postgres.ts";
import { explain } from "./database/postgres-errors.ts";
import { openNameLeases } from "./records/name-leases.ts";
import { openRecords } from "./records/records.ts";
import { SearchIndex } from "./log/search-index.ts";
import { openSqlite } from "./database/sqlite.ts";
import { openStore } from "./store.ts";

/** The log, the records and the files of one chat. */
export interface OpenStore extends Store {
  readonly records: Records;
  readonly files: Files;
  /** The name leases shared by the nodes of the chat; `node` identifies this one. */
  nameLeases(node: string): NameLeases;
}

/**
 * Opens the store of a database URL (`sqlite:PATH` or `postgres://…`), or of the file in the data
 * folder if there is none. Rejects with a message for the operator. `observer` receives failures
 * that nobody waits for. Messages leave `reserve` bytes free on the disk of an embedded database.
 */
export async function openDatabase(
  url: string | null,
  data: string,
  observer: Observer | null = null,
  reserve?: number,
): Promise<OpenStore> {
  const location = locateDatabase(url, data);
  if (location.kind === "sqlite") {
    makeFolder(dirname(location.path));
    if (url === null) closeDataFolder(data);
    const path = openPrivate(location.path);
    const uploads = folderBeside(path);
    closeUploads(uploads);
    const db = openSqlite(path);
    if (isLarge(path)) void checkLater(db, path, observer);
    try {
      const opened = await open(db, folderContents(uploads), observer);
      return { ...opened, append: leavingFree(opened.append, dirname(path), reserve) };
    } catch (fault) {
      await db.close();
      throw explainDamage(fault, path);
    }
  }
  const db = await openPostgres(location.url);
  try {
    return await open(db, chunkContents(db), observer);
  } catch (fault) {
    await db.close();
    throw explain(fault, location.url);
  }
}

/**
 * Checks a large database in the background, so that the start does not wait for it. Never rejects.
 */
async function checkLater(db: Database, path: string, observer: Observer | null): Promise<void> {
  const [row] = await db.slow(CHECK).catch((fault: unknown) => [{ quick_check: String(fault) }]);
  const result = row?.["quick_check"];
  if (result === "ok" || result === undefined) return;
  const { message } = new DamagedDatabase(path, String(result));
  observer?.log("error", "database damaged", { fault: message });
}

/** The store first: it migrates the schema. */
async function open(
  db: Database,
  contents: Contents,
  observer: Observer | null,
): Promise<OpenStore> {
  const index = new SearchIndex(db, observer);
  const store = await openStore(db, index);
  return {
    ...store,
    records: openRecords(db, (room) => index.mark(room)),
    files: openFiles(db, contents),
    nameLeases: (node) => openNameLeases(db, node),
    async close() {
      await contents.close();
      await store.close();
    },
  };
}

/**
 * Moves a chat from one database to another, as `move` describes. `silenceMs`: the longest time for
 * one statement.
 */
export async function openMove(
  from: string,
  to: string,
  report: (progress: Progress) => void,
  silenceMs?: number,
): Promise<ReadonlyMap<string, number>> {
  const given = pathOf(from);
  if (!existsSync(given)) throw new ConfigError(`--from: there is no file ${given}`);
  const path = openPrivate(given);
  const target = await openPostgres(to, silenceMs);
  try {
    const source = openSqlite(path);
    try {
      return await move(source, target, report, () => moveFiles(source, path, target, report));
    } finally {
      await source.close();
    }
  } catch (fault) {
    throw explain(fault, to);
  } finally {
    await target.close();
  }
}

type DatabaseLocation =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "postgres"; readonly url: string };

/** What a database URL, or its absence, names. */
export function locateDatabase(url: string | null, data: string): DatabaseLocation {
  if (url === null) return { kind: "sqlite", path: join(data, "chatroom.db") };
  return url.startsWith("sqlite:")
    ? { kind: "sqlite", path: pathOf(url) }
    : { kind: "postgres", url };
}

function pathOf(url: string): string {
  return url.replace(/^sqlite:(?:\/\/)?/, "");
}
