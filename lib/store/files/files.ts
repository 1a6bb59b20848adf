import { Refusal } from "../../model/base/errors.ts";
import type { FileInfo } from "../../model/files/file.ts";
import type { Files, StoredFile, Part } from "../../model/files/files.ts";
import type { MessageDraft } from "../../model/store.ts";
import type { Contents } from "./contents.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";

const COLUMNS = [
  "id",
  "room",
  "author",
  "name",
  "type",
  "size",
  "width",
  "height",
  "thumb",
  "at",
  "seq",
  "state",
];
/** After this time an upload has long been stored; its node must have ended. */
const COMING_MS = 60 * 60 * 1000;
const SELECT = `SELECT ${COLUMNS.join(", ")}, hidden FROM files`;

/**
 * A file's row is `coming` until all of it is on disk, then `here`, and `gone` when the bytes are
 * to be erased. So nothing is on disk that no row mentions.
 */
export function openFiles(db: Database, contents: Contents): Files {
  let isFirst = true;
  return {
    async total() {
      const [row] = await db.all(`SELECT COALESCE(SUM(size + thumb), 0) AS total FROM files`);
      return asNumber(row?.["total"]);
    },
    spool: (size) => contents.spool(size),
    async store({ info, room, author, at, seq, thumb: bytes }, whole, thumb) {
      const { id, name, type, size, width = null, height = null } = info;
      const row = [id, room, author, name, type, size, width, height, bytes, at, seq, "coming"];
      await db.transaction((tx) => tx.insert("files", COLUMNS, [row]));
      await contents.put(keyOf(id, "whole"), whole);
      if (thumb !== null) await contents.put(keyOf(id, "thumb"), thumb);
      const kept = await db.transaction((tx) =>
        tx.all(`UPDATE files SET state = 'here' WHERE id = ?1 AND state = 'coming' RETURNING id`, [
          id,
        ]),
      );
      if (kept.length > 0) return;
      for (const part of ["whole", "thumb"] as const) await contents.remove(keyOf(id, part));
      throw new Error("the file took too long to be kept");
    },
    async tidy(now) {
      // The only process of an embedded database has just started: no upload is under way.
      const isAlone = isFirst && db.kind === "sqlite";
      isFirst = false;
      await db.transaction((tx) =>
        tx.all(`UPDATE files SET state = 'gone', at = 0 WHERE state = 'coming' AND at < ?1`, [
          isAlone ? Number.MAX_SAFE_INTEGER : now - COMING_MS,
        ]),
      );
      await contents.tidy(now);
    },
    async find(id) {
      const [row] = await db.all(`${SELECT} WHERE id = ?1 AND state = 'here'`, [id]);
      return row ? toFile(row) : null;
    },
    async of(room, seq) {
      const rows = await db.all(`${SELECT} WHERE room = ?1 AND seq = ?2`, [room, seq]);
      return rows.map((row) => toFile(row).info);
    },
    read: ({ info }, part, start, end) => contents.read(keyOf(info.id, part), start, end),
    async sweep(before, limit) {
      await db.transaction((tx) =>
        tx.all(`UPDATE files SET state = 'gone' WHERE seq IS NULL AND at < ?1`, [before]),
      );
      const rows = await db.all(
        `SELECT id FROM files WHERE seq IS NULL AND at < ?1 AND state = 'gone' LIMIT ?2`,
        [before, limit],
      );
      for (const row of rows) {
        const id = asText(row["id"]);
        for (const part of ["whole", "thumb"] as const) await contents.remove(keyOf(id, part));
        await db.transaction((tx) => tx.all(`DELETE FROM files WHERE id = ?1`, [id]));
      }
      return rows.length;
    },
  };
}

/** The key of a file's bytes. */
export function keyOf(id: string, part: Part): string {
  return part === "whole" ? id : `${id}.${part}`;
}

/**
 * Attaches a draft's files to its message, `seq`, in the message's own transaction: only files of
 * the same person, for the same room, that no message has.
 */
export async function claimFiles(
  tx: Queries,
  { room, author, files = [] }: MessageDraft,
  seq: number,
): Promise<readonly FileInfo[] | Refusal> {
  const claimed: FileInfo[] = [];
  for (const id of files) {
    const [row] = await tx.all(
      `${SELECT} WHERE id = ?1 AND room = ?2 AND author = ?3 AND state = 'here' AND seq IS NULL
        ${tx.forUpdate}`,
      [id, room, author.id],
    );
    if (!row) return new Refusal("noSuchFile");
    claimed.push(toFile(row).info);
  }
  for (const { id } of claimed) await tx.all(`UPDATE files SET seq = ?2 WHERE id = ?1`, [id, seq]);
  return claimed;
}

/** Hides the files of a hidden message, or shows them again. */
export async function hideFiles(
  tx: Queries,
  files: readonly FileInfo[],
  isHidden: boolean,
): Promise<void> {
  for (const { id } of files) {
    await tx.all(`UPDATE files SET hidden = ?2 WHERE id = ?1`, [id, isHidden ? 1 : 0]);
  }
}

/**
 * Releases the files of a deleted message: they cannot be read any more, and a sweep erases them.
 */
export async function dropFiles(tx: Queries, files: readonly FileInfo[]): Promise<void> {
  for (const { id } of files) {
    await tx.all(`UPDATE files SET seq = NULL, at = 0, state = 'gone' WHERE id = ?1`, [id]);
  }
}

function toFile(row: Row): StoredFile {
  const { width, height } = row;
  const box =
    width == null || height == null ? {} : { width: asNumber(width), height: asNumber(height) };
  return {
    info: {
      id: asText(row["id"]),
      name: asText(row["name"]),
      type: asText(row["type"]),
      size: asNumber(row["size"]),
      ...box,
    },
    room: asText(row["room"]),
    author: asText(row["author"]),
    at: asNumber(row["at"]),
    seq: row["seq"] == null ? null : asNumber(row["seq"]),
    thumb: asNumber(row["thumb"]),
    isHidden: asNumber(row["hidden"]) === 1,
  };
}
