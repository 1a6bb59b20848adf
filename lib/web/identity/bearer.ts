import { secretHash } from "../../chat/accounts/secrets.ts";
import { type Grant, TOKEN_PREFIX } from "../../model/people/grant.ts";
import type { Person } from "../../model/people/person.ts";
import type { AuthenticateDeps } from "./authenticate.ts";

/**
 * Precedes the token among the subprotocols of a socket, because browsers cannot set headers of
 * sockets.
 */
const SUBPROTOCOL = "chatroom.bearer.";
const BEARER = /^Bearer +(\S+) *$/i;
const TOKEN = new RegExp(`^${TOKEN_PREFIX}[\\w-]{43}$`);

/** A bot, identified by its token. */
export interface BotIdentity {
  readonly person: Person;
  /** The hash of the token. */
  readonly session: string;
  readonly grant: Grant;
}

/**
 * The token of a request, from its `Authorization` header (RFC 6750) or an offered subprotocol.
 * Null if there is none. Malformed tokens are returned as they are, and are invalid.
 */
export function bearerOf(headers: Headers): string | null {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const [, token = null] = BEARER.exec(authorization) ?? [];
    if (token !== null) return token;
  }
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",");
  const item = offered.map((each) => each.trim()).find((each) => each.startsWith(SUBPROTOCOL));
  return item?.slice(SUBPROTOCOL.length) ?? null;
}

/** The bot of a token; null if the token is invalid or was ended. */
export async function authenticateBot(
  token: string,
  { records, now }: Pick<AuthenticateDeps, "records" | "now">,
): Promise<BotIdentity | null> {
  if (!TOKEN.test(token)) return null;
  const session = secretHash(token);
  const account = await records.accounts.bySession(session, now());
  if (!account?.grant) return null;
  const { id, name, role, grant } = account;
  return { person: { id, name, role, bot: true }, session, grant };
}
