import { contentType, HEAD_BYTES } from "../../model/files/content.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type FileInfo, fileName, kindOf } from "../../model/files/file.ts";
import type { Files } from "../../model/files/files.ts";
import { pictureAlone } from "../../model/files/jpeg.ts";
import { type Limits, UNSENT_MS, UPLOADS_AT_ONCE, uploadRate } from "../../model/wire/limits.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Actor } from "../moderation/moderate.ts";
import { pictureOf } from "./picture.ts";
import { Rates } from "../limits/rates.ts";

export interface UploadDeps {
  readonly files: Files;
  readonly observer: Observer;
  readonly limits: Limits;
  /** Whether what protects from people is on. */
  readonly isLimited: boolean;
  readonly now: () => number;
}

/** What is to be taken in. */
export interface Upload {
  /** As its owner calls it. */
  readonly name: string;
  /** Bytes; there must not be more or fewer of them. */
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Bytes that the smallest file is counted as: a small one may be a large picture to decode. */
const LEAST_COST = 128 * 1024;
const ERASED_AT_ONCE = 100;
const OWN = 0o600;

/** Takes files in, and erases those that no message has. */
export class Uploads {
  readonly #budget: Rates;
  readonly #running = new Map<string, number>();

  constructor(readonly deps: UploadDeps) {
    const { limits, isLimited, now } = deps;
    this.#budget = new Rates(isLimited ? uploadRate(limits.upload) : null, now);
  }

  /** Why `actor` may not upload so much now; null: they may, and it is counted. */
  refuse({ access, author }: Actor, size: number): Refusal | null {
    const { limits, now, isLimited } = this.deps;
    const refusal = authorize(access, "post", now());
    if (refusal) return refusal;
    if (limits.upload === 0) return new Refusal("uploadsOff");
    if (size > limits.upload) return tooLong(limits);
    if (size === 0) return new Refusal("fileEmpty");
    const { network } = access;
    if (isLimited && (this.#running.get(network) ?? 0) >= UPLOADS_AT_ONCE) {
      return new Refusal("uploadLimit");
    }
    const cost = Math.max(size, LEAST_COST);
    return (
      this.#budget.consume(`person ${author.id}`, cost) ??
      this.#budget.consume(`network ${network}`, cost)
    );
  }

  /**
   * Takes a file in that was not refused, for a message of the same person in the same room. When it
   * resolves to the file, that is on disk. Rejects where `content` does, or the disk.
   */
  async accept({ author, room, access }: Actor, upload: Upload): Promise<FileInfo | Refusal> {
    const { files, now, observer } = this.deps;
    const { network } = access;
    // Loaded with the first upload: until then it would be 2 MB of memory for nothing.
    const { rm } = await import("node:fs/promises");
    const path = await files.spool(upload.size);
    if (path instanceof Refusal) return path;
    this.#running.set(network, (this.#running.get(network) ?? 0) + 1);
    const thumbPath = `${path}.thumb`;
    try {
      const head = await write(path, upload);
      if (head instanceof Refusal) return head;
      const { type, size, box, thumb } = await lookAt(path, head);
      if (thumb) await Bun.write(thumbPath, thumb, { mode: OWN });
      const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
      const info = { id, name: fileName(upload.name), type, size, ...box };
      const at = now();
      const kept = { info, room, author: author.id, at, seq: null, thumb: thumb?.length ?? 0 };
      await files.keep(kept, path, thumb ? thumbPath : null);
      observer.count("files");
      observer.count("file_bytes", size);
      return info;
    } finally {
      await rm(path, { force: true });
      await rm(thumbPath, { force: true });
      const left = (this.#running.get(network) ?? 1) - 1;
      if (left > 0) this.#running.set(network, left);
      else this.#running.delete(network);
    }
  }

  /** Erases what was uploaded and never sent, and what was in messages that are deleted. Never rejects. */
  async sweep(): Promise<void> {
    const { files, now, observer } = this.deps;
    try {
      while ((await files.sweep(now() - UNSENT_MS, ERASED_AT_ONCE)) === ERASED_AT_ONCE);
    } catch (fault) {
      observer.log("error", "files not erased", { fault: String(fault) });
    }
  }
}

/** Writes it down as it comes; its first bytes, or a refusal where it is not as long as was said. */
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

function tooLong({ upload }: Limits): Refusal {
  return new Refusal("fileTooLarge", { size: upload / 1024 });
}

/** What a file is. What says it is a picture and does not decode is not shown as one. */
async function lookAt(path: string, head: Uint8Array) {
  const type = contentType(head);
  if (kindOf(type) !== "image") return { type, size: Bun.file(path).size, box: {}, thumb: null };
  const picture = await pictureOf(path, type);
  if (!picture) {
    const { size } = Bun.file(path);
    return { type: "application/octet-stream", size, box: {}, thumb: null };
  }
  if (type === "image/jpeg") await strip(path);
  const { width, height, thumb } = picture;
  return { type, size: Bun.file(path).size, box: { width, height }, thumb };
}

/** Nobody who sends a photo means to say where they live. */
async function strip(path: string): Promise<void> {
  const alone = pictureAlone(await Bun.file(path).bytes());
  if (alone) await Bun.write(path, alone, { mode: OWN });
}
