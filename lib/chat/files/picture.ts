import { stripMetadata } from "../../model/files/metadata/strip.ts";

/** The longest side of the small picture, in pixels: sharp on a screen of two dots a pixel. */
const THUMB = 800;
/** Of a picture that is decoded at all: 200 MB of memory while it is. */
const MOST_PIXELS = 50_000_000;
/** Pixels times passes of a picture that is decoded at all: a few seconds at the most. */
const MOST_WORK = 1_000_000_000;
/** Up to this many bytes a picture that moves is shown as it is. */
const MOVING = 4 * 1024 * 1024;
/** Rights of a file that our own user alone may read; `Bun.write` would leave them to the mask. */
const OWN = 0o600;

/** What a picture is, once it was decoded. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Bytes of its small picture at `thumbPath`, a WebP; 0 where it is shown as it is. */
  readonly thumb: number;
}

/** Where `preparePicture` leaves the small picture of the one at `path`. */
export function thumbPath(path: string): string {
  return `${path}.thumb`;
}

/** Every file that preparing the picture at `path` may leave. */
export function pathsOf(path: string): readonly string[] {
  return [path, barePath(path), thumbPath(path)];
}

function barePath(path: string): string {
  return `${path}.bare`;
}

/**
 * Takes from the picture at `path` what is no part of it, decodes it, and makes it small. Null where
 * it is none that is safe to show: it is not built as its type is, does not decode, or costs too much.
 */
export async function preparePicture(path: string, type: string): Promise<Picture | null> {
  const bare = stripMetadata(type, await Bun.file(path).bytes());
  if (!bare) return null;
  const { rename, writeFile } = await import("node:fs/promises");
  await writeFile(barePath(path), bare.bytes, { mode: OWN });
  await rename(barePath(path), path);
  const pixels = bare.width * bare.height;
  if (pixels > MOST_PIXELS || pixels * bare.passes > MOST_WORK) return null;
  try {
    return await decode(path, type, bare.bytes);
  } catch {
    return null;
  }
}

async function decode(path: string, type: string, bytes: Uint8Array): Promise<Picture> {
  const open = () => new Bun.Image(bytes, { maxPixels: MOST_PIXELS });
  const size = { fit: "inside", withoutEnlargement: true } as const;
  const thumb = await open().resize(THUMB, THUMB, size).webp({ quality: 80 }).bytes();
  const { width, height } = await open().metadata();
  const isSmall = width <= THUMB && height <= THUMB && bytes.length <= thumb.length;
  const moves = type === "image/gif" && bytes.length <= MOVING;
  if (isSmall || moves) return { width, height, thumb: 0 };
  const { writeFile } = await import("node:fs/promises");
  await writeFile(thumbPath(path), thumb, { mode: OWN });
  return { width, height, thumb: thumb.length };
}
