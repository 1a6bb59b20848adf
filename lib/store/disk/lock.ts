import { Database as Sqlite } from "bun:sqlite";
import { join } from "node:path";
import { openPrivate } from "./private.ts";

/** Held until it is closed, or its process ends in any way. */
export interface Lock {
  close(): void;
}

/**
 * Locks a folder, given by its real path, or returns null if another process holds the lock. The
 * lock is an open transaction on a file of its own, which the system releases when the process
 * ends.
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

/** Like `tryLock`, but throws if another process holds the lock. */
export function holdLock(folder: string): Lock {
  const lock = tryLock(folder);
  if (!lock) throw new Error(`${folder} is in use by another chatroom`);
  return lock;
}
