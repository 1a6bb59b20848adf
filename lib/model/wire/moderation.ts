import type { Author, Role } from "../people/person.ts";
import type { Membership } from "../rooms/room-records.ts";
import type { RoomKind, RoomRules } from "../rooms/rules.ts";
import type { Sanction } from "../rooms/sanction.ts";

/** What can be done to a person. */
export const VERBS = ["mute", "unmute", "kick", "ban", "unban", "delete-all", "role"] as const;
export type Verb = (typeof VERBS)[number];

/** Roles that can be given in a room. `guest` removes the person's role. */
export const GIVEN_ROLES = ["guest", "member", "moderator"] as const satisfies readonly Role[];
export type GivenRole = (typeof GIVEN_ROLES)[number];

/** Characters of the reason for a verb or a report. */
export const REASON_LIMIT = 200;

/** Asks who someone is. */
export interface AskPerson {
  readonly type: "person";
  readonly id: string;
}
/** Does something to a person. */
export interface ModeratePerson {
  readonly type: "moderate";
  readonly verb: Verb;
  /** The person's id. */
  readonly person: string;
  /** Of a mute or a ban; without it, it lasts until it is lifted. */
  readonly seconds?: number;
  readonly reason?: string;
  /** In every room, not in this one alone. */
  readonly everywhere?: boolean;
  /** The person's network address too, and with it every guest who comes from there. */
  readonly address?: boolean;
  /** With the verb `role`, and only with it. */
  readonly role?: GivenRole;
}
export interface ReportMessage {
  readonly type: "report";
  readonly seq: number;
  readonly reason?: string;
}
export interface PinMessage {
  readonly type: "pin";
  readonly seq: number;
  readonly on: boolean;
}
/** Asks for the open reports of the room. */
export interface AskReports {
  readonly type: "reports";
}
/** Settles a report: `upheld` deletes the message. */
export interface SettleReport {
  readonly type: "settle";
  readonly id: number;
  readonly state: "upheld" | "dismissed";
}
/** Asks who looks after the room. */
export interface AskRoles {
  readonly type: "roles";
}
/** Asks who bears these names here, also of those who have left. */
export interface AskCalled {
  readonly type: "called";
  readonly names: readonly string[];
}
/** Asks for the rules of the room. */
export interface AskRules {
  readonly type: "rules";
}
/** Rules that a `set` frame may change, apart from who may enter. */
export type Settable = Partial<Omit<RoomRules, "kind" | "pins">>;
/** Changes the rules of the room; absent fields stay as they are. */
export interface SetRules extends Settable {
  readonly type: "set";
  /** Who may enter. */
  readonly kind?: Exclude<RoomKind, "direct">;
  /** Of a room of the kind `password`. */
  readonly password?: string;
}
/** Asks for a link that lets people in. */
export interface Invite {
  readonly type: "invite";
  readonly days: number;
  readonly uses: number;
}
export type ModerationRequest =
  | AskPerson
  | ModeratePerson
  | ReportMessage
  | PinMessage
  | AskReports
  | SettleReport
  | AskRoles
  | AskRules
  | AskCalled
  | SetRules
  | Invite;

/** A mute or a ban in force. */
export interface SanctionInfo extends Pick<Sanction, "what" | "reason" | "by" | "at" | "until"> {
  readonly everywhere: boolean;
}

/** A person in this room, and what the asker may do to them. */
export interface PersonFrame extends Author {
  readonly type: "person";
  readonly role: Role;
  readonly isGuest: boolean;
  readonly isHere: boolean;
  /** When the name was claimed, in ms since 1970; only of people with an account. */
  readonly since?: number;
  readonly may: readonly Verb[];
  /** Only where the asker may give them. */
  readonly roles?: readonly GivenRole[];
  /** Only where the asker may mute and ban in every room. */
  readonly everywhere?: true;
  /** Mutes and bans in force, for moderators. */
  readonly sanctions?: readonly SanctionInfo[];
  /**
   * The number of other guests connected to this node from the same network, for moderators; absent
   * if the node does not know the person's network.
   */
  readonly sharing?: number;
}
/** The request has been carried out. */
export interface Done {
  readonly type: "done";
  /** What happened, in the asker's language. */
  readonly text: string;
  /** The link of an invitation. */
  readonly link?: string;
}
export interface ReportInfo {
  readonly id: number;
  readonly seq: number;
  readonly author: Author;
  /** The message as it was reported. */
  readonly text: string;
  readonly by: Author;
  readonly reason: string;
  readonly at: number;
}
/**
 * The open reports of the room, newest first, at most 50: an answer, or an update for its
 * moderators.
 */
export interface ReportsFrame {
  readonly type: "reports";
  readonly reports: readonly ReportInfo[];
}
/**
 * People with a role above member in the room, by id: an answer, or an update for everyone in it.
 */
export interface RolesFrame {
  readonly type: "roles";
  readonly roles: Readonly<Record<string, Role>>;
}
/** Who bears names that were asked for, in any case, each person once. */
export interface CalledFrame {
  readonly type: "called";
  readonly people: readonly Author[];
}
/** The rules of the room, and which of them the asker may change. */
export interface RulesFrame {
  readonly type: "rules";
  readonly rules: RoomRules;
  readonly may: readonly ("topic" | "pin" | "invite" | "lock" | "settle" | "own")[];
  /** Who belongs to the room, for those who may invite. */
  readonly members?: readonly Membership[];
  /** People muted or banned in this room, for moderators. */
  readonly sanctions?: readonly (SanctionInfo & { readonly person: Author })[];
}
export type ModerationFrame =
  PersonFrame | Done | ReportsFrame | RolesFrame | RulesFrame | CalledFrame;
