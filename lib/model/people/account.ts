import type { AuditEntry } from "./audit.ts";
import type { Refusal } from "../base/errors.ts";
import type { BotToken, Grant } from "./grant.ts";
import type { Author, Role } from "./person.ts";

/** A name with an owner. Its id is that of the guest who claimed it. */
export interface Account extends Author {
  /** How the name looks (`look`); no two accounts share one. */
  readonly skeletonKey: string;
  /** Everywhere: member, moderator or admin. */
  readonly role: Role;
  readonly createdAt: number;
}

/** How long a device stays signed in that is not used. */
export const SESSION_MS = 90 * 24 * 60 * 60 * 1000;

/** An account as one of its sessions may use it. */
export interface SignedIn extends Account {
  /** Of the token, where it is a bot's; its `role` is then what that allows. */
  readonly grant?: Grant;
}

/** A device that is signed in, or a program with a token. */
export interface Session {
  /** Of the secret in its cookie or of its token, which is not kept. */
  readonly hash: string;
  readonly person: string;
  readonly createdAt: number;
  readonly seenAt: number;
  /** What the browser calls itself. */
  readonly agent: string;
  readonly network: string;
  /** What it allows, where it is a bot's token; it does not end by itself then. */
  readonly grant?: Grant;
}

export interface Accounts {
  byId(id: string): Promise<Account | null>;
  /** By `look`, of the name as one types it. */
  bySkeletonKey(look: string): Promise<Account | null>;
  /** Whose names share one of these `looks`. */
  bearers(looks: readonly string[]): Promise<readonly Account[]>;
  /** The ids of the accounts whose names have these skeleton keys, by key. */
  ownersOf(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The stored hash of an account's password; null where there is no such account, or a bot's. */
  passwordOf(id: string): Promise<string | null>;
  /**
   * Refused (`not_allowed`) where one of the name's `looks`, or the id, has an owner. What is in force
   * against `network`, where the account is made from, holds for the account too; where that is a ban
   * everywhere, the account is refused.
   */
  create(
    account: Account,
    password: string,
    entry: AuditEntry,
    network?: string,
  ): Promise<Refusal | null>;
  /** Ends every session of theirs but `session` in the same transaction. */
  setPassword(id: string, password: string, session: string, entry: AuditEntry): Promise<void>;
  setRole(id: string, role: Role, entry: AuditEntry): Promise<void>;
  /** The account, its sessions and memberships; messages are not touched. */
  remove(id: string, entry: AuditEntry): Promise<void>;
  /** Moderators and administrators of every room, at most `limit`. */
  staff(limit: number): Promise<readonly Account[]>;
  list(query: string, offset: number, limit: number): Promise<readonly Account[]>;

  /**
   * `password` is the stored hash that the person was checked against. False, and nothing is added,
   * where it is no longer theirs.
   */
  addSession(session: Session, password: string): Promise<boolean>;
  /** Whose session it is, if it was used in the last `SESSION_MS`; notes that it was, at most once an hour. */
  bySession(hash: string, now: number): Promise<SignedIn | null>;
  sessions(person: string): Promise<readonly Session[]>;
  /** The tokens of bots, newest first. `query` is a part of the bot's name or of the token's hash. */
  tokens(query: string, offset: number, limit: number): Promise<readonly BotToken[]>;
  /** With its entry in the audit log, if there is such a session of theirs. */
  endSession(person: string, hash: string, entry: AuditEntry): Promise<void>;
  /** Forgets some of those that have not been used for `SESSION_MS`; resolves to how many. */
  forgetSessions(now: number): Promise<number>;

  /** Keeps the hash of the set-up link; false where there has been one before, on any node. */
  offerSetup(hash: string): Promise<boolean>;
  /** Keeps the hash of another link instead; for whoever has the database in their hands. */
  renewSetup(hash: string): Promise<void>;
  /** Whether this is the link, and it has not been used. */
  isSetup(hash: string): Promise<boolean>;
  /** Uses it up, once: creates the administrator. Refused where it is not the link, or the name is taken. */
  useSetup(
    hash: string,
    admin: Account,
    password: string,
    entry: AuditEntry,
  ): Promise<Refusal | null>;
}
