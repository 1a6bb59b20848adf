/** The number of leading bytes that `contentType` needs. */
export const HEAD_BYTES = 4_096;

type Signature = readonly [type: string, at: number, magic: string];

/** Signatures of the formats that are shown or named, in latin1. */
const SIGNATURES: readonly Signature[] = [
  ["image/png", 0, "\x89PNG\r\n\x1a\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF87a"],
  ["image/gif", 0, "GIF89a"],
  ["image/webp", 8, "WEBP"],
  ["audio/wav", 8, "WAVE"],
  ["audio/mpeg", 0, "ID3"],
  ["audio/mpeg", 0, "\xff\xfb"],
  ["audio/mpeg", 0, "\xff\xfa"],
  ["audio/mpeg", 0, "\xff\xf3"],
  ["audio/mpeg", 0, "\xff\xf2"],
  ["audio/aac", 0, "\xff\xf1"],
  ["audio/aac", 0, "\xff\xf9"],
  ["audio/flac", 0, "fLaC"],
  ["application/pdf", 0, "%PDF-"],
  ["application/zip", 0, "PK\x03\x04"],
];
/** Brands of ISO media files (ISO/IEC 14496-12) that are not video. AVIF and HEIC are not shown. */
const BRANDS: Readonly<Record<string, string>> = {
  "M4A ": "audio/mp4",
  "M4B ": "audio/mp4",
  "qt  ": "video/quicktime",
  avif: "application/octet-stream",
  avis: "application/octet-stream",
  heic: "application/octet-stream",
  heix: "application/octet-stream",
  mif1: "application/octet-stream",
  msf1: "application/octet-stream",
};

/**
 * The media type of a file, from its first bytes alone. Everything a browser might execute (HTML,
 * SVG, XML, scripts) is `text/plain`; everything unknown is `application/octet-stream`.
 */
export function contentType(head: Uint8Array): string {
  const text = Array.from(head.subarray(0, 64), (byte) => String.fromCharCode(byte)).join("");
  for (const [type, at, magic] of SIGNATURES) if (text.startsWith(magic, at)) return type;
  if (text.startsWith("ftyp", 4)) return BRANDS[text.slice(8, 12)] ?? "video/mp4";
  if (text.startsWith("\x1aE\xdf\xa3") && text.includes("webm")) return "video/webm";
  if (text.startsWith("OggS")) return text.includes("theora") ? "video/ogg" : "audio/ogg";
  return isText(head) ? "text/plain" : "application/octet-stream";
}

function isText(head: Uint8Array): boolean {
  try {
    // The last character may be cut.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}
