export interface Range {
  readonly start: number;
  /** The position after the last byte. */
  readonly end: number;
}

/**
 * The requested part of `size` bytes (RFC 9110, section 14). Null: all of it, also for several
 * ranges at once, and if `If-Range` does not match.
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
