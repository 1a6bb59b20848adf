import { dirname, join } from "node:path";
import { Refusal } from "../model/errors.ts";
import type { Database } from "./database.ts";

/** Where the bytes of files lie. A key is letters, digits and a dot, chosen by us. */
export interface Contents {
  /** As `Files.spool`; only our own user may read it. */
  spool(size: number): Promise<string | Refusal>;
  /** Takes over the file at `path`; all of it is on disk when it resolves. */
  put(key: string, path: string): Promise<void>;
  /** Bytes from `start` to before `end`; null where there is nothing under this key. */
  read(key: string, start: number, end: number): Promise<Bytes | null>;
  /** Of a key there is not, too. */
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}
export type Bytes = Blob | ReadableStream<Uint8Array<ArrayBuffer>>;

const OWN = 0o600;
/** Loaded with the first file: until then it would be 2 MB of memory for nothing. */
const disk = () => import("node:fs/promises");

/** Bytes of a disk that files leave to messages: a chat that cannot commit is no chat. */
const RESERVE = 256 * 1024 * 1024;

/** In files of their own, two letters of the key to a folder; for one process. */
export function folderContents(folder: string, reserve = RESERVE): Contents {
  const incoming = join(folder, "incoming");
  let isReady: Promise<void> | null = null;
  // What a crash left there is part of no file: a whole one is put in its place first.
  const ready = async () => {
    const { mkdir, rm } = await disk();
    await rm(incoming, { recursive: true, force: true });
    await mkdir(incoming, { recursive: true });
  };
  return {
    async spool(size) {
      await (isReady ??= ready());
      const { bavail, bsize } = await (await disk()).statfs(incoming);
      if (bavail * bsize < size + reserve) {
        return new Refusal("too_many", "There is no room for files just now.");
      }
      return newFile(incoming);
    },
    async put(key, path) {
      const { mkdir, rename } = await disk();
      const place = placeOf(folder, key);
      await mkdir(dirname(place), { recursive: true });
      await toDisk(path);
      await rename(path, place);
      await toDisk(dirname(place));
      await toDisk(folder);
    },
    async read(key, start, end) {
      const file = Bun.file(placeOf(folder, key));
      return (await file.exists()) ? file.slice(start, end) : null;
    },
    remove: async (key) => (await disk()).rm(placeOf(folder, key), { force: true }),
    close: async () => undefined,
  };
}

/** The folder of what is in files, beside the embedded database. */
export function folderBeside(database: string): string {
  return join(dirname(database), "files");
}

/** Where a key's bytes are in the folder. */
export function placeOf(folder: string, key: string): string {
  return join(folder, key.slice(0, 2), key);
}

async function ownFolder(): Promise<string> {
  const { tmpdir } = await import("node:os");
  return (await disk()).mkdtemp(join(tmpdir(), "chatroom-files-"));
}

async function newFile(folder: string): Promise<string> {
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

/** Bytes of a file in one row. */
export const CHUNK = 256 * 1024;

/** In the database, in pieces, so that every node serves every file. */
export function chunkContents(db: Database): Contents {
  let spooling: Promise<string> | null = null;
  const piece = async (key: string, part: number): Promise<Uint8Array<ArrayBuffer> | null> => {
    const [row] = await db.all(`SELECT bytes FROM file_chunks WHERE file = ?1 AND part = ?2`, [
      key,
      part,
    ]);
    return row ? asBytes(row["bytes"]) : null;
  };
  return {
    async spool() {
      spooling ??= ownFolder();
      return newFile(await spooling);
    },
    async put(key, path) {
      await putChunks(db, key, path);
      await (await disk()).rm(path, { force: true });
    },
    async read(key, start, end) {
      let part = Math.floor(start / CHUNK);
      const first = await piece(key, part);
      if (!first) return null;
      let next: Uint8Array<ArrayBuffer> | null = first;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        async pull(controller) {
          const from = part * CHUNK;
          const bytes = next ?? (await piece(key, part));
          // Erased while it was read: what is missing must not look like the end.
          if (!bytes) throw new Error("the file was erased");
          next = null;
          part += 1;
          controller.enqueue(bytes.subarray(Math.max(start - from, 0), end - from));
          if (part * CHUNK >= end) controller.close();
        },
      });
    },
    async remove(key) {
      await db.transaction((tx) => tx.all(`DELETE FROM file_chunks WHERE file = ?1`, [key]));
    },
    async close() {
      if (spooling) await (await disk()).rm(await spooling, { recursive: true, force: true });
    },
  };
}

/** Copies a file into the database; all of it is on disk when it resolves. */
export async function putChunks(db: Database, key: string, path: string): Promise<void> {
  const { size } = await (await disk()).stat(path);
  for (let part = 0; part * CHUNK < size; part += 1) {
    const bytes = await Bun.file(path)
      .slice(part * CHUNK, (part + 1) * CHUNK)
      .bytes();
    await db.transaction((tx) =>
      tx.all(
        `INSERT INTO file_chunks (file, part, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
        [key, part, bytes],
      ),
    );
  }
}

function asBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw new TypeError("the database holds no bytes here");
  return new Uint8Array(value);
}
