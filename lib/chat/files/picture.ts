/** The longest side of the small picture, in pixels: sharp on a screen of two dots a pixel. */
const THUMB = 800;
/** Of a picture that is decoded at all: 200 MB of memory while it is. */
const MOST_PIXELS = 50_000_000;
/** Up to this many bytes a picture that moves is shown as it is. */
const MOVING = 4 * 1024 * 1024;

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** WebP without anything but the picture; null where it is shown as it is. */
  readonly thumb: Uint8Array | null;
}

let last: Promise<unknown> = Promise.resolve();

/**
 * Decodes a picture, off this thread and one at a time, and makes it small. Null where it is none
 * that is safe to show: it does not decode, or has too many pixels.
 */
export function pictureOf(path: string, type: string): Promise<Picture | null> {
  const turn = last.then(() => decode(path, type));
  last = turn;
  return turn;
}

async function decode(path: string, type: string): Promise<Picture | null> {
  const file = Bun.file(path);
  try {
    const image = new Bun.Image(file, { maxPixels: MOST_PIXELS });
    const size = { fit: "inside", withoutEnlargement: true } as const;
    const thumb = await image.resize(THUMB, THUMB, size).webp({ quality: 80 }).bytes();
    const { width, height } = await new Bun.Image(file, { maxPixels: MOST_PIXELS }).metadata();
    const isSmall = width <= THUMB && height <= THUMB && file.size <= thumb.length;
    const moves = type === "image/gif" && file.size <= MOVING;
    return { width, height, thumb: isSmall || moves ? null : thumb };
  } catch {
    return null;
  }
}
