export type Entry = "person" | "stranger" | "refused";

export interface EntryDeps {
  /** The request's `Host`. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Our own origins and the allowed ones, in lower case. */
  readonly allowed: readonly string[];
  /** Whether the request has a cookie of ours, valid or not. */
  readonly hasCookie: boolean;
}

/**
 * On whose behalf a request may act, by the page that sent it. Browsers do not apply the
 * same-origin policy to sockets (RFC 6455, section 10.2) or forms; this keeps other sites from
 * acting as a visitor.
 *
 * - A page of ours, of an allowed origin, or no page: as the person of the cookie.
 * - A page of the same host name on another port or scheme, or of another site without a cookie (a
 *   file): as a stranger, a new guest; cookies are ignored.
 * - A page of another site with our cookie, or a cross-site post according to the browser
 *   (`Sec-Fetch-Site`): refused.
 */
export function entryOf({ headers, method }: Request, deps: EntryDeps): Entry {
  const { host, isSecure, allowed, hasCookie } = deps;
  const origin = headers.get("origin");
  if (origin !== null && allowed.includes(origin.toLowerCase())) return "person";
  const site = headers.get("sec-fetch-site");
  const isSafe = method === "GET" || method === "HEAD";
  if (!isSafe && site !== null && site !== "same-origin" && site !== "none") return "refused";
  if (origin === null) return "person";
  const from = URL.parse(origin);
  const to = URL.parse(`${from?.protocol ?? "http:"}//${host}`);
  const isSameHost = from !== null && to !== null && from.hostname !== "";
  // A proxy may use TLS without saying so.
  const isSameProtocol = !isSecure || from?.protocol === "https:";
  if (isSameHost && from.host === to.host && isSameProtocol) return "person";
  if (isSameHost && from.hostname === to.hostname) return "stranger";
  return hasCookie ? "refused" : "stranger";
}
