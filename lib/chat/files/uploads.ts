import { contentType, HEAD_BYTES } from "../../model/files/content.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type FileInfo, fileName, kindOf } from "../../model/files/file.ts";
import type { Files } from "../../model/files/files.ts";
import { UNSENT_MS } from "../../model/wire/limits.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Actor } from "../moderation/moderate.ts";
import type { Decoder } from "./decoder.ts";
import { pathsOf, thumbPath } from "./picture.ts";
import type { UploadQuota } from "../limits/upload-quota.ts";

export interface UploadDeps {
  readonly files: Files;
  readonly observer: Observer;
  readonly quota: UploadQuota;
  readonly decoder: Decoder;
  readonly now: () => number;
}

/** A file to be stored. */
export interface Upload {
  /** As named by its owner. */
  readonly name: string;
  /** The exact number of bytes. */
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Permission to upload a number of bytes, which count until it is disposed of. */
export interface Admission extends Disposable {
  /**
   * Stores a file for a message of the same person in the same room. When it resolves to the file,
   * the file is on disk. Rejects if `content` or the disk fails.
   */
  accept(upload: Upload): Promise<FileInfo | Refusal>;
}

const ERASED_AT_ONCE = 100;
const OWN = 0o600;

/** Stores uploads, and erases those that no message has. */
export class Uploads {
  constructor(readonly deps: UploadDeps) {}

  /** Permission for `actor` to upload `size` bytes now, or the refusal. */
  admit(actor: Actor, size: number): Admission | Refusal {
    const { now, quota } = this.deps;
    const { largest } = quota.deps;
    const { access, author } = actor;
    const refusal = authorize(access, "post", now());
    if (refusal) return refusal;
    if (largest === 0) return new Refusal("uploadsOff");
    if (size > largest) return new Refusal("fileTooLarge", { size: largest / 1024 });
    if (size === 0) return new Refusal("fileEmpty");
    const reservation = quota.reserve(author.id, access.network, size);
    if (reservation instanceof Refusal) return reservation;
    return {
      accept: (upload) => this.#accept(actor, upload),
      [Symbol.dispose]: reservation.release,
    };
  }

  async #accept({ author, room, access }: Actor, upload: Upload): Promise<FileInfo | Refusal> {
    const { files, now, observer, quota } = this.deps;
    // Loaded with the first upload, to save 2 MB of memory.
    const { rm } = await import("node:fs/promises");
    const path = await files.spool(quota.coming);
    if (path instanceof Refusal) return path;
    try {
      const head = await write(path, upload);
      if (head instanceof Refusal) return head;
      const { type, box, thumb } = await this.#lookAt(path, head, access.network);
      const { size } = Bun.file(path);
      const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
      const info = { id, name: fileName(upload.name), type, size, ...box };
      const at = now();
      const kept = { info, room, author: author.id, at, seq: null, thumb, isHidden: false };
      await files.store(kept, path, thumb > 0 ? thumbPath(path) : null);
      quota.stored += size + thumb;
      observer.count("files");
      observer.count("file_bytes", size);
      return info;
    } finally {
      for (const each of pathsOf(path)) await rm(each, { force: true });
    }
  }

  /** Determines a file's type. A picture that does not decode is not shown as one. */
  async #lookAt(path: string, head: Uint8Array, network: string) {
    const type = contentType(head);
    if (kindOf(type) !== "image") return { type, box: {}, thumb: 0 };
    const picture = await this.deps.decoder.prepare(path, type, network);
    if (!picture) return { type: "application/octet-stream", box: {}, thumb: 0 };
    const { thumb, ...box } = picture;
    return { type, box, thumb };
  }

  /** Erases uploads that were never sent, and those of deleted messages. Never rejects. */
  async sweep(): Promise<void> {
    const { files, now, observer, quota } = this.deps;
    try {
      await files.tidy(now());
      while ((await files.sweep(now() - UNSENT_MS, ERASED_AT_ONCE)) === ERASED_AT_ONCE);
      quota.stored = await files.total();
    } catch (fault) {
      observer.log("error", "files not erased", { fault: String(fault) });
    }
  }
}

/**
 * Writes the content as it arrives; returns its first bytes, or a refusal if the length differs.
 */
async function write(path: string, { size, content }: Upload): Promise<Uint8Array | Refusal> {
  const head = new Uint8Array(Math.min(size, HEAD_BYTES));
  let written = 0;
  const { open } = await import("node:fs/promises");
  const file = await open(path, "w", OWN);
  try {
    for await (const bytes of content) {
      if (written + bytes.length > size) return WRONG_LENGTH;
      if (written < head.length) head.set(bytes.subarray(0, head.length - written), written);
      written += bytes.length;
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  return written === size ? head : WRONG_LENGTH;
}

const WRONG_LENGTH = new Refusal("uploadBroken");
