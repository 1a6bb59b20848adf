import type { Refusal } from "../../model/base/errors.ts";
import type { Context, Params } from "./context.ts";

/** A refusal becomes a page for a browser and JSON for a program; undefined: it is a socket now. */
export type Answer = Response | Refusal | undefined;

/** What requests are counted as where they are limited. */
export type LimitClass = "none" | "page" | "form" | "read" | "write" | "upload" | "stream";

/** One address of the server, and what must be known of it before it runs. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Segments that begin with a colon are parameters. The last slash counts. */
  readonly path: string;
  readonly handle: (context: Context) => Answer | Promise<Answer>;
  readonly limit: LimitClass;
  /** False: nobody looks up who sent the request, so that it costs the database nothing. */
  readonly identity?: false;
  /** It stays open once it is answered: a node that drains opens no more of them. */
  readonly lasts?: true;
  /** Which bodies may be as large as an upload: any, or forms with files. Others: `BODY_LIMIT`. */
  readonly upload?: "any" | "multipart";
  /** For programs: its refusals are JSON in English, whoever asks. */
  readonly api?: true;
  /** A program may come here with a token instead of a cookie. */
  readonly takesToken?: true;
  /** A page of ours: its visitor is given a cookie, and stays signed in. */
  readonly greets?: true;
}

export type Found =
  | { readonly route: Route; readonly params: Params }
  /** A relative address, which differs in its last slash. */
  | { readonly location: string }
  /** The methods the address takes. */
  | { readonly allow: string }
  | null;

/**
 * Finds a route by method and path; `HEAD` finds what `GET` does. A path's last slash counts:
 * relative addresses on a page depend on it, so a path that differs only in that is sent to the
 * right one.
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

/** Relative, so that it holds below any base path. */
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
