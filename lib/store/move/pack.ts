import { Database as Sqlite } from "bun:sqlite";
import * as fs from "node:fs";
import { dirname } from "node:path";
import { CHUNK } from "../files/chunks.ts";
import { contentPath } from "../files/contents.ts";
import { keyOf } from "../files/files.ts";
import { makeFolder } from "../disk/private.ts";

const OWN = 0o600;

/** Whether the schema of a database has files. */
export function hasFiles(sqlite: Sqlite): boolean {
  const [row] = sqlite
    .query(`SELECT COUNT(*) FROM sqlite_master WHERE name = 'file_chunks'`)
    .values();
  return Number(row?.[0]) === 1;
}

/** Puts the folder's files into a copy of their database, so that it is one file. */
export function packFiles(copy: string, folder: string): void {
  open(copy, (sqlite) => {
    const insert = sqlite.prepare(
      `INSERT INTO file_chunks (file, part, bytes) VALUES (?1, ?2, ?3)`,
    );
    for (const key of keysOf(sqlite)) {
      // Deleted and erased since the copy was made.
      if (!fs.existsSync(contentPath(folder, key))) continue;
      const file = fs.openSync(contentPath(folder, key), "r");
      try {
        for (let part = 0; ; part += 1) {
          const bytes = new Uint8Array(CHUNK);
          const count = fs.readSync(file, bytes, 0, CHUNK, part * CHUNK);
          if (count === 0) break;
          insert.run(key, part, bytes.subarray(0, count));
        }
      } finally {
        fs.closeSync(file);
      }
    }
    insert.finalize();
  });
}

/** Moves the files from a copy into a folder; on disk when it returns. */
export function unpackFiles(copy: string, folder: string): void {
  open(copy, (sqlite) => {
    const piece = sqlite.prepare<{ bytes: Uint8Array }, [string, number]>(
      `SELECT bytes FROM file_chunks WHERE file = ?1 AND part = ?2`,
    );
    for (const key of keysOf(sqlite)) {
      const place = contentPath(folder, key);
      makeFolder(dirname(place));
      const file = fs.openSync(place, "w", OWN);
      for (let part = 0, row; (row = piece.get(key, part)); part += 1) {
        fs.writeSync(file, row.bytes);
      }
      fs.fsyncSync(file);
      fs.closeSync(file);
    }
    piece.finalize();
    sqlite.run(`DELETE FROM file_chunks`);
  });
  // Frees the space they took.
  open(copy, (sqlite) => sqlite.run("VACUUM"), false);
}

function open(copy: string, work: (sqlite: Sqlite) => void, isOne = true): void {
  const sqlite = new Sqlite(copy, { readwrite: true });
  try {
    if (!hasFiles(sqlite)) return;
    if (isOne) sqlite.transaction(() => work(sqlite))();
    else work(sqlite);
  } finally {
    sqlite.close();
  }
}

/** The keys of every complete file and its thumbnail. */
function keysOf(sqlite: Sqlite): readonly string[] {
  const rows = sqlite.query(`SELECT id, thumb FROM files WHERE state = 'here'`).values();
  return rows.flatMap(([id, thumb]) => {
    const whole = keyOf(String(id), "whole");
    return Number(thumb) > 0 ? [whole, keyOf(String(id), "thumb")] : [whole];
  });
}
