import type { Account, Session } from "../../model/people/account.ts";
import type { AuditEntry } from "../../model/people/audit.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import {
  type Author,
  isBot,
  type Person,
  personName,
  RAW_NAME_LIMIT,
  type Role,
} from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import { isReserved } from "../../model/people/reserved.ts";
import { skeletonKey } from "../../model/people/skeleton.ts";
import type { NameRegistry } from "../live/name-registry.ts";
import { Bots } from "./bots.ts";
import type { Post } from "../messages/post.ts";
import type { AuthAttempts } from "../limits/auth-attempts.ts";
import {
  hashPassword,
  LINK_BYTES,
  newSecret,
  refusePassword,
  secretHash,
  verifyPassword,
} from "./secrets.ts";

export interface AccountDeps {
  readonly records: Records;
  readonly post: Post;
  readonly names: Pick<NameRegistry, "holdersOf">;
  /** Sends a control to every node; resolves when it holds on this one. */
  readonly broadcast: (room: string, control: Control) => Promise<void>;
  readonly authAttempts: AuthAttempts;
  readonly now: () => number;
}

export interface Device {
  readonly agent: string;
  readonly network: string;
}

const AGENT_LIMIT = 200;
const MESSAGES = 1_000;
const WRONG = new Refusal("wrongCredentials");

/** Accounts: claiming names, signing in and out, changing and removing them. */
export class Accounts {
  readonly bots: Bots;

  constructor(readonly deps: AccountDeps) {
    this.bots = new Bots(deps);
  }

  /** Makes a guest the owner of a name; resolves to the secret of their first session. */
  async claim(guest: Author, rawName: string, password: string, device: Device) {
    const name = personName(rawName);
    if (name instanceof Refusal) return name;
    if (isReserved(name)) return new Refusal("nameReserved");
    // People who have the name at present would lose it, and their connection.
    const holders = await this.deps.names.holdersOf(name);
    if (holders.some(({ person }) => person !== guest.id)) return new Refusal("namePresent");
    return this.#create({ ...guest, name }, "member", password, device, "account.claim");
  }

  /** Uses the set-up link: whoever has it becomes the administrator. */
  async setUp(token: string, guest: Author, rawName: string, password: string, device: Device) {
    const name = personName(rawName);
    if (name instanceof Refusal) return name;
    const hash = secretHash(token);
    if (!(await this.deps.records.accounts.isSetup(hash))) return NO_SETUP;
    return this.#create({ ...guest, name }, "admin", password, device, "setup", hash);
  }

  /** Takes the same time for names that do not exist. */
  async signIn(rawName: string, password: string, device: Device): Promise<string | Refusal> {
    const { records, authAttempts } = this.deps;
    const name = skeletonKey(rawName.slice(0, RAW_NAME_LIMIT));
    const slow = authAttempts.consumeName(name, device.network);
    if (slow) return slow;
    const account = await records.accounts.bySkeletonKey(name);
    const isKnown = account !== null && (await this.#isKnown(account.id, device));
    const strange = isKnown ? null : authAttempts.consumeStrange(name);
    if (strange) return strange;
    const hash = account ? await records.accounts.passwordOf(account.id) : null;
    if (!(await verifyPassword(password, hash)) || !account || hash === null) return WRONG;
    return this.#session(account.id, hash, device);
  }

  async #isKnown(account: string, { network }: Device): Promise<boolean> {
    return (await this.sessions(account)).some((session) => session.network === network);
  }

  async signOut(person: Author, session: string): Promise<void> {
    const entry = this.#entry(person, "account.sign-out");
    await this.deps.records.accounts.endSession(person.id, session, entry);
    await this.#recheck(person.id);
  }

  sessions(person: string): Promise<readonly Session[]> {
    return this.deps.records.accounts.sessions(person);
  }

