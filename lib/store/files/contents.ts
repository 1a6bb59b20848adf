import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Refusal } from "../../model/base/errors.ts";
import { freeSpace, MESSAGE_RESERVE } from "../disk/free-space.ts";
import { UPLOADS } from "../disk/private.ts";

/** Stores the bytes of files. A key consists of letters, digits and a dot, and is chosen by us. */
export interface Contents {
  /** Like `Files.spool`; private to our user. */
  spool(size: number): Promise<string | Refusal>;
  /** Takes ownership of the file at `path`; on disk when it resolves. */
  put(key: string, path: string): Promise<void>;
  /** The bytes from `start` to before `end`; null if the key does not exist. */
  read(key: string, start: number, end: number): Promise<Bytes | null>;
  /** Does nothing if the key does not exist. */
  remove(key: string): Promise<void>;
  /** Removes the incoming uploads of processes that ended before `now`, in milliseconds. */
  tidy(now: number): Promise<void>;
  close(): Promise<void>;
}
export type Bytes = Blob | ReadableStream<Uint8Array<ArrayBuffer>>;

const OWN = 0o600;
const OWN_FOLDER = 0o700;
/** Loaded with the first file, to save 2 MB of memory. */
export const disk = () => import("node:fs/promises");

/** Contents in files, in folders named by two letters of the key; for one process. */
export function folderContents(folder: string, reserve = MESSAGE_RESERVE): Contents {
  const incoming = join(folder, "incoming");
  let isReady: Promise<void> | null = null;
  // What a crash left here belongs to no file: complete ones have been moved.
  const ready = async () => {
    const { mkdir, rm } = await disk();
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true, mode: OWN_FOLDER });
  };
  return {
    async spool(size) {
      await (isReady ??= ready());
      if ((await freeSpace(incoming)) < size + reserve) return new Refusal("diskFull");
      return newFile(incoming);
    },
    async put(key, path) {
      const { mkdir, rename } = await disk();
      const place = contentPath(folder, key);
      await mkdir(dirname(place), { recursive: true, mode: OWN_FOLDER });
      await toDisk(path);
      await rename(path, place);
      await toDisk(dirname(place));
      await toDisk(folder);
    },
    async read(key, start, end) {
      const file = Bun.file(contentPath(folder, key));
      return (await file.exists()) ? file.slice(start, end) : null;
    },
    remove: async (key) => (await disk()).rm(contentPath(folder, key), { force: true }),
    async tidy() {
      if (existsSync(incoming)) await (isReady ??= ready());
    },
    close: async () => undefined,
  };
}

/** The folder of uploads, beside the embedded database at this real path. */
export function folderBeside(database: string): string {
  return join(dirname(database), UPLOADS);
}

/** The path of a key's bytes in the folder. */
export function contentPath(folder: string, key: string): string {
  return join(folder, key.slice(0, 2), key);
}

/** The path of a new file in a folder, private to our user. */
export async function newFile(folder: string): Promise<string> {
  const path = join(folder, crypto.randomUUID());
  const file = await (await disk()).open(path, "wx", OWN);
  await file.close();
  return path;
}

async function toDisk(path: string): Promise<void> {
  const file = await (await disk()).open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
