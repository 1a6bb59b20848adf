export type Entry = "person" | "stranger" | "refused";

export interface EntryDeps {
  /** The `Host` the request was sent to. */
  readonly host: string;
  readonly isSecure: boolean;
  /** Origins of ours and those allowed in, in lower case. */
  readonly allowed: readonly string[];
  /** Whether the request brings a cookie of ours, good or bad. */
  readonly hasCookie: boolean;
}

/**
 * As whom a request may act, by the page that sent it. The same-origin policy does not hold for
 * sockets (RFC 6455, section 10.2) nor for forms: this is what keeps other sites from acting as a
 * visitor.
 *
 * - A page of ours, of an allowed origin, or no page at all: as the person of the cookie.
 * - A page of the same host name on another port or protocol, or one that sends no cookie (a file):
 *   as a stranger, a guest of its own; the cookie is not looked at.
 * - A page of another site that brings our cookie, or that the browser says posts across sites
 *   (`Sec-Fetch-Site`): not at all.
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
  // Without TLS here a proxy may still have it, and not say so.
  const isSameProtocol = !isSecure || from?.protocol === "https:";
  if (isSameHost && from.host === to.host && isSameProtocol) return "person";
  if (isSameHost && from.hostname === to.hostname) return "stranger";
  return hasCookie ? "refused" : "stranger";
}
