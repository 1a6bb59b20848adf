/** Answers a request; `params` are the decoded `:names` of its pattern. */
export type Handle = (
  request: Request,
  params: Readonly<Record<string, string>>,
) => Response | undefined | Promise<Response | undefined>;

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handle: Handle;
}

/**
 * Finds a handler by method and path. A pattern's last slash counts: relative addresses on a page
 * depend on it, so a path that differs only in that is sent to the right one.
 */
export class Router {
  readonly #routes: Route[] = [];

  on(method: "GET" | "POST", pattern: string, handle: Handle): this {
    this.#routes.push({ method, segments: pattern.split("/").slice(1), handle });
    return this;
  }

  /** The answer, undefined where the handler upgraded the request, or null where no one answers. */
  async handle(request: Request, path: string): Promise<Response | undefined | null> {
    const segments = path.split("/").slice(1);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const other = segments.at(-1) === "" ? segments.slice(0, -1) : [...segments, ""];
    let known = false;
    for (const route of this.#routes) {
      const params = match(route.segments, segments);
      if (params && route.method === method) return route.handle(request, params);
      known ||= params !== null;
    }
    if (known) return new Response("method not allowed\n", { status: 405 });
    const isOther = (route: Route) => route.method === "GET" && match(route.segments, other);
    return method === "GET" && this.#routes.some(isOther) ? toOther(request, segments) : null;
  }
}

/** Relative, so that it holds below any base path. */
function toOther(request: Request, segments: readonly string[]): Response {
  const { search } = new URL(request.url);
  const name = segments.findLast((segment) => segment !== "") ?? "";
  const location = segments.at(-1) === "" ? `../${name}` : `./${name}/`;
  return new Response(null, { status: 308, headers: { location: `${location}${search}` } });
}

function match(pattern: readonly string[], path: readonly string[]): Record<string, string> | null {
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
