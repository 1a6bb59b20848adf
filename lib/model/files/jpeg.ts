const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const COM = 0xfe;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const ORIENTATION = 0x0112;

/**
 * A JPEG (ITU-T T.81, annex B) without what it says beside the picture: where and when it was taken,
 * by which device, and whatever follows its end. Its colours and which side is up stay; the picture
 * itself is not touched. Null where it is not built as it should be.
 */
export function pictureAlone(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return null;
  const kept: Uint8Array[] = [];
  let upright = 1;
  for (let at = 2; at + 4 <= bytes.length || bytes[at + 1] === EOI;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === EOI) return joined(upright, [...kept, bytes.subarray(at, at + 2)]);
    const end = at + 2 + uint16(bytes, at + 2);
    if (end > bytes.length || end < at + 4) return null;
    const segment = bytes.subarray(at, end);
    if (marker === APP1) upright = orientationOf(segment) ?? upright;
    if (isOfPicture(marker, segment)) kept.push(segment);
    at = end;
    if (marker !== SOS) continue;
    const next = scanEnd(bytes, at);
    kept.push(bytes.subarray(at, next));
    at = next;
  }
  return null;
}

function isOfPicture(marker: number, segment: Uint8Array): boolean {
  if (marker === COM) return false;
  if (marker < APP0 || marker > APP15) return true;
  return (
    marker === APP0 || marker === APP14 || (marker === APP2 && startsWith(segment, "ICC_PROFILE"))
  );
}

/** Where the next marker is that ends what a scan holds. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1] ?? 0;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return bytes.length;
}

/** The first directory's entry in an Exif segment (TIFF 6.0, section 2); null where there is none. */
function orientationOf(segment: Uint8Array): number | null {
  if (!startsWith(segment, "Exif\0\0")) return null;
  const tiff = segment.subarray(10);
  const isLittle = tiff[0] === 0x49;
  const short = (at: number) => uint16(tiff, at, isLittle);
  const first = isLittle ? short(4) : short(6);
  for (let entry = 0; entry < short(first); entry += 1) {
    const at = first + 2 + entry * 12;
    if (at + 12 > tiff.length) return null;
    if (short(at) === ORIENTATION) return short(at + 8);
  }
  return null;
}

/** With an Exif segment that says which side is up, and nothing else, where that is not the first. */
function joined(upright: number, parts: readonly Uint8Array[]): Uint8Array {
  const isTurned = upright > 1 && upright <= 8;
  const all = [Uint8Array.of(0xff, SOI), ...(isTurned ? [turned(upright)] : []), ...parts];
  const whole = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function turned(upright: number): Uint8Array {
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0];
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [0, 1, ORIENTATION >> 8, ORIENTATION & 0xff, 0, 3, 0, 0, 0, 1, 0, upright, 0, 0];
  const body = [...exif, ...header, ...entry, 0, 0, 0, 0];
  return Uint8Array.of(0xff, APP1, 0, body.length + 2, ...body);
}

function startsWith(segment: Uint8Array, word: string): boolean {
  return [...word].every((letter, at) => segment[at + 4] === letter.charCodeAt(0));
}

function uint16(bytes: Uint8Array, at: number, isLittle = false): number {
  const [one, two] = [bytes[at] ?? 0, bytes[at + 1] ?? 0];
  return isLittle ? two * 256 + one : one * 256 + two;
}
