import { Database as Sqlite } from "bun:sqlite";
import { join } from "node:path";
import { openPrivate } from "./private.ts";

/** Held until it is closed, or its process ends in whatever way. */
export interface Lock {
  close(): void;
}

/**
 * Takes the lock of a folder, a real path, or returns null where another process holds it: an open
 * transaction on a file of its own, which the system gives back when the process ends.
 */
export function tryLock(folder: string): Lock | null {
  const lock = new Sqlite(openPrivate(join(folder, "lock")), { readwrite: true });
  try {
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
    return lock;
  } catch {
    lock.close();
    return null;
  }
}

/** As `tryLock`; throws where another process holds the lock. */
export function holdLock(folder: string): Lock {
  const lock = tryLock(folder);
  if (!lock) throw new Error(`${folder} is in use by another chatroom`);
  return lock;
}
