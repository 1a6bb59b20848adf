import { stripMetadata } from "../../model/files/metadata/strip.ts";

/** The longest side of a thumbnail, in pixels: sharp on screens of two pixels a point. */
const THUMB = 800;
/** The most pixels that are decoded, which takes 200 MB of memory. */
const MOST_PIXELS = 50_000_000;
/** The most pixels times passes that are decoded: a few seconds of work. */
const MOST_WORK = 1_000_000_000;
/** Animations of up to this size, in bytes, are shown as they are. */
const MOVING = 4 * 1024 * 1024;
/** Permissions for our own user; `Bun.write` would apply the umask. */
const OWN = 0o600;

/** A decoded picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Bytes of its thumbnail at `thumbPath`, a WebP; 0 if the picture is shown as it is. */
  readonly thumb: number;
}

/** The path of the thumbnail that `preparePicture` writes for the picture at `path`. */
export function thumbPath(path: string): string {
  return `${path}.thumb`;
}

/** Every file that preparing the picture at `path` may create. */
export function pathsOf(path: string): readonly string[] {
  return [path, barePath(path), thumbPath(path)];
}

function barePath(path: string): string {
  return `${path}.bare`;
}

/**
 * Strips the picture at `path` of metadata, decodes it, and creates a thumbnail. Null if it is not
 * safe to show: it is malformed, does not decode, or costs too much.
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
