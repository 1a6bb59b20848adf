import type { AuditEntry } from "./audit.ts";
import type { Refusal } from "../base/errors.ts";
import type { BotToken, Grant } from "./grant.ts";
import type { Author, Role } from "./person.ts";

/** A name with an owner. The id is that of the guest who claimed the name. */
export interface Account extends Author {
  /** The skeleton key of the name; no two accounts share one. */
  readonly skeletonKey: string;
  /** The role in every room: member, moderator or admin. */
  readonly role: Role;
  readonly createdAt: number;
}

/** A session that has not been used for this long ends. */
export const SESSION_MS = 90 * 24 * 60 * 60 * 1000;

/** An account, as one of its sessions may use it. */
export interface SignedIn extends Account {
  /** Of the bot's token, if it is one; `role` is then what the token allows. */
  readonly grant?: Grant;
}

/** A signed-in device, or a program with a token. */
export interface Session {
  /** The hash of the secret in the cookie or token. The secret is not stored. */
  readonly hash: string;
  readonly person: string;
  readonly createdAt: number;
  readonly seenAt: number;
  /** The browser's `User-Agent`. */
  readonly agent: string;
  readonly network: string;
  /** What a bot's token allows. Such a session does not expire. */
  readonly grant?: Grant;
}

export interface Accounts {
  byId(id: string): Promise<Account | null>;
  /** Finds an account by the first skeleton key of its name. */
  bySkeletonKey(look: string): Promise<Account | null>;
  /** Accounts whose names share one of these skeleton keys. */
  bearers(looks: readonly string[]): Promise<readonly Account[]>;
  /** The ids of the accounts whose names have these skeleton keys, by key. */
  ownersOf(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The stored hash of an account's password; null if there is no such account, or it is a bot's.
   */
  passwordOf(id: string): Promise<string | null>;
  /**
   * Refuses with `not_allowed` if the id, or a skeleton key of the name, is taken. Sanctions in
   * force against `network`, from which the account is created, are copied to the account. If one
   * of them is a ban everywhere, the account is refused.
   */
  create(
    account: Account,
    password: string,
    entry: AuditEntry,
    network?: string,
  ): Promise<Refusal | null>;
  /** Ends every other session of the account, in the same transaction. */
  setPassword(id: string, password: string, session: string, entry: AuditEntry): Promise<void>;
  setRole(id: string, role: Role, entry: AuditEntry): Promise<void>;
  /** Removes the account, its sessions and memberships; messages are not touched. */
  remove(id: string, entry: AuditEntry): Promise<void>;
  /** Moderators and administrators of every room, at most `limit`. */
  staff(limit: number): Promise<readonly Account[]>;
  list(query: string, offset: number, limit: number): Promise<readonly Account[]>;

  /**
   * `password` is the stored hash that the person was checked against. Resolves to false, and adds
   * nothing, if it has changed since.
   */
  addSession(session: Session, password: string): Promise<boolean>;
  /**
   * The account of a session used within the last `SESSION_MS`. Records the use, at most once an
   * hour.
   */
  bySession(hash: string, now: number): Promise<SignedIn | null>;
  sessions(person: string): Promise<readonly Session[]>;
  /**
   * The tokens of bots, newest first. `query` is a substring of the bot's name or of the token's
   * hash.
   */
  tokens(query: string, offset: number, limit: number): Promise<readonly BotToken[]>;
  /** Ends a session of the person, if there is one, and writes the audit entry. */
  endSession(person: string, hash: string, entry: AuditEntry): Promise<void>;
  /** Deletes some sessions not used for `SESSION_MS`; resolves to how many. */
  forgetSessions(now: number): Promise<number>;

  /** Stores the hash of the set-up link. Resolves to false if there was one before, on any node. */
  offerSetup(hash: string): Promise<boolean>;
  /** Replaces the stored hash. For someone with access to the database itself. */
  renewSetup(hash: string): Promise<void>;
  /** Whether this is the set-up link and it has not been used. */
  isSetup(hash: string): Promise<boolean>;
  /**
   * Uses the link, once, to create the administrator. Refuses if the link is wrong or the name is
   * taken.
   */
  useSetup(
    hash: string,
    admin: Account,
    password: string,
    entry: AuditEntry,
  ): Promise<Refusal | null>;
}
