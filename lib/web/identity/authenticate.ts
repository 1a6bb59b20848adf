import { refuseName } from "../../chat/accounts/names.ts";
import { secretHash } from "../../chat/accounts/secrets.ts";
import type { Person } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import type { Sessions } from "./session.ts";

export interface AuthenticateDeps {
  readonly sessions: Sessions;
  readonly records: Records;
  readonly now: () => number;
}

export interface Identity {
  readonly person: Person;
  /** The hash of their session; null for a guest. */
  readonly session: string | null;
}

const SECRET = /^[\w-]{43}=?$/;

/**
 * Identifies the person of a request's cookies: the account of a valid session, or the guest; null
 * for nobody. A guest whose id has become an account is nobody without a session; a guest whose
 * name has an owner by now has no name.
 */
export async function authenticate(
  cookies: Bun.CookieMap,
  { sessions, records, now }: AuthenticateDeps,
): Promise<Identity | null> {
  const secret = sessions.secretOf(cookies);
  if (secret !== null && SECRET.test(secret)) {
    const session = secretHash(secret);
    const account = await records.accounts.bySession(session, now());
    if (account && !account.grant) {
      const { id, name, role } = account;
      return { person: { id, name, role }, session };
    }
  }
  const guest = sessions.guestIn(cookies);
  if (!guest || (await records.accounts.byId(guest.id))) return null;
  const taken = await refuseName(records, guest.name, guest);
  return { person: taken ? { ...guest, name: "" } : guest, session: null };
}
