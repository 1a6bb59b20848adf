import type { Refusal } from "../base/errors.ts";
import type { AuditEntry } from "../people/audit.ts";
import type { Author, Role } from "../people/person.ts";
import type { RoomRules } from "./rules.ts";

/** Someone who has a place of their own in a room. */
export interface Membership extends Author {
  /** `guest`: let in, no more. */
  readonly role: Role;
}

/** A link that lets its bearer into one room. The link itself is not kept, only its hash. */
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

/** Where a message is. */
export interface MessageRef {
  readonly room: string;
  readonly seq: number;
}

/** Of what is after the `seq` `after`: older than `at`, or before the last `count` (0: all kept). */
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

/** A room as the transaction that changes it finds it. */
export interface RoomState {
  readonly rules: RoomRules;
  /** Nobody has written in it, closed it or changed its rules. */
  readonly isNew: boolean;
}

/** What becomes of a room; what is left out stays as it is. */
export interface RoomChange {
  readonly rules?: Partial<RoomRules>;
  /** The hash of its password; null: none. */
  readonly password?: string | null;
  /** Belong to it from now on, in these roles. */
  readonly members?: readonly Membership[];
  /** Whether everyone leaves who came in by the password or a link, and is no more than that. */
  readonly removesGuests?: boolean;
}

/** How rooms are kept, and who belongs to them. */
export interface RoomRecords {
  /** Null: the room has none of its own, and is open. */
  rules(room: string): Promise<RoomRules | null>;
  /**
   * Changes a room in one transaction, which no other change of the room gets in between. `decide`
   * is given the room as it is; it may be called again where the database asks for it, so it only
   * computes. The entry is written with the change; null changes nothing.
   */
  changeRoom(
    room: string,
    decide: (state: RoomState) => RoomChange | Refusal | null,
    entry: AuditEntry,
  ): Promise<Refusal | null>;
  /** Rooms the lobby shows, by name. */
  listed(limit: number): Promise<readonly { readonly room: string; readonly rules: RoomRules }[]>;
  passwordOf(room: string): Promise<string | null>;
  /** Rooms that erase old messages by themselves. */
  withRetention(): Promise<readonly { readonly room: string; readonly rules: RoomRules }[]>;

  membership(room: string, person: string): Promise<Membership | null>;
  members(room: string): Promise<readonly Membership[]>;
  setMember(room: string, member: Membership, entry: AuditEntry | null): Promise<void>;
  removeMember(room: string, person: string, entry: AuditEntry): Promise<void>;

  invite(invitation: Invitation, entry: AuditEntry): Promise<void>;
  invitation(hash: string): Promise<Invitation | null>;
  /** Counts one use and lets the person in; false where it is used up, expired or revoked. */
  redeem(hash: string, member: Membership, now: number): Promise<boolean>;
  revoke(hash: string, entry: AuditEntry): Promise<void>;
  /** `query` is a part of the room's name or of who made it. */
  invitations(query: string, offset: number, limit: number): Promise<readonly Invitation[]>;

  /** Messages of one author that still have their text; `room` null: in all rooms. */
  messagesOf(author: string, room: string | null, limit: number): Promise<readonly MessageRef[]>;
  /** Messages a room's rules no longer keep, oldest first. */
  overdue(room: string, what: RetentionLimit, limit: number): Promise<readonly MessageRef[]>;

  rooms(query: string, offset: number, limit: number): Promise<readonly RoomRow[]>;
}
