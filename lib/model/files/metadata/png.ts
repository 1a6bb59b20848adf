import { type StrippedPicture, bigEndian, Copy, isAt } from "./copy.ts";
import { orientationOf, orientationTiff } from "./orientation.ts";

const SIGNATURE = 8;
/** A chunk's length, type and checksum. */
const AROUND = 12;
/** Chunks of data, colours, physical size and animation. */
const KEPT = new Set(
  (
    "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs " + "acTL fcTL fdAT"
  ).split(" "),
);

/**
 * Removes metadata from a PNG (W3C, third edition), and whatever follows its end. Returns null if
 * the file is malformed or truncated.
 */
export function stripPng(bytes: Uint8Array): StrippedPicture | null {
  if (!isAt(bytes, SIGNATURE + 4, "IHDR")) return null;
  const width = bigEndian(bytes, SIGNATURE + 8, 4);
  const height = bigEndian(bytes, SIGNATURE + 12, 4);
  const copy = new Copy(bytes);
  copy.keep(0, SIGNATURE);
  let orientation = 1;
  let hasData = false;
  for (let at = SIGNATURE; at + AROUND <= bytes.length;) {
    const end = at + AROUND + bigEndian(bytes, at, 4);
    if (end > bytes.length) return null;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "eXIf" && !hasData) orientation = orientationOf(bytes.subarray(at + 8, end - 4));
    if (type === "IDAT" && !hasData) {
      hasData = true;
      if (orientation > 1) copy.add(chunk("eXIf", orientationTiff(orientation)));
    }
    if (KEPT.has(type)) copy.keep(at, end);
    if (type === "IEND") return { bytes: copy.bytes, width, height, passes: 1 };
    at = end;
  }
  return null;
}

function chunk(type: string, data: readonly number[]): readonly number[] {
  const body = [...[...type].map((letter) => letter.charCodeAt(0)), ...data];
  return [...uint32(data.length), ...body, ...uint32(crc32(body))];
}

function uint32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** ISO 3309, the checksum of PNG's chunks. */
function crc32(bytes: readonly number[]): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
