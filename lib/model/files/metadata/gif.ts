import { type StrippedPicture, Copy, isAt, littleEndian } from "./copy.ts";

const HEADER = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const CONTROL = 0xf9;
const APPLICATION = 0xff;

/**
 * A GIF (version 89a) without comments, texts and what applications say in it, but how often it is
 * repeated, and without what follows its end. A missing end is added. Null where there is no picture
 * in it.
 */
export function stripGif(bytes: Uint8Array): StrippedPicture | null {
  const copy = new Copy(bytes);
  let at = HEADER + colours(bytes[10] ?? 0);
  copy.keep(0, at);
  let images = 0;
  while (at < bytes.length) {
    const start = at;
    const isImage = bytes[at] === IMAGE;
    if (!isImage && bytes[at] !== EXTENSION) break;
    at = blocksEnd(bytes, isImage ? at + 11 + colours(bytes[at + 9] ?? 0) : at + 2);
    if (at > bytes.length) break;
    if (isImage || isKept(bytes, start)) copy.keep(start, at);
    images += Number(isImage);
  }
  copy.add([TRAILER]);
  const [width, height] = [littleEndian(bytes, 6, 2), littleEndian(bytes, 8, 2)];
  return images === 0 ? null : { bytes: copy.bytes, width, height, passes: 1 };
}

/** Bytes of the table of colours that a byte of flags announces. */
function colours(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Whether an extension is of how the pictures are shown. */
function isKept(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 1] === CONTROL) return true;
  if (bytes[at + 1] !== APPLICATION) return false;
  const isLoop = isAt(bytes, at + 3, "NETSCAPE2.0") || isAt(bytes, at + 3, "ANIMEXTS1.0");
  // One block of three bytes, and the end.
  return isLoop && bytes[at + 14] === 3 && bytes[at + 18] === 0;
}

/** Where a row of blocks ends, its last and empty one included; beyond the file where it does not. */
function blocksEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
  return at + 1;
}