  async changePassword(
    person: Person,
    session: string,
    old: string,
    password: string,
  ): Promise<Refusal | null> {
    const wrong = refusePassword(password) ?? (await this.#prove(person, old));
    if (wrong) return wrong;
    const hash = await hashPassword(password);
    const { records } = this.deps;
    const entry = this.#entry(person, "account.password");
    await records.accounts.setPassword(person.id, hash, session, entry);
    await this.#recheck(person.id);
    return null;
  }

  /**
   * Removes an account and the text of everything its owner wrote; resolves to the number of
   * messages.
   */
  async remove(person: Person, password: string): Promise<number | Refusal> {
    const { records, post, now } = this.deps;
    const wrong = await this.#prove(person, password);
    if (wrong) return wrong;
    const author = { id: person.id, name: "" };
    let count = 0;
    for (;;) {
      const messages = await records.rooms.messagesOf(person.id, null, MESSAGES);
      const results = await Promise.all(
        messages.map(({ room, seq: target }) =>
          post.postAuthorized({ type: "deleted", room, author, target, at: now(), anyone: true }),
        ),
      );
      // A message that no longer exists counts as deleted; retrying it would never end.
      const fault = results.find((each) => each instanceof Refusal && each.code !== "not_found");
      if (fault instanceof Refusal) return fault;
      count += messages.length;
      if (messages.length < MESSAGES) break;
    }
    await records.accounts.remove(person.id, this.#entry(person, "account.remove"));
    await this.#recheck(person.id);
    return count;
  }

  /** Sets a person's role in every room. Administrators cannot remove their own. */
  async setRole(by: Person, id: string, role: Role): Promise<Refusal | null> {
    const { records } = this.deps;
    if (by.role !== "admin") return new Refusal("adminsOnly");
    if (by.id === id) return new Refusal("notYourself");
    const account = await records.accounts.byId(id);
    // A bot's rights are those of its tokens.
    if (!account || isBot(id)) return new Refusal("noSuchAccount");
    const entry = {
      ...this.#entry(by, "role"),
      subject: id,
      subjectName: account.name,
      reason: role,
    };
    await records.accounts.setRole(id, role, entry);
    await this.#recheck(id);
    return null;
  }

  async #create(
    author: Author,
    role: Role,
    password: string,
    device: Device,
    action: string,
    setup: string | null = null,
  ): Promise<string | Refusal> {
    const { records, now, broadcast: tell, authAttempts } = this.deps;
    const wrong = refusePassword(password) ?? authAttempts.consume(device.network);
    if (wrong) return wrong;
    const account: Account = {
      ...author,
      role,
      skeletonKey: skeletonKey(author.name),
      createdAt: now(),
    };
    const hash = await hashPassword(password);
    const entry = this.#entry(author, action);
    const { accounts } = records;
    const refusal =
      setup === null
        ? await accounts.create(account, hash, entry, device.network)
        : await accounts.useSetup(setup, account, hash, entry);
    if (refusal) return refusal;
    await tell(EVERYWHERE, { action: "name", name: account.name, owner: account.id });
    return this.#session(account.id, hash, device);
  }

  /**
   * Creates a session for someone whose password matched the hash `password`; resolves to its
   * secret.
   */
  async #session(
    person: string,
    password: string,
    { agent: called, network }: Device,
  ): Promise<string | Refusal> {
    const secret = newSecret();
    const at = this.deps.now();
    const agent = called.slice(0, AGENT_LIMIT);
    const session = { hash: secretHash(secret), person, createdAt: at, seenAt: at, agent, network };
    const isAdded = await this.deps.records.accounts.addSession(session, password);
    return isAdded ? secret : WRONG;
  }

  async #recheck(person: string): Promise<void> {
    const subjects = [personSubject(person)];
    await this.deps.broadcast(EVERYWHERE, { action: "recheck", subjects });
  }

  async #prove(person: Person, password: string): Promise<Refusal | null> {
    const slow = this.deps.authAttempts.consumeOwn(person.id);
    if (slow) return slow;
    const hash = await this.deps.records.accounts.passwordOf(person.id);
    const isRight = await verifyPassword(password, hash);
    return isRight ? null : new Refusal("wrongPassword");
  }

  #entry(by: Author, action: string): AuditEntry {
    const nothing = { room: "", subject: "", subjectName: "", reason: "" };
    return { at: this.deps.now(), by: { id: by.id, name: by.name }, action, ...nothing };
  }
}

export const NO_SETUP = new Refusal("setupLinkVoid");

/** The secret of the set-up link, the first time; null afterwards. */
export async function offerSetup({ accounts }: Pick<Records, "accounts">): Promise<string | null> {
  const token = newSecret(LINK_BYTES);
  return (await accounts.offerSetup(secretHash(token))) ? token : null;
}

/**
 * The secret of a new set-up link, which voids the previous one. For operators, who have access to
 * the data anyway.
 */
export async function renewSetup({ accounts }: Pick<Records, "accounts">): Promise<string> {
  const token = newSecret(LINK_BYTES);
  await accounts.renewSetup(secretHash(token));
  return token;
}
