import { acceptedEncoding, compress, WORTH_COMPRESSING } from "./encoding.ts";
import { browserFiles, browserPictures } from "./bundle.macro.ts" with { type: "macro" };

interface Asset {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** `room.<hash>.js`: the name changes with the content, so caches may keep it forever. */
  readonly hashed: string;
  readonly compressed: Map<string, Uint8Array<ArrayBuffer>>;
}

const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  png: "image/png",
  txt: "text/plain; charset=utf-8",
  webmanifest: "application/manifest+json",
};

/** Assets are compressed once, as small as possible: about 50 ms for the largest. */
const ASSET_QUALITY = { br: 11, gzip: 9 } as const;

const assets = new Map<string, Asset>();
/** Each under its hashed name, and under its plain one for fixed addresses. */
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

/** The address of an asset, relative to the base path. Throws if the name does not exist. */
export function asset(name: string): string {
  const found = assets.get(name);
  if (!found) throw new Error(`There is no asset ${name}.`);
  return `assets/${found.hashed}`;
}

/** The answer to `/assets/:name`, or null if there is no such asset. */
export function serveAsset(name: string, request: Request): Response | null {
  const found = served.get(name);
  if (!found) return null;
  const { asset, forever } = found;
  const etag = `"${asset.hashed}"`;
  const headers = new Headers({
    "content-type": asset.type,
    "cache-control": forever ? "public, max-age=31536000, immutable" : "no-cache",
    "x-content-type-options": "nosniff",
    vary: "accept-encoding",
  });
  // What never changes is never asked for again.
  if (!forever) headers.set("etag", etag);
  // A drawing opened by itself is a document, and may do nothing.
  if (asset.type === TYPES["svg"]) {
    headers.set(
      "content-security-policy",
      "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    );
  }
  if (name === "worker.js") {
    // The worker controls the pages, which are one level above its file.
    headers.set("service-worker-allowed", "../");
    headers.set("content-security-policy", "default-src 'none'; connect-src 'self'");
  }
  if (request.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers });
  const { body } = asset;
  // PNG is compressed already.
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
