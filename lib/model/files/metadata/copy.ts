/** A picture without metadata, and the cost of decoding it. */
export interface StrippedPicture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pixels, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** The number of passes a decoder makes over all pixels. */
  readonly passes: number;
}

/** The most bytes that stripping adds: an orientation and an end marker. */
const MOST_ADDED = 64;

/** Copies the kept parts of a file in one pass. */
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

  /** The bytes kept so far; may be modified in place. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** Whether the latin1 `letters` are at an offset of the file. */
export function isAt(bytes: Uint8Array, at: number, letters: string): boolean {
  for (let index = 0; index < letters.length; index += 1) {
    if (bytes[at + index] !== letters.charCodeAt(index)) return false;
  }
  return true;
}

/** Reads an unsigned integer of `size` bytes; missing bytes count as 0. */
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
