import { draw, type QrCode } from "./draw.ts";

/** Of error correction level M, by version 1 to 40 (ISO/IEC 18004, table 9): its codewords in each block. */
const ECC_CODEWORDS = [
  10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];
/** How many blocks there are. */
const BLOCKS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26,
  28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];

/** The smallest QR code of a text in byte mode, error correction level M; null where it is too long. */
export function qrCode(text: string): QrCode | null {
  const data = new TextEncoder().encode(text);
  for (let version = 1; version <= 40; version += 1) {
    const room = dataCodewords(version);
    if (4 + lengthBits(version) + 8 * data.length <= 8 * room) {
      return draw(version, interleave(version, codewords(version, data, room)));
    }
  }
  return null;
}

function lengthBits(version: number): number {
  return version < 10 ? 8 : 16;
}

/** All codewords of a version, those for correction among them. */
function allCodewords(version: number): number {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const lines = Math.floor(version / 7) + 2;
    modules -= (25 * lines - 10) * lines - 55;
  }
  return Math.floor((version >= 7 ? modules - 36 : modules) / 8);
}

function dataCodewords(version: number): number {
  return allCodewords(version) - at(ECC_CODEWORDS, version - 1) * at(BLOCKS, version - 1);
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] ?? 0;
}

/** Mode, length, data and padding. */
function codewords(version: number, data: Uint8Array, room: number): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1);
  };
  put(0b0100, 4);
  put(data.length, lengthBits(version));
  for (const byte of data) put(byte, 8);
  put(0, Math.min(4, 8 * room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const bytes: number[] = [];
  for (let index = 0; index < bits.length; index += 8) {
    bytes.push(bits.slice(index, index + 8).reduce((byte, bit) => (byte << 1) | bit, 0));
  }
  for (let pad = 0xec; bytes.length < room; pad ^= 0xec ^ 0x11) bytes.push(pad);
  return bytes;
}

/** The product of two numbers in GF(256) by the polynomial 0x11d. */
function multiply(x: number, y: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((y >>> bit) & 1) * x;
  }
  return product;
}

/** The coefficients of (x - 1)(x - 2)(x - 4) … without the first, which is 1. */
function divisor(degree: number): number[] {
  const result = Array.from({ length: degree }, (_, index) => Number(index === degree - 1));
  let root = 1;
  for (let step = 0; step < degree; step += 1) {
    for (let index = 0; index < degree; index += 1) {
      result[index] = multiply(at(result, index), root) ^ at(result, index + 1);
    }
    root = multiply(root, 2);
  }
  return result;
}

function remainder(data: readonly number[], by: readonly number[]): number[] {
  const rest = by.map(() => 0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    for (const [index, each] of by.entries()) {
      rest[index] = at(rest, index) ^ multiply(each, factor);
    }
  }
  return rest;
}

/** Data in blocks, each with its correction, and of all blocks the first codewords first. */
function interleave(version: number, data: readonly number[]): number[] {
  const count = at(BLOCKS, version - 1);
  const correction = at(ECC_CODEWORDS, version - 1);
  const total = allCodewords(version);
  const short = Math.floor(total / count) - correction;
  const longer = total % count;
  const by = divisor(correction);
  const blocks: { data: readonly number[]; ecc: readonly number[] }[] = [];
  for (let block = 0, from = 0; block < count; block += 1) {
    const size = short + (block < count - longer ? 0 : 1);
    const part = data.slice(from, from + size);
    blocks.push({ data: part, ecc: remainder(part, by) });
    from += size;
  }
  const result: number[] = [];
  for (let index = 0; index <= short; index += 1) {
    for (const block of blocks) if (index < block.data.length) result.push(at(block.data, index));
  }
  for (let index = 0; index < correction; index += 1) {
    for (const block of blocks) result.push(at(block.ecc, index));
  }
  return result;
}
