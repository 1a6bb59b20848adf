import * as fs from "node:fs";
import { join } from "node:path";

/** Nobody but our own user reads, writes or lists. */
const FILE = 0o600;
const FOLDER = 0o700;
/** The folder of what is in files, beside the database. */
export const UPLOADS = "files";

/** Makes `folder`, and what is missing above it; what it makes is private, and what is there stays. */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER });
}

/**
 * Makes the file at `path` if there is none, makes it private, and returns its real path: without
 * symbolic links. Throws where the file has a second name, a hard link, by which another process
 * could open it unnoticed.
 */
export function openPrivate(path: string): string {
  // Not opened where it is there: closing it again would end the locks this process has on it.
  if (!fs.existsSync(path)) fs.closeSync(fs.openSync(path, "a", FILE));
  const real = fs.realpathSync(path);
  if (fs.statSync(real).nlink > 1) {
    throw new Error(`${path} has a second name (a hard link); remove one of the two`);
  }
  makePrivate(real);
  return real;
}

/** Takes the rights of other users from a file that is there; of one there is not nothing is said. */
export function makePrivate(path: string): void {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (!stat || !isOurs(stat) || (stat.mode & 0o077) === 0) return;
  fs.chmodSync(path, stat.isDirectory() ? FOLDER : FILE);
}

/**
 * Makes a data folder private, and the folders of uploads in it. A folder with folders of others in it,
 * such as a home or `/var/lib`, was not made for us: it keeps its rights, and only our files are closed.
 */
export function closeDataFolder(folder: string): void {
  const folders = foldersIn(folder);
  if (folders.every((name) => name === UPLOADS)) makePrivate(folder);
}

/** The same for the folder of uploads and the folders in it; files there were never open to others. */
export function closeUploads(folder: string): void {
  if (!fs.existsSync(folder)) return;
  makePrivate(folder);
  for (const name of foldersIn(folder)) makePrivate(join(folder, name));
}

function foldersIn(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** A shared folder, such as `/tmp`, and another user's are not ours to close. */
function isOurs({ uid, mode }: fs.Stats): boolean {
  return (mode & 0o1000) === 0 && (process.getuid === undefined || uid === process.getuid());
}
