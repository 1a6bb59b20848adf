import type { StrippedPicture } from "./copy.ts";
import { stripGif } from "./gif.ts";
import { stripJpeg } from "./jpeg.ts";
import { stripPng } from "./png.ts";
import { stripWebp } from "./webp.ts";

const READERS: Readonly<Record<string, (bytes: Uint8Array) => StrippedPicture | null>> = {
  "image/jpeg": stripJpeg,
  "image/png": stripPng,
  "image/webp": stripWebp,
  "image/gif": stripGif,
};

/**
 * A picture without what it says beside itself: where and when it was taken, by which device and
 * program, and any text. The picture is not decoded, and stays as it is to the last bit; so do its
 * colours and which side is up. Takes time in proportion to the file. Null where it is of another
 * type, or there is no picture in it.
 */
export function stripMetadata(type: string, bytes: Uint8Array): StrippedPicture | null {
  return READERS[type]?.(bytes) ?? null;
}
