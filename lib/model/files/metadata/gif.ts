import { type StrippedPicture, Copy, isAt, littleEndian } from "./copy.ts";

const HEADER = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const CONTROL = 0xf9;
const APPLICATION = 0xff;

/**
 * Removes comments, plain text and application data from a GIF (version 89a), except the loop
 * count, and whatever follows its end. Adds a missing end. Returns null if there is no picture.
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

/** The size of the colour table that a flags byte announces. */
function colours(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Whether an extension affects how the picture is shown. */
function isKept(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 1] === CONTROL) return true;
  if (bytes[at + 1] !== APPLICATION) return false;
  const isLoop = isAt(bytes, at + 3, "NETSCAPE2.0") || isAt(bytes, at + 3, "ANIMEXTS1.0");
  // One block of three bytes, then the terminator.
  return isLoop && bytes[at + 14] === 3 && bytes[at + 18] === 0;
}

/** The end of a sequence of blocks, including the empty last one; beyond the file if it is cut. */
function blocksEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] ?? 0);
  return at + 1;
}
