import type { BarePicture } from "./copy.ts";
import { bareGif } from "./gif.ts";
import { bareJpeg } from "./jpeg.ts";
import { barePng } from "./png.ts";
import { bareWebp } from "./webp.ts";

const READERS: Readonly<Record<string, (bytes: Uint8Array) => BarePicture | null>> = {
  "image/jpeg": bareJpeg,
  "image/png": barePng,
  "image/webp": bareWebp,
  "image/gif": bareGif,
};

/**
 * A picture without what it says beside itself: where and when it was taken, by which device and
 * program, and any text. The picture is not decoded, and stays as it is to the last bit; so do its
 * colours and which side is up. Takes time in proportion to the file. Null where it is of another
 * type, or there is no picture in it.
 */
export function barePicture(type: string, bytes: Uint8Array): BarePicture | null {
  return READERS[type]?.(bytes) ?? null;
}
