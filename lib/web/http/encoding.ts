export type Encoding = "br" | "gzip";

/** Under this many bytes compression saves no packet. */
export const WORTH_COMPRESSING = 1024;

/** The best encoding of ours that `Accept-Encoding` (RFC 9110, 12.5.3) takes; null: as it is. */
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
 * `quality`: 1 (fast) to 9 (small), of Brotli to 11; its 9 costs about what gzip's does. The module is loaded by
 * the first page that is compressed: with the streams it needs it is 4 MB of memory.
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
