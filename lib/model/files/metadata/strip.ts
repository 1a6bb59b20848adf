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
 * Removes metadata from a picture: time, place, device, program and any text. The picture is not
 * decoded; its pixels, colours and orientation stay the same. Takes time linear in the size of the
 * file. Returns null if the type is not supported, or there is no picture.
 */
export function stripMetadata(type: string, bytes: Uint8Array): StrippedPicture | null {
  return READERS[type]?.(bytes) ?? null;
}
