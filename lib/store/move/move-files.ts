import { existsSync } from "node:fs";
import { ConfigError } from "../../model/config.ts";
import { putChunks } from "../files/chunks.ts";
import { folderBeside, contentPath } from "../files/contents.ts";
import { asNumber, asText, type Database } from "../database/database.ts";
import { keyOf } from "../files/files.ts";
import type { Progress } from "./move.ts";

/**
 * Copies the files beside an embedded database, `path`, into PostgreSQL, after their rows, and
 * compares the amounts. Run again, it copies what is missing.
 */
export async function moveFiles(
  from: Database,
  path: string,
  to: Database,
  report: (progress: Progress) => void,
): Promise<void> {
  const folder = folderBeside(path);
  const rows = await from.all(`SELECT id, size, thumb FROM files WHERE state = 'here'`);
  for (const [at, row] of rows.entries()) {
    report({ table: "files, their content", done: at, total: rows.length });
    const id = asText(row["id"]);
    const sizes = { whole: asNumber(row["size"]), thumb: asNumber(row["thumb"]) };
    for (const part of ["whole", "thumb"] as const) {
      const size = sizes[part];
      if (size === 0) continue;
      const key = keyOf(id, part);
      const place = contentPath(folder, key);
      if (!existsSync(place)) throw new ConfigError(`--from: there is no file ${place}`);
      await putChunks(to, key, place);
      if ((await sizeIn(to, key)) !== size) {
        throw new ConfigError(`${place} is not the same there: empty the target and start again`);
      }
    }
  }
  report({ table: "files, their content", done: rows.length, total: rows.length });
}

async function sizeIn(db: Database, key: string): Promise<number> {
  const [row] = await db.all(
    `SELECT COALESCE(SUM(LENGTH(bytes)), 0) AS size FROM file_chunks WHERE file = ?1`,
    [key],
  );
  return asNumber(row?.["size"]);
}
