/** Pictures with everything said beside them that a file of their type may say. */
import { PIXEL } from "./files.ts";

/** Stands in each of these pictures many times. */
export const SECRET = "GPS 52.5200 N 13.4050 E";

const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const big = (value: number, size = 4) =>
  Uint8Array.from({ length: size }, (_, at) => value / 256 ** (size - 1 - at));
const little = (value: number, size = 4) => big(value, size).reverse();

export function joined(...parts: readonly (string | Uint8Array | readonly number[])[]) {
  const bytes = parts.map((part) => (typeof part === "string" ? latin1(part) : Buffer.from(part)));
  return new Uint8Array(Buffer.concat(bytes));
}

/** TIFF structure: turned to the right, and a place. */
export const EXIF = joined(
  "MM\0*",
  big(8),
  [0, 1],
  [1, 0x12, 0, 3],
  big(1),
  [0, 6, 0, 0],
  big(0),
  SECRET,
);

async function plain(width: number, height: number) {
  return new Bun.Image(PIXEL).resize(width, height);
}

function segment(marker: number, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const body = joined(...parts);
  return joined([0xff, marker], big(body.length + 2, 2), body);
}

export interface JpegFaults {
  readonly hasEnd?: boolean;
  /** Bytes between segments, which belong to none. */
  readonly stray?: string;
}

export async function spokenJpeg({ hasEnd = true, stray = "" }: JpegFaults = {}) {
  const jpeg = await (await plain(40, 20)).jpeg({ progressive: true }).bytes();
  return joined(
    jpeg.subarray(0, 2),
    segment(0xe1, "Exif\0\0", EXIF),
    stray,
    segment(0xe1, "http://ns.adobe.com/xap/1.0/\0", SECRET),
    segment(0xe0, "JFXX\0", SECRET),
    segment(0xe2, "MPF\0", SECRET),
    segment(0xed, "Photoshop 3.0\0", SECRET),
    segment(0xef, SECRET),
    segment(0xfe, SECRET),
    stray,
    jpeg.subarray(2, -2),
    hasEnd ? joined(jpeg.subarray(-2), SECRET) : "",
  );
}

function chunk(type: string, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const body = joined(type, ...parts);
  return joined(big(body.length - 4), body, big(Bun.hash.crc32(body)));
}

export async function spokenPng() {
  const png = await (await plain(40, 20)).png().bytes();
  const header = 33;
  return joined(
    png.subarray(0, header),
    chunk("tEXt", "Location\0", SECRET),
    chunk("zTXt", "Location\0\0", SECRET),
    chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0", SECRET),
    chunk("eXIf", EXIF),
    chunk("tIME", SECRET.slice(0, 7)),
    chunk("prVt", SECRET),
    png.subarray(header, -12),
    chunk("tEXt", "Comment\0", SECRET),
    png.subarray(-12),
    SECRET,
  );
}

function riffChunk(type: string, ...parts: readonly (string | Uint8Array | readonly number[])[]) {
  const body = joined(...parts);
  return joined(type, little(body.length), body, body.length % 2 === 1 ? [0] : []);
}

export async function spokenWebp() {
  const webp = await (await plain(40, 20)).webp().bytes();
  const canvas = joined(little(39, 3), little(19, 3));
  const body = joined(
    "WEBP",
    riffChunk("VP8X", [0x0c, 0, 0, 0], canvas),
    webp.subarray(12),
    riffChunk("EXIF", EXIF),
    riffChunk("XMP ", SECRET),
    riffChunk("note", SECRET),
  );
  return joined("RIFF", little(body.length), body, SECRET);
}

/** Two frames that go on for ever. */
export function spokenGif() {
  const frame = joined([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 1, 0]);
  const control = [0x21, 0xf9, 4, 0, 10, 0, 0, 0];
  const block = joined([SECRET.length], SECRET, [0]);
  return joined(
    ...["GIF89a", [1, 0, 1, 0, 0x80, 0, 0], [0, 0, 0, 255, 255, 255]],
    ...[[0x21, 0xff, 11], "NETSCAPE2.0", [3, 1, 0, 0, 0]],
    ...[[0x21, 0xff, 11], "XMP DataXMP", block],
    ...[[0x21, 0xfe], block, control, frame, [0x21, 0xfe], block],
    ...[[0x21, 0x01, 12], "012345678901", block, control, frame, [0x3b], SECRET],
  );
}

/** A progressive JPEG of so many scans, all but the first ten of them empty. */
export async function manyScans(width: number, height: number, scans: number) {
  const jpeg = await (await plain(width, height)).jpeg({ progressive: true }).bytes();
  const empty = joined([0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0]);
  const more = Array.from({ length: scans }, () => empty);
  return joined(jpeg.subarray(0, -2), ...more, jpeg.subarray(-2));
}
