import { secretHash } from "../../chat/accounts/secrets.ts";
import { type Grant, TOKEN_PREFIX } from "../../model/people/grant.ts";
import type { Person } from "../../model/people/person.ts";
import type { AuthenticateDeps } from "./authenticate.ts";

/** Before the token among the subprotocols a socket offers: browsers can set no header of a socket. */
const SUBPROTOCOL = "chatroom.bearer.";
const BEARER = /^Bearer +(\S+) *$/i;
const TOKEN = new RegExp(`^${TOKEN_PREFIX}[\\w-]{43}$`);

/** A bot by its token. */
export interface BotIdentity {
  readonly person: Person;
  /** The hash of the token. */
  readonly session: string;
  readonly grant: Grant;
}

/**
 * The token of a request: of its `Authorization` header (RFC 6750), or of a subprotocol it offers.
 * Null where it brings none; what is no token of ours is returned as it is, and is no good.
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

/** Whose token it is; null where it is not one, or has been ended. */
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
