import { type StrippedPicture, bigEndian, Copy, isAt } from "./copy.ts";
import { orientationOf, orientationTiff } from "./orientation.ts";

const TEM = 0x01;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;

/** What is learned in the pass over a file. */
interface Found {
  width: number;
  height: number;
  scans: number;
  orientation: number;
}

/**
 * Removes metadata from a JPEG (ITU-T T.81, annex B), as well as bytes between segments, truncated
 * segments and whatever follows its end. Adds a missing end. Returns null if there is no picture.
 */
export function stripJpeg(bytes: Uint8Array): StrippedPicture | null {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return null;
  const found: Found = { width: 0, height: 0, scans: 0, orientation: 1 };
  const body = copySegments(bytes, found);
  const { width, height, scans, orientation } = found;
  if (width * height === 0 || scans === 0) return null;
  const copy = new Copy(body);
  copy.add([0xff, SOI]);
  if (orientation > 1) {
    const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...orientationTiff(orientation)];
    copy.add([0xff, APP1, 0, exif.length + 2, ...exif]);
  }
  copy.keep(0, body.length);
  copy.add([0xff, EOI]);
  return { bytes: copy.bytes, width, height, passes: scans };
}

/** The segments that make up the picture, with their data. */
function copySegments(bytes: Uint8Array, found: Found): Uint8Array {
  const copy = new Copy(bytes);
  for (let at = 2; ;) {
    at = bytes.indexOf(0xff, at);
    const marker = bytes[at + 1] ?? EOI;
    if (at === -1 || marker === EOI) return copy.bytes;
    if (marker === 0xff || marker === 0) {
      at += 1 + Number(marker === 0);
      continue;
    }
    if (marker === TEM || isRestart(marker) || marker === SOI) {
      at += 2;
      continue;
    }
    const length = bigEndian(bytes, at + 2, 2);
    const end = at + 2 + length;
    if (end > bytes.length) return copy.bytes;
    if (length < 2) {
      at += 2;
      continue;
    }
    if (isFrame(marker)) {
      found.height = Math.max(found.height, bigEndian(bytes, at + 5, 2));
      found.width = Math.max(found.width, bigEndian(bytes, at + 7, 2));
    }
    if (marker === APP1 && isAt(bytes, at + 4, "Exif\0\0")) {
      found.orientation = orientationOf(bytes.subarray(at + 10, end));
    }
    const isScan = marker === SOS;
    found.scans += Number(isScan);
    const next = isScan ? scanEnd(bytes, end) : end;
    if (isOfPicture(bytes, marker, at)) copy.keep(at, next);
    at = next;
  }
}

/** Frames, tables, scans, restart intervals and colour information. */
function isOfPicture(bytes: Uint8Array, marker: number, at: number): boolean {
  if (marker >= 0xc0 && marker <= 0xcf) return true;
  if (marker >= SOS && marker <= 0xdf) return true;
  if (marker === APP0) return isAt(bytes, at + 4, "JFIF\0");
  if (marker === APP2) return isAt(bytes, at + 4, "ICC_PROFILE\0");
  return marker === APP14 && isAt(bytes, at + 4, "Adobe");
}

/** SOF0 to SOF15, without the table markers in that range. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** The position of the marker that ends a scan's data. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return bytes.length;
}
