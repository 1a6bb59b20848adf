import { CLOSE } from "../base/close.ts";
import { Refusal } from "../base/errors.ts";
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

/** What is known of one person in one room; everything `may` asks. Read once, not for each message. */
export interface Standing {
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
  /** The address they come from, as `place` gives it. */
  readonly place: string;
}

/** The least role for an action that not everyone in the room may do. */
const LEAST: Partial<Record<Action, Role>> = {
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
const WRITING: readonly Action[] = ["post", "edit", "react"];
const NOT_YOURS = new Refusal("not_allowed", "This is for those who look after the room.");

/**
 * THE question: whether someone may do something in a room, at `now` (ms since 1970). Null: yes.
 * `target` is the role of the person it is done to: nobody acts against their own rank or above.
 */
export function may(
  standing: Standing,
  action: Action,
  now: number,
  target?: Role,
): Refusal | null {
  const outside = keptOut(standing, now);
  if (outside) return outside.refusal;
  const { role, rules } = standing;
  const least = LEAST[action];
  if (least) {
    if (!atLeast(role, least)) return NOT_YOURS;
    if (target !== undefined && rank(target) >= rank(role)) {
      return new Refusal("not_allowed", "They are not below you in this room.");
    }
    return null;
  }
  if (!WRITING.includes(action)) return null;
  if (rules.archived) return new Refusal("not_allowed", "This room is archived.");
  if (standing.mutedUntil > now) return muted(standing, now);
  if (rules.readOnly && !atLeast(role, "moderator")) {
    return new Refusal("not_allowed", "This room is read-only.");
  }
  return null;
}

/** Why someone may not be in the room, and the code their sockets are closed with; null: they may. */
export function keptOut(
  { role, admitted, bannedUntil, rules, reason }: Standing,
  now: number,
): { readonly refusal: Refusal; readonly close: number } | null {
  const keeps = atLeast(role, "moderator");
  // An administrator cannot be locked out of their own chat by a moderator's slip.
  if (bannedUntil > now && role !== "admin") {
    const why = reason === "" ? "" : ` ${reason}`;
    return {
      close: CLOSE.banned,
      refusal: new Refusal("not_allowed", `You are banned here.${why}`),
    };
  }
  if (rules.locked && !keeps) {
    return { close: CLOSE.roomClosed, refusal: new Refusal("not_allowed", "This room is closed.") };
  }
  if (rules.kind !== "open" && !admitted && !(keeps && rules.kind !== "direct")) {
    return { close: CLOSE.notAllowed, refusal: new Refusal("not_allowed", CLOSED[rules.kind]) };
  }
  return null;
}

const CLOSED = {
  password: "This room has a password.",
  members: "This room is for those who were invited.",
  direct: "This conversation is between two others.",
} as const;

function muted({ mutedUntil, reason }: Standing, now: number): Refusal {
  const why = reason === "" ? "" : ` ${reason}`;
  const wait = Number.isFinite(mutedUntil) ? Math.ceil(mutedUntil - now) : undefined;
  return new Refusal("muted", `You cannot write here just now.${why}`, wait);
}
