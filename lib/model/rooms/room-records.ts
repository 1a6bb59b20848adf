import type { Refusal } from "../base/errors.ts";
import type { AuditEntry } from "../people/audit.ts";
import type { Author, Role } from "../people/person.ts";
import type { RoomRules } from "./rules.ts";

/** A person with a role of their own in a room. */
export interface Membership extends Author {
  /** `guest`: admitted, without a role. */
  readonly role: Role;
}

/** A link that admits people to one room. Only its hash is stored. */
export interface Invitation {
  readonly hash: string;
  readonly room: string;
  readonly by: Author;
  readonly at: number;
  readonly expiresAt: number;
  readonly uses: number;
  readonly most: number;
  readonly revokedAt: number | null;
}

/** Identifies a message. */
export interface MessageRef {
  readonly room: string;
  readonly seq: number;
}

/**
 * Selects messages after the `seq` `after` that are older than `at`, or not among the last `count`
 * (0: no limit).
 */
export interface RetentionLimit {
  readonly after: number;
  readonly at: number;
  readonly count: number;
}

export interface RoomRow {
  readonly name: string;
  readonly seq: number;
  readonly createdAt: number;
}

/** A room, as seen by the transaction that changes it. */
export interface RoomState {
  readonly rules: RoomRules;
  /** Whether nobody has posted in it, closed it or changed its rules. */
  readonly isNew: boolean;
}

/** A change to a room; absent fields stay as they are. */
export interface RoomChange {
  readonly rules?: Partial<RoomRules>;
  /** The hash of the new password; null: none. */
  readonly password?: string | null;
  /** People to add, with their roles. */
  readonly members?: readonly Membership[];
  /** Whether people without a role, who came by the password or a link, are removed. */
  readonly removesGuests?: boolean;
}

/** The rules of rooms, and their members. */
export interface RoomRecords {
  /** Null: the room is open and has no rules of its own. */
  rules(room: string): Promise<RoomRules | null>;
  /**
   * Changes a room in one transaction, serialized with other changes of the room. `decide` receives
   * the room's present state. It must be pure, since the database may require it to be called
   * again. If it returns null, nothing changes; otherwise the audit entry is written with the
   * change.
   */
  changeRoom(
    room: string,
    decide: (state: RoomState) => RoomChange | Refusal | null,
    entry: AuditEntry,
  ): Promise<Refusal | null>;
  /** Rooms listed in the lobby, by name. */
  listed(limit: number): Promise<readonly { readonly room: string; readonly rules: RoomRules }[]>;
  passwordOf(room: string): Promise<string | null>;
  /** Rooms that erase old messages. */
  withRetention(): Promise<readonly { readonly room: string; readonly rules: RoomRules }[]>;

  membership(room: string, person: string): Promise<Membership | null>;
  members(room: string): Promise<readonly Membership[]>;
  /**
   * Adds a member, or changes their role. `entry`: somebody else did that, of whom an invitation in
   * the member's inbox tells; null: they came by themselves. Resolves to whose inboxes have changed.
   */
  setMember(
    room: string,
    member: Membership,
    entry: AuditEntry | null,
  ): Promise<ReadonlySet<string>>;
  removeMember(room: string, person: string, entry: AuditEntry): Promise<void>;

  invite(invitation: Invitation, entry: AuditEntry): Promise<void>;
  invitation(hash: string): Promise<Invitation | null>;
  /**
   * Counts one use and admits the person; resolves to false if the link is used up, expired or
   * revoked.
   */
  redeem(hash: string, member: Membership, now: number): Promise<boolean>;
  revoke(hash: string, entry: AuditEntry): Promise<void>;
  /** `query` is a substring of the room's name or of the author's. */
  invitations(query: string, offset: number, limit: number): Promise<readonly Invitation[]>;

  /** Messages of an author that still have their text; `room` null: in all rooms. */
  messagesOf(author: string, room: string | null, limit: number): Promise<readonly MessageRef[]>;
  /** Messages that a room's rules no longer keep, oldest first. */
  overdue(room: string, what: RetentionLimit, limit: number): Promise<readonly MessageRef[]>;

  rooms(query: string, offset: number, limit: number): Promise<readonly RoomRow[]>;
}
