import type { Server } from "bun";
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

/** Idle seconds before a connection is closed, unless its request changes it. */
export const IDLE_SECONDS = 10;

/** Everything known about one request. Created once, before its route runs. */
export interface Context {
  readonly request: Request;
  /** The server that received the request; it turns one into a socket. */
  readonly server: Server<unknown>;
  readonly url: URL;
  /** The path below the base path, with a leading slash. */
  readonly path: string;
  /** The decoded `:parameters` of the route's path. */
  readonly params: Params;
  /** The base path, relative to this address: `./` for `/`, `../` for `/rooms/:room`. */
  readonly root: string;
  /** The public base path, absolute, with a trailing slash. */
  readonly baseUrl: string;
  /** Whether the client used TLS, to this server or to a trusted proxy. */
  readonly isSecure: boolean;
  /** The address of the connection: the client's, or the nearest proxy's. */
  readonly peer: string;
  /** The client's address, according to trusted proxies if there are any. */
  readonly address: string;
  /** The unit for limits and bans: an IPv4 address, or an IPv6 /64. */
  readonly network: string;
  readonly language: Language;
  readonly cookies: Bun.CookieMap;
  /** Signs and reads this request's cookies, whose names differ with and without TLS. */
  readonly sessions: Sessions;
  /** On whose behalf the sending page may act. */
  readonly entry: Entry;
  /** The account or guest of the cookies; otherwise a new guest. */
  readonly person: Person;
  /** Whether `person` is from the cookies or a token. */
  readonly isKnown: boolean;
  /** The hash of the session or token; null: not signed in. */
  readonly session: string | null;
  /** What the token allows; null: there is none. */
  readonly grant: Grant | null;
  /** Sets the idle seconds before the connection is closed, by default ten; 0: never. */
  readonly setTimeout: (seconds: number) => void;
}

/** The principal for access lookups. */
export function principalOf({ person, session, network }: Context): Principal {
  return { person, session, network, key: null };
}

export interface ContextDeps extends Omit<AuthenticateDeps, "sessions"> {
  readonly config: Config;
  /** For requests with TLS, and without. */
  readonly sessions: { readonly secure: Sessions; readonly plain: Sessions };
}

/** What only the server knows of a request. */
export type Arrival = Pick<Context, "server" | "url" | "path" | "params" | "peer" | "setTimeout">;

/** Creates the context of a request before its sender is identified: as a new guest. */
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
    network: knownNetwork(address),
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
 * Adds the sender to a context. Reads the database if there is a cookie of ours, or a token on a
 * route that takes one (`takesToken`). A token takes precedence over cookies, and the sending page
 * does not matter then, because browsers never add tokens by themselves. Refused if the token is
 * invalid.
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

/** The base path as written by a page at this path. */
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

/** Networks of the addresses that asked last: telling one by its text takes longer than the rest. */
const NETWORKS = new Map<string, string>();
const MOST_NETWORKS = 4_096;

function knownNetwork(address: string): string {
  const known = NETWORKS.get(address);
  if (known !== undefined) return known;
  if (NETWORKS.size >= MOST_NETWORKS) NETWORKS.clear();
  const network = networkOf(address);
  NETWORKS.set(address, network);
  return network;
}
