import { type StrippedPicture, Copy, isAt, littleEndian } from "./copy.ts";
import { orientationOf, orientationTiff } from "./orientation.ts";

const FIRST = 12;
/** A chunk's type and length. */
const HEADER = 8;
/** The part of a frame's chunk before its own chunks. */
const FRAME_HEADER = 16;
const EXIF_FLAG = 0x08;
const XMP_FLAG = 0x04;
const KEPT = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ICCP", "ANIM"]);

/**
 * Removes metadata from a WebP (RFC 9649), and whatever follows its end. Returns null if the file
 * is malformed.
 */
export function stripWebp(bytes: Uint8Array): StrippedPicture | null {
  if (!isAt(bytes, 0, "RIFF") || !isAt(bytes, 8, "WEBP")) return null;
  const size = sizeOf(bytes);
  const end = Math.min(FIRST - 4 + littleEndian(bytes, 4, 4), bytes.length);
  if (!size) return null;
  const copy = new Copy(bytes);
  copy.keep(0, FIRST);
  let orientation = 1;
  for (const { type, at, next } of chunksOf(bytes, FIRST, end)) {
    if (type === "EXIF") {
      const hasPrefix = isAt(bytes, at + HEADER, "Exif\0\0");
      orientation = orientationOf(bytes.subarray(at + HEADER + (hasPrefix ? 6 : 0), next));
    }
    if (type === "ANMF") keepFrame(copy, at, next);
    else if (KEPT.has(type)) copy.keep(at, next);
  }
  const { bytes: bare } = copy;
  if (isAt(bare, FIRST, "VP8X")) {
    bare[FIRST + HEADER] = (bare[FIRST + HEADER] ?? 0) & ~(EXIF_FLAG | XMP_FLAG);
    if (orientation > 1) {
      bare[FIRST + HEADER] = (bare[FIRST + HEADER] ?? 0) | EXIF_FLAG;
      const tiff = orientationTiff(orientation);
      if (copy.length & 1) copy.add([0]);
      copy.add([0x45, 0x58, 0x49, 0x46, tiff.length, 0, 0, 0, ...tiff]);
    }
  }
  setLength(copy.bytes, 4, copy.length - HEADER);
  return { bytes: copy.bytes, ...size, passes: 1 };
}

/** A frame may contain chunks that are not part of the picture. */
function keepFrame(copy: Copy, at: number, next: number): void {
  const start = copy.length;
  const first = at + HEADER + FRAME_HEADER;
  copy.keep(at, first);
  for (const each of chunksOf(copy.source, first, next)) {
    if (KEPT.has(each.type)) copy.keep(each.at, each.next);
  }
  setLength(copy.bytes, start + 4, copy.length - start - HEADER);
}

/** Complete chunks, each with its padding byte. */
function* chunksOf(bytes: Uint8Array, first: number, end: number) {
  for (let at = first; at + HEADER <= end;) {
    const length = littleEndian(bytes, at + 4, 4);
    if (at + HEADER + length > end) return;
    // Some encoders omit the last padding byte.
    const next = Math.min(at + HEADER + length + (length & 1), end);
    yield { type: String.fromCharCode(...bytes.subarray(at, at + 4)), at, next };
    at = next;
  }
}

/** From the first chunk: the canvas, or the only frame. */
function sizeOf(bytes: Uint8Array): { width: number; height: number } | null {
  const data = FIRST + HEADER;
  if (isAt(bytes, FIRST, "VP8X")) {
    const side = (at: number) => littleEndian(bytes, at, 3) + 1;
    return { width: side(data + 4), height: side(data + 7) };
  }
  if (isAt(bytes, FIRST, "VP8L")) {
    const bits = littleEndian(bytes, data + 1, 4);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (!isAt(bytes, FIRST, "VP8 ")) return null;
  const side = (at: number) => littleEndian(bytes, at, 2) & 0x3fff;
  return { width: side(data + 6), height: side(data + 8) };
}

function setLength(bytes: Uint8Array, at: number, length: number): void {
  for (let index = 0; index < 4; index += 1) bytes[at + index] = (length >>> (8 * index)) & 0xff;
}
