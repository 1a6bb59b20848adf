import { acceptedEncoding, compress, WORTH_COMPRESSING } from "./encoding.ts";
import { browserFiles, browserPictures } from "./bundle.macro.ts" with { type: "macro" };

interface Asset {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** `room.<hash>.js`: a new text has a new name, so that a cache may keep it for ever. */
  readonly hashed: string;
  readonly compressed: Map<string, Uint8Array<ArrayBuffer>>;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};

/** An asset is compressed once: as small as it gets, some 50 ms for the largest. */
const ASSET_QUALITY = { br: 11, gzip: 9 } as const;

const assets = new Map<string, Asset>();
/** Both names of each: the hashed one, and the plain one for what is found by a fixed address. */
const served = new Map<string, { asset: Asset; forever: boolean }>();
for (const [name, text] of Object.entries(await browserFiles())) add(name, text);
for (const [name, base64] of Object.entries(browserPictures())) {
  add(name, Uint8Array.fromBase64(base64));
}

function add(name: string, body: Asset["body"]): void {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const hash = Bun.hash.wyhash(body).toString(36).padStart(13, "0").slice(-10);
  const hashed = `${name.slice(0, -ending.length)}${hash}.${ending}`;
  const type = TYPES[ending] ?? "application/octet-stream";
  const asset = { body, type, hashed, compressed: new Map<string, Uint8Array<ArrayBuffer>>() };
  assets.set(name, asset);
  served.set(hashed, { asset, forever: true });
  served.set(name, { asset, forever: false });
}

/** The address of an asset, relative to the base path. Throws for a name that does not exist. */
export function asset(name: string): string {
  const found = assets.get(name);
  if (!found) throw new Error(`There is no asset ${name}.`);
  return `assets/${found.hashed}`;
}

/** The answer to `/assets/:name`, or null where there is none of that name. */
export function serveAsset(name: string, request: Request): Response | null {
  const found = served.get(name);
  if (!found) return null;
  const { asset, forever } = found;
  const etag = `"${asset.hashed}"`;
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": forever ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    // A picture that is opened by itself is a document: one that may do nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    vary: "accept-encoding",
    etag,
  });
  if (name === "worker.js") {
    // The worker looks after the pages, one level up from where its file is.
    headers.set("service-worker-allowed", "../");
    headers.set("content-security-policy", "default-src 'none'; connect-src 'self'");
  }
  if (request.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers });
  const { body } = asset;
  // A PNG is compressed as it is.
  const isText = typeof body === "string" && body.length >= WORTH_COMPRESSING;
  const encoding = isText ? acceptedEncoding(request) : null;
  if (typeof body !== "string" || encoding === null) return new Response(body, { headers });
  let compressed = asset.compressed.get(encoding);
  if (!compressed) {
    compressed = compress(body, encoding, ASSET_QUALITY[encoding]);
    asset.compressed.set(encoding, compressed);
  }
  headers.set("content-encoding", encoding);
  return new Response(compressed, { headers });
}
