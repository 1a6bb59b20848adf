import { clientAddress, inRange, networkOf } from "../../model/base/address.ts";
import type { Principal } from "../../chat/moderation/access.ts";
import type { Config } from "../../model/config.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Grant } from "../../model/people/grant.ts";
import type { Person } from "../../model/people/person.ts";
import type { Language } from "../../model/text/locale.ts";
import { authenticate, type AuthenticateDeps } from "../identity/authenticate.ts";
import { authenticateBot, bearerOf } from "../identity/bearer.ts";
import type { Sessions } from "../identity/session.ts";
import { languageOf } from "./languages.ts";
import { type Entry, entryOf } from "./origin.ts";

export type Params = Readonly<Record<string, string>>;

/** Idle seconds after which a connection is closed, unless its request asks for more. */
export const IDLE_SECONDS = 10;

/** Everything that is known of one request. Made once, before its route runs. */
export interface Context {
  readonly request: Request;
  readonly url: URL;
  /** The path below the base path, with its first slash. */
  readonly path: string;
  /** The decoded `:names` of the route's path. */
  readonly params: Params;
  /** The base path relative to this address: `./` for `/`, `../` for `/rooms/:room`. */
  readonly root: string;
  /** The base path as people open it, absolute, with a last slash. */
  readonly baseUrl: string;
  /** Whether the client came over TLS: to this server, or to a proxy that is trusted. */
  readonly isSecure: boolean;
  /** The address the connection comes from: the client's, or the nearest proxy's. */
  readonly peer: string;
  /** The client's address; behind trusted proxies, what they say it is. */
  readonly address: string;
  /** What limits and bans count as one place: an IPv4 address, or an IPv6 network of 64 bits. */
  readonly network: string;
  readonly language: Language;
  readonly cookies: Bun.CookieMap;
  /** Signs and reads the cookies of this request: other names over TLS than without. */
  readonly sessions: Sessions;
  /** As whom the page that sent the request may act. */
  readonly entry: Entry;
  /** The account or guest of the cookies; otherwise a new guest. */
  readonly person: Person;
  /** Whether `person` came with the cookies. */
  readonly isKnown: boolean;
  /** The hash of the session or token they came with; null: not signed in. */
  readonly session: string | null;
  /** What their token allows; null: they came without one. */
  readonly grant: Grant | null;
  /** Closes the connection after so many idle seconds instead of the server's ten; 0: never. */
  readonly setTimeout: (seconds: number) => void;
}

/** Whom an access is looked up for. */
export function principalOf({ person, session, network }: Context): Principal {
  return { person, session, network, key: null };
}

export interface ContextDeps extends Omit<AuthenticateDeps, "sessions"> {
  readonly config: Config;
  /** For requests over TLS, and for others. */
  readonly sessions: { readonly secure: Sessions; readonly plain: Sessions };
}

/** What only the server knows of a request. */
export type Arrival = Pick<Context, "url" | "path" | "params" | "peer" | "setTimeout">;

/** The context of a request whose sender nobody has looked up: a new guest. */
export function createContext(
  request: Request,
  arrival: Arrival,
  { config, sessions: both }: ContextDeps,
): Context {
  const { headers } = request;
  const { peer } = arrival;
  const isSecure = cameOverTls(headers, peer, config);
  const sessions = isSecure ? both.secure : both.plain;
  const cookies = new Bun.CookieMap(headers.get("cookie") ?? "");
  const host = headers.get("host") ?? arrival.url.host;
  const address = clientAddress(peer, headers.get("x-forwarded-for"), config.trustProxy);
  return {
    ...arrival,
    request,
    root: rootOf(arrival.path),
    baseUrl: config.url ?? `${isSecure ? "https" : "http"}://${host}${config.basePath}/`,
    isSecure,
    address,
    network: networkOf(address),
    language: languageOf(cookies, headers),
    cookies,
    sessions,
    entry: entryOf(request, {
      host,
      isSecure,
      allowed: config.origins,
      hasCookie: sessions.hasCookie(cookies),
    }),
    person: sessions.newGuest(),
    isKnown: false,
    session: null,
    grant: null,
  };
}

/**
 * The same context, with who sent the request. Reads the database where it brings a cookie of ours,
 * or a token where those are taken (`takesToken`): then no cookie is looked at, and it does not matter
 * which page sent it, for no browser adds a token by itself. Refused where the token is no good.
 */
export async function identify(
  context: Context,
  takesToken: boolean,
  deps: ContextDeps,
): Promise<Context | Refusal> {
  const bearer = takesToken ? bearerOf(context.request.headers) : null;
  if (bearer !== null) {
    const bot = await authenticateBot(bearer, deps);
    if (bot === null) return new Refusal("tokenVoid");
    return { ...context, ...bot, isKnown: true, entry: "person" };
  }
  const found = await authenticate(context.cookies, { ...deps, sessions: context.sessions });
  return found === null ? context : { ...context, ...found, isKnown: true };
}

/** How a page at this path writes the base path. */
function rootOf(path: string): string {
  const depth = path.split("/").length - 2;
  return depth > 0 ? "../".repeat(depth) : "./";
}

function cameOverTls(headers: Headers, peer: string, config: Config): boolean {
  if (config.tlsCert !== null) return true;
  const [protocol = ""] = (headers.get("x-forwarded-proto") ?? "").split(",");
  if (protocol.trim().toLowerCase() !== "https") return false;
  return config.trustProxy.some((range) => inRange(peer, range));
}
