import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { type Lock, tryLock } from "./lock.ts";

const PREFIX = "chatroom-files-";
/** A folder without a lock is just being created, or of an older version. */
const UNLOCKED_MS = 60 * 60 * 1000;

/** A folder for incoming uploads. */
export interface Spool {
  readonly path: string;
  /** Removes the folder and its contents. */
  close(): Promise<void>;
}

/** Creates a folder of this process in the system's temporary one. */
export async function openSpool(): Promise<Spool> {
  const { mkdtemp, rm } = await import("node:fs/promises");
  const path = realpathSync(await mkdtemp(join(await temporary(), PREFIX)));
  const lock: Lock | null = tryLock(path);
  return {
    path,
    async close() {
      lock?.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Removes the folders of processes that were killed. Those that cannot be removed stay. */
export async function removeDeadSpools(now: number): Promise<void> {
  const { readdir } = await import("node:fs/promises");
  const folder = await temporary();
  for (const name of await readdir(folder)) {
    // Another node may remove it at the same time.
    if (name.startsWith(PREFIX)) await removeDead(join(folder, name), now).catch(() => undefined);
  }
}

async function removeDead(path: string, now: number): Promise<void> {
  const { rm, stat } = await import("node:fs/promises");
  const { uid, mtimeMs } = await stat(path);
  if (process.getuid !== undefined && uid !== process.getuid()) return;
  if (!existsSync(join(path, "lock")) && now - mtimeMs < UNLOCKED_MS) return;
  const lock = tryLock(path);
  if (!lock) return;
  await rm(path, { recursive: true, force: true });
  lock.close();
}

async function temporary(): Promise<string> {
  const { tmpdir } = await import("node:os");
  return tmpdir();
}
