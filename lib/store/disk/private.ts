import * as fs from "node:fs";
import { join } from "node:path";

/** Accessible to our own user only. */
const FILE = 0o600;
const FOLDER = 0o700;
/** The folder of uploads, beside the database. */
export const UPLOADS = "files";

/**
 * Creates `folder` and its missing parents. New folders are private; existing ones stay as they
 * are.
 */
export function makeFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: FOLDER });
}

/**
 * Creates the file at `path` if it is missing, makes it private, and returns its real path, without
 * symbolic links. Throws if the file has a hard link, through which another process could open it
 * unnoticed.
 */
export function openPrivate(path: string): string {
  // An existing file is not opened: closing it again would release this process's locks on it.
  if (!fs.existsSync(path)) fs.closeSync(fs.openSync(path, "a", FILE));
  const real = fs.realpathSync(path);
  if (fs.statSync(real).nlink > 1) {
    throw new Error(`${path} has a second name (a hard link); remove one of the two`);
  }
  makePrivate(real);
  return real;
}

/** Removes other users' permissions from a file, if it exists. */
export function makePrivate(path: string): void {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (!stat || !isOurs(stat) || (stat.mode & 0o077) === 0) return;
  fs.chmodSync(path, stat.isDirectory() ? FOLDER : FILE);
}

/**
 * Makes a data folder private, with its folders of uploads. A folder that contains others' folders,
 * such as a home or `/var/lib`, keeps its permissions; only our files become private.
 */
export function closeDataFolder(folder: string): void {
  const folders = foldersIn(folder);
  if (folders.every((name) => name === UPLOADS)) makePrivate(folder);
}

/**
 * The same for the folder of uploads and its folders. Files in it were never accessible to others.
 */
export function closeUploads(folder: string): void {
  if (!fs.existsSync(folder)) return;
  makePrivate(folder);
  for (const name of foldersIn(folder)) makePrivate(join(folder, name));
}

function foldersIn(folder: string): readonly string[] {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** A shared folder such as `/tmp`, or one of another user, is not changed. */
function isOurs({ uid, mode }: fs.Stats): boolean {
  return (mode & 0o1000) === 0 && (process.getuid === undefined || uid === process.getuid());
}
