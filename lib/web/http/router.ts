import type { Refusal } from "../../model/base/errors.ts";
import type { Context, Params } from "./context.ts";

/**
 * A refusal is sent as a page to browsers, as JSON to programs; undefined: the request became a
 * socket.
 */
export type Answer = Response | Refusal | undefined;

/** The rate limit that a request counts against. */
export type LimitClass = "none" | "page" | "form" | "read" | "write" | "upload" | "stream";

/** An address of the server, and what must be done before it runs. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments that begin with a colon are parameters. A trailing slash is significant. */
  readonly path: string;
  readonly handle: (context: Context) => Answer | Promise<Answer>;
  readonly limit: LimitClass;
  /** False: the sender is not identified, so it costs no database query. */
  readonly identity?: false;
  /** Stays open after it is answered; refused while the node shuts down. */
  readonly lasts?: true;
  /** Bodies that may be as large as an upload: any, or forms with files. Others: `BODY_LIMIT`. */
  readonly upload?: "any" | "multipart";
  /** For programs: refusals are always JSON in English. */
  readonly api?: true;
  /** Accepts a token instead of a cookie. */
  readonly takesToken?: true;
  /** A page of ours: sets the visitor's cookie, and extends their session. */
  readonly greets?: true;
}

export type Found =
  | { readonly route: Route; readonly params: Params }
  /** A relative redirect to the same path with, or without, its trailing slash. */
  | { readonly location: string }
  /** The methods allowed at the address. */
  | { readonly allow: string }
  | null;

/**
 * Finds a route by method and path; `HEAD` counts as `GET`. The trailing slash is significant,
 * since relative addresses on a page depend on it; a path that differs only in it is redirected.
 */
export class Router {
  readonly #routes: readonly (readonly [route: Route, pattern: readonly string[]])[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => [route, route.path.split("/").slice(1)]);
  }

  find(requested: string, path: string): Found {
    const method = requested === "HEAD" ? "GET" : requested;
    const segments = path.split("/").slice(1);
    const methods = new Set<string>();
    for (const [route, pattern] of this.#routes) {
      const params = match(pattern, segments);
      if (!params) continue;
      if (route.method === method) return { route, params };
      methods.add(route.method);
    }
    if (methods.size > 0) return { allow: allowed(methods) };
    const other = segments.at(-1) === "" ? segments.slice(0, -1) : [...segments, ""];
    const isOther = this.#routes.some(
      ([route, pattern]) => route.method === "GET" && match(pattern, other) !== null,
    );
    return method === "GET" && isOther ? { location: otherSlash(segments) } : null;
  }
}

function allowed(methods: ReadonlySet<string>): string {
  return ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    .filter((method) => methods.has(method === "HEAD" ? "GET" : method))
    .join(", ");
}

/** Relative, so that it is valid below any base path. */
function otherSlash(segments: readonly string[]): string {
  const name = segments.findLast((segment) => segment !== "") ?? "";
  return segments.at(-1) === "" ? `../${name}` : `./${name}/`;
}

function match(pattern: readonly string[], path: readonly string[]): Params | null {
  if (pattern.length !== path.length) return null;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = path[index] ?? "";
    if (!expected.startsWith(":")) {
      if (expected !== segment) return null;
      continue;
    }
    try {
      params[expected.slice(1)] = decodeURIComponent(segment);
    } catch {
      return null;
    }
  }
  return params;
}
