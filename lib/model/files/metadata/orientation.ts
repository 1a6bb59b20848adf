import { bigEndian, littleEndian } from "./copy.ts";

const ORIENTATION = 0x0112;

/** The orientation in a TIFF structure (TIFF 6.0, section 2): 1 to 8, where 1 is upright. */
export function orientationOf(tiff: Uint8Array): number {
  const read = tiff[0] === 0x49 ? littleEndian : bigEndian;
  const first = read(tiff, 4, 4);
  const entries = read(tiff, first, 2);
  for (let entry = 0; entry < entries; entry += 1) {
    const at = first + 2 + entry * 12;
    if (at + 12 > tiff.length) break;
    if (read(tiff, at, 2) !== ORIENTATION) continue;
    const value = read(tiff, at + 8, 2);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** A TIFF structure of 26 bytes that holds the orientation alone. */
export function orientationTiff(value: number): readonly number[] {
  const header = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
  const entry = [ORIENTATION >> 8, ORIENTATION & 0xff, 0, 3, 0, 0, 0, 1, 0, value, 0, 0];
  return [...header, 0, 1, ...entry, 0, 0, 0, 0];
}
