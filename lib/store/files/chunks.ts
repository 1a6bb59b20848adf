import { type Contents, disk, newFile } from "./contents.ts";
import { openSpool, removeDeadSpools, type Spool } from "../disk/spool.ts";
import type { Database } from "../database/database.ts";

/** Bytes of a file in one row. */
export const CHUNK = 256 * 1024;
/** The bytes read before the answer begins, so that its length is known for small files. */
const AT_ONCE = 4 * CHUNK;

/** Contents in the database, in pieces, so that every node serves every file. */
export function chunkContents(db: Database): Contents {
  let spooling: Promise<Spool> | null = null;
  return {
    async spool() {
      spooling ??= openSpool();
      return newFile((await spooling).path);
    },
    async put(key, path) {
      await putChunks(db, key, path);
      await (await disk()).rm(path, { force: true });
    },
    async read(key, start, end) {
      const bytes = partsOf(db, key, start, end);
      const first = await bytes.next();
      if (first.done) return null;
      const size = end - start;
      const parts = [first.value];
      if (size <= AT_ONCE) {
        for await (const part of bytes) parts.push(part);
        return new Blob(parts);
      }
      let left = size;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        async pull(controller) {
          const part = parts.pop() ?? (await bytes.next()).value;
          // Erased while it was being read: this must not look like the end.
          if (!part) throw new Error("the file was erased");
          controller.enqueue(part);
          left -= part.length;
          if (left <= 0) controller.close();
        },
      });
    },
    async remove(key) {
      await db.transaction((tx) => tx.all(`DELETE FROM file_chunks WHERE file = ?1`, [key]));
    },
    tidy: removeDeadSpools,
    async close() {
      if (spooling) await (await spooling).close();
    },
  };
}

/** The bytes from `start` to before `end`; ends early if there are no more. */
async function* partsOf(db: Database, key: string, start: number, end: number) {
  for (let part = Math.floor(start / CHUNK); part * CHUNK < end; part += 1) {
    const [row] = await db.all(`SELECT bytes FROM file_chunks WHERE file = ?1 AND part = ?2`, [
      key,
      part,
    ]);
    if (!row) return;
    const from = part * CHUNK;
    yield asBytes(row["bytes"]).subarray(Math.max(start - from, 0), end - from);
  }
}

/** Copies a file into the database; on disk when it resolves. */
export async function putChunks(db: Database, key: string, path: string): Promise<void> {
  const { size } = await (await disk()).stat(path);
  for (let part = 0; part * CHUNK < size; part += 1) {
    const slice = Bun.file(path).slice(part * CHUNK, (part + 1) * CHUNK);
    const row = [key, part, await slice.bytes()];
    await db.transaction((tx) =>
      tx.all(
        `INSERT INTO file_chunks (file, part, bytes) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
        row,
      ),
    );
  }
}

function asBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw new TypeError("the database holds no bytes here");
  return new Uint8Array(value);
}
