import { refuseName } from "../../chat/accounts/names.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import { clientAddress, networkOf } from "../../model/base/address.ts";
import type { Config } from "../../model/config.ts";
import type { Person } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import type { Sessions } from "./session.ts";

export interface AuthenticateDeps {
  readonly config: Config;
  readonly sessions: Sessions;
  readonly records: Records;
  readonly now: () => number;
}

interface Found {
  readonly person: Person | null;
  readonly session: string | null;
}

const SECRET = /^[\w-]{43}=?$/;
const NOBODY: Found = { person: null, session: null };

/**
 * Finds out who a request comes from, and from where, before anyone asks: the account of a session
 * that has not ended, or the guest of the cookie. A guest whose id has become an account is nobody
 * without a session, and one whose name has an owner by now goes on without a name.
 */
export async function authenticate(
  { headers }: Request,
  peer: string,
  deps: AuthenticateDeps,
): Promise<void> {
  const { sessions, config } = deps;
  const address = clientAddress(peer, headers.get("x-forwarded-for"), config.trustProxy);
  const found = sessions.isKnown(headers) ? await find(headers, deps) : NOBODY;
  sessions.found(headers, { ...found, network: networkOf(address) });
}

async function find(
  headers: Headers,
  { sessions, records, now }: AuthenticateDeps,
): Promise<Found> {
  const secret = sessions.secretOf(headers);
  if (secret !== null && SECRET.test(secret)) {
    const session = secretHash(secret);
    const account = await records.accounts.bySession(session, now());
    if (account) {
      const { id, name, role } = account;
      return { person: { id, name, role }, session };
    }
  }
  const guest = sessions.guest(headers);
  if (!guest || (await records.accounts.byId(guest.id))) return NOBODY;
  const taken = await refuseName(records, guest.name, guest);
  return { person: taken ? { ...guest, name: "" } : guest, session: null };
}
