export type Entry = "person" | "stranger" | "refused";

/**
 * As whom a socket may come in, by the page that opens it (RFC 6455, section 10.2: the same-origin
 * policy does not hold for sockets, so this is what keeps other sites from speaking for a visitor).
 *
 * - A page of ours, of an allowed origin, or no page at all: as the person of the cookie.
 * - A page of the same host on another port, or one that sends no cookie (a file): as a stranger, a
 *   guest of its own; the cookie is not looked at.
 * - A page of another site that brings our cookie: not at all.
 */
export function entryOf(
  origin: string | null,
  host: string | null,
  allowed: readonly string[],
  hasCookie: boolean,
): Entry {
  if (origin === null) return "person";
  if (allowed.includes(origin.toLowerCase())) return "person";
  const from = URL.parse(origin);
  const to = host === null ? null : URL.parse(`${from?.protocol ?? "http:"}//${host}`);
  if (from && to && from.host !== "" && from.host === to.host) return "person";
  if (from && to && from.hostname !== "" && from.hostname === to.hostname) return "stranger";
  return hasCookie ? "refused" : "stranger";
}

/** Whether no foreign page is behind a request: by `Sec-Fetch-Site` where it is said, and by `Origin`. */
export function isOwnPage(
  headers: Headers,
  allowed: readonly string[],
  hasCookie: boolean,
): boolean {
  const entry = entryOf(headers.get("origin"), headers.get("host"), allowed, hasCookie);
  const site = headers.get("sec-fetch-site");
  const isAllowed = allowed.includes(headers.get("origin")?.toLowerCase() ?? "");
  return entry === "person" && (isAllowed || site === null || /^(?:same-origin|none)$/.test(site));
}
