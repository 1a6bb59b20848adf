export interface Range {
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

/**
 * The part of `size` bytes that a request asks for (RFC 9110, section 14); null: all of it, which is
 * also the answer to several parts at once, and to a part of something else (`If-Range`).
 */
export function rangeOf(
  headers: Headers,
  size: number,
  etag: string,
): Range | null | "unsatisfiable" {
  const only = headers.get("if-range");
  if (only !== null && only !== etag) return null;
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.get("range") ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  if (first === "") {
    const count = Math.min(Number(last), size);
    return count === 0 ? "unsatisfiable" : { start: size - count, end: size };
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  if (last !== "" && Number(last) < start) return null;
  return start < size ? { start, end } : "unsatisfiable";
}
