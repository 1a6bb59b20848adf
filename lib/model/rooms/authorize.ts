import { CLOSE } from "../base/close.ts";
import { Refusal } from "../base/errors.ts";
import type { Account } from "../people/account.ts";
import { allows, type Scope } from "../people/grant.ts";
import type { Role } from "../people/person.ts";
import { atLeast, rank } from "../people/role.ts";
import type { RoomRules } from "./rules.ts";

/** What can be asked for in a room. The order is that of the table of `LEAST`. */
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
 * What one person may do in one room. Read from the database when someone comes in, and again when
 * it may have changed; never for a message.
 */
export interface Access {
  /** Their account as it is now; null for guests. */
  readonly account: Pick<Account, "name" | "role" | "createdAt"> | null;
  /** Whether the session they came with has ended. */
  readonly isSignedOut: boolean;
  /** In this room. */
  readonly role: Role;
  /** Knows the password, was invited, or is one of the two. Of no matter in an open room. */
  readonly admitted: boolean;
  /** Until when they are kept out, in ms since 1970; 0: they are not, infinite: for good. */
  readonly bannedUntil: number;
  readonly mutedUntil: number;
  /** What they were told when that happened. */
  readonly reason: string;
  readonly rules: RoomRules;
  /** Whether the other one in a private talk does not want to be written to by them. */
  readonly isRefused?: boolean;
  /** What the token they came with allows in this room; absent: they came without one. */
  readonly scopes?: readonly Scope[];
  /** The address they come from, as `place` gives it. */
  readonly network: string;
}

/** The least role for an action that not everyone in the room may do. */
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
/** The scope a token needs for an action that every member may do. */
const SCOPE_OF: Partial<Record<Action, Scope>> = {
  enter: "read",
  report: "post",
  delete: "post",
  post: "post",
  edit: "post",
  react: "post",
};
const WRITING: readonly Action[] = ["post", "edit", "react"];
const FOR_MODERATORS = new Refusal("moderatorsOnly");

/**
 * THE question: whether someone may do something in a room, at `now` (ms since 1970). Null: yes.
 * `target` is the role of the person it is done to: nobody acts against their own rank or above.
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

/** What someone is in every room. */
export function globalRole({ account }: Pick<Access, "account">): Role {
  return account?.role ?? "guest";
}

/** Why someone may not be in the room, and the code their sockets are closed with; null: they may. */
export function refuseEntry(
  { isSignedOut, role, admitted, bannedUntil, rules, reason, scopes }: Access,
  now: number,
): { readonly refusal: Refusal; readonly close: number } | null {
  if (isSignedOut) return { close: CLOSE.replaced, refusal: new Refusal("signedOut") };
  if (scopes?.length === 0) {
    return { close: CLOSE.notAllowed, refusal: new Refusal("tokenRooms") };
  }
  const keeps = atLeast(role, "moderator");
  // An administrator cannot be locked out of their own chat by a moderator's slip.
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
