import { CLOSE } from "../base/close.ts";
import { Refusal } from "../base/errors.ts";
import type { SignedIn } from "../people/account.ts";
import { allows, type Scope } from "../people/grant.ts";
import type { Role } from "../people/person.ts";
import { atLeast, rank } from "../people/role.ts";
import type { RoomRules } from "./rules.ts";

/** What may be asked for in a room. */
export const ACTIONS = [
  "enter",
  "report",
  "delete",
  "post",
  "edit",
  "react",
  "invite",
  "topic",
  "pin",
  "delete-any",
  "kick",
  "mute",
  "ban",
  "lock",
  "settle",
  "own",
] as const;
export type Action = (typeof ACTIONS)[number];

/**
 * What a person may do in a room. Read from the database when they enter, and again when it may
 * have changed; never for a message.
 */
export interface Access {
  /** Their account; null for guests. */
  readonly account: Pick<SignedIn, "name" | "role" | "createdAt" | "grant"> | null;
  /** Whether their session has ended. */
  readonly isSignedOut: boolean;
  /** The role in this room. */
  readonly role: Role;
  /**
   * Whether they know the password, were invited, or are part of the private talk. Ignored in open
   * rooms.
   */
  readonly admitted: boolean;
  /** The end of their ban, in ms since 1970; 0: not banned, infinite: permanent. */
  readonly bannedUntil: number;
  readonly mutedUntil: number;
  /** The reason they were given for it. */
  readonly reason: string;
  readonly rules: RoomRules;
  /** Whether the other person of a private talk has blocked them. */
  readonly isRefused?: boolean;
  /** What their token allows in this room; absent: they have no token. */
  readonly scopes?: readonly Scope[];
  /** Their network, as `networkOf` gives it. */
  readonly network: string;
}

/** The lowest role for an action that not everyone in the room may perform. */
const LEAST_ROLE: Partial<Record<Action, Role>> = {
  invite: "moderator",
  topic: "moderator",
  pin: "moderator",
  "delete-any": "moderator",
  kick: "moderator",
  mute: "moderator",
  ban: "moderator",
  lock: "moderator",
  settle: "moderator",
  own: "owner",
};
/** The scope a token needs for an action that every member may perform. */
const SCOPE_OF: Partial<Record<Action, Scope>> = {
  enter: "read",
  report: "post",
  delete: "post",
  post: "post",
  edit: "post",
  react: "post",
};
/** The actions that a mute forbids. */
const WRITING: readonly Action[] = ["post", "edit", "react"];
const FOR_MODERATORS = new Refusal("moderatorsOnly");

/**
 * Why a person may not perform an action in a room at `now` (ms since 1970), or null if they may:
 * checks bans and locks for every action, and mutes, read-only and archived rooms for writing.
 * `target` is the role of the person acted on: nobody acts on someone of their own rank or above.
 * Every entrance asks this function.
 */
export function authorize(
  access: Access,
  action: Action,
  now: number,
  target?: Role,
): Refusal | null {
  const outside = refuseEntry(access, now);
  if (outside) return outside.refusal;
  const { role, rules, scopes } = access;
  const scope = SCOPE_OF[action] ?? "moderate";
  if (scopes && !allows({ scopes }, scope)) return new Refusal("tokenScope", { scope });
  const least = LEAST_ROLE[action];
  if (least) {
    if (!atLeast(role, least)) return FOR_MODERATORS;
    if (target !== undefined && rank(target) >= rank(role)) {
      return new Refusal("notOutranked");
    }
    return null;
  }
  if (!WRITING.includes(action)) return null;
  if (access.isRefused) return new Refusal("notReached");
  if (rules.archived) return new Refusal("roomArchived");
  if (access.mutedUntil > now) return muted(access, now);
  if (rules.readOnly && !atLeast(role, "moderator")) {
    return new Refusal("roomReadOnly");
  }
  return null;
}

/** A person's role in every room. */
export function globalRole({ account }: Pick<Access, "account">): Role {
  return account?.role ?? "guest";
}

/** Why a person may not be in the room, with the close code for their sockets; null if they may. */
export function refuseEntry(
  { isSignedOut, role, admitted, bannedUntil, rules, reason, scopes }: Access,
  now: number,
): { readonly refusal: Refusal; readonly close: number } | null {
  if (isSignedOut) return { close: CLOSE.replaced, refusal: new Refusal("signedOut") };
  if (scopes?.length === 0) {
    return { close: CLOSE.notAllowed, refusal: new Refusal("tokenRooms") };
  }
  const keeps = atLeast(role, "moderator");
  // A moderator's mistake must not lock administrators out.
  if (bannedUntil > now && role !== "admin") {
    const refusal =
      reason === "" ? new Refusal("banned") : new Refusal("bannedWhy", { why: reason });
    return { close: CLOSE.banned, refusal };
  }
  if (rules.locked && !keeps) {
    return { close: CLOSE.roomClosed, refusal: new Refusal("roomLocked") };
  }
  if (rules.kind !== "open" && !admitted && !(keeps && rules.kind !== "direct")) {
    return { close: CLOSE.notAllowed, refusal: new Refusal(CLOSED[rules.kind]) };
  }
  return null;
}

const CLOSED = {
  password: "passwordRequired",
  members: "membersOnly",
  direct: "notYourConversation",
} as const;

function muted({ mutedUntil, reason }: Access, now: number): Refusal {
  const wait = Number.isFinite(mutedUntil) ? Math.ceil(mutedUntil - now) : undefined;
  return reason === ""
    ? new Refusal("muted", {}, wait)
    : new Refusal("mutedWhy", { why: reason }, wait);
}
