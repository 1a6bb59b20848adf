export type Encoding = "br" | "gzip";

/** Below this size, in bytes, compression saves no packet. */
export const WORTH_COMPRESSING = 1024;

/** The best supported encoding that `Accept-Encoding` (RFC 9110, 12.5.3) accepts; null: none. */
export function acceptedEncoding(request: Request): Encoding | null {
  const taken = new Set<string>();
  for (const part of (request.headers.get("accept-encoding") ?? "").slice(0, 200).split(",")) {
    const [name = "", quality = ""] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    if (!/^q=0(\.0*)?$/.test(quality)) taken.add(name);
  }
  if (taken.has("br")) return "br";
  return taken.has("gzip") ? "gzip" : null;
}

/**
 * `quality`: 1 (fast) to 9 (small), for Brotli to 11; Brotli's 9 costs about as much as gzip's. The
 * module is loaded on first use: with its streams it takes 4 MB of memory.
 */
export function compress(
  body: string,
  encoding: Encoding,
  quality: number,
): Uint8Array<ArrayBuffer> {
  const { brotliCompressSync, constants, gzipSync } = process.getBuiltinModule("node:zlib");
  if (encoding === "gzip") return new Uint8Array(gzipSync(body, { level: quality }));
  const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
  return new Uint8Array(brotliCompressSync(body, { params }));
}
