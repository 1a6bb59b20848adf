import { Refusal } from "../../model/base/errors.ts";
import type { Context } from "../http/context.ts";
import { acceptedEncoding, compress, WORTH_COMPRESSING } from "../http/encoding.ts";

/** The result of an operation. */
export interface Reply {
  readonly status: number;
  /** Sent as JSON; undefined: no body. */
  readonly body?: unknown;
  /** Parameters of the next page at this address; null: this is the last page. */
  readonly next?: Readonly<Record<string, number>> | null;
}

/** Fast, since an answer is compressed for one client only. */
const QUALITY = 4;

/**
 * The response to a reply. Reads have an `ETag`, are answered with 304 if unchanged, and are
 * revalidated by caches; results of changes are not cached.
 */
export function respond({ status, body, next }: Reply, context: Context): Response {
  const { request, url } = context;
  const isRead = request.method === "GET" || request.method === "HEAD";
  const headers = new Headers({ "cache-control": isRead ? "private, no-cache" : "no-store" });
  if (next) headers.set("link", `<${nextOf(url, next)}>; rel="next"`);
  if (body === undefined) return new Response(null, { status, headers });
  const json = JSON.stringify(body);
  headers.set("content-type", "application/json;charset=utf-8");
  headers.set("vary", "accept-encoding, authorization, cookie");
  if (isRead && status === 200) {
    const etag = `W/"${Bun.hash.xxHash64(json).toString(36)}"`;
    headers.set("etag", etag);
    const known = request.headers.get("if-none-match")?.split(",") ?? [];
    if (known.some((each) => each.trim() === etag || each.trim() === "*")) {
      headers.delete("content-type");
      return new Response(null, { status: 304, headers });
    }
  }
  const encoding = json.length < WORTH_COMPRESSING ? null : acceptedEncoding(request);
  if (encoding === null) return new Response(json, { status, headers });
  headers.set("content-encoding", encoding);
  return new Response(compress(json, encoding, QUALITY), { status, headers });
}

/** Relative to the requested address, so that it is valid behind any proxy. */
function nextOf({ searchParams }: URL, next: Readonly<Record<string, number>>): string {
  const query = new URLSearchParams(searchParams);
  for (const [name, value] of Object.entries(next)) query.set(name, String(value));
  return `?${query}`;
}

/** 204, or the refusal. */
export function nothing(refusal: Refusal | null): Reply | Refusal {
  return refusal ?? { status: 204 };
}
