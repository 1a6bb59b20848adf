/** A picture without what is said beside it, and what it costs to decode. */
export interface StrippedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pixels, as they lie in the file. */
  readonly width: number;
  readonly height: number;
  /** How often a decoder goes over all pixels. */
  readonly passes: number;
}

/** Bytes that a bare picture may have more than its original: an orientation and an end. */
const MOST_ADDED = 64;

/** A copy of the parts of a file that are kept, made in one go over it. */
export class Copy {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(readonly source: Uint8Array) {
    this.#bytes = new Uint8Array(source.length + MOST_ADDED);
  }

  get length(): number {
    return this.#length;
  }

  /** Keeps the bytes from `start` to before `end`. */
  keep(start: number, end: number): void {
    this.add(this.source.subarray(start, end));
  }

  add(bytes: Uint8Array | readonly number[]): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was kept so far, as it lies in memory: may be changed in place. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Whether the letters (latin1) are in the file at an offset. */
export function isAt(bytes: Uint8Array, at: number, letters: string): boolean {
  for (let index = 0; index < letters.length; index += 1) {
    if (bytes[at + index] !== letters.charCodeAt(index)) return false;
  }
  return true;
}

/** A whole number of `size` bytes; missing bytes are 0. */
export function bigEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index += 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}

export function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index -= 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
