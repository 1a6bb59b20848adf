import { durationWords } from "../../model/base/duration.ts";
import type { Refusal } from "../../model/base/errors.ts";
import type { ModeratePerson } from "../../model/wire/moderation.ts";
import type { Target } from "./finder.ts";
import type { Actor, Moderate, Reach } from "./moderate.ts";
import { type ChatWords, calledIn, say } from "./replies.ts";
import type { Rooms } from "./rooms.ts";

export interface VerbDeps {
  readonly moderate: Moderate;
  readonly rooms: Rooms;
}

/** What to do to a person; `address` defaults as in `Reach`. */
export type PersonAction = Pick<ModeratePerson, "verb" | "seconds" | "reason" | "role"> & Reach;

/** The moderator, with the language they are answered in. */
export interface ModerationActor extends Actor {
  readonly words: ChatWords;
}

/** Does something to a person; resolves to a line that describes it. */
export async function moderatePerson(
  actor: ModerationActor,
  order: PersonAction,
  target: Target,
  { moderate, rooms }: VerbDeps,
): Promise<string | Refusal> {
  const { words } = actor;
  const { verb, reason = "", seconds } = order;
  const name = calledIn(words, target);
  switch (verb) {
    case "mute":
    case "ban": {
      const until = seconds === undefined ? null : moderate.deps.now() + seconds * 1_000;
      const refusal = await moderate.sanction(actor, verb, target, until, reason, order);
      return refusal ?? sanctioned(words, verb, name, order);
    }
    case "unmute":
    case "unban": {
      const what = verb === "unmute" ? "mute" : "ban";
      return (await moderate.lift(actor, what, target)) ?? say(words, LIFTED[verb], { name });
    }
    case "kick":
      return (await moderate.kick(actor, target, reason)) ?? say(words, "kicked", { name });
    case "delete-all": {
      const count = await moderate.removeAll(actor, target, reason);
      return typeof count === "number" ? say(words, "deleted", { count: String(count) }) : count;
    }
    case "role": {
      const role = order.role ?? "guest";
      const refusal = await rooms.name(actor, target, role === "guest" ? null : role);
      return refusal ?? say(words, ROLE_REPLIES[role], { name });
    }
  }
}

const LIFTED = { unmute: "unmuted", unban: "unbanned" } as const;
const ROLE_REPLIES = { guest: "unnamed", member: "memberNow", moderator: "moderatorNow" } as const;

function sanctioned(
  words: ChatWords,
  verb: "mute" | "ban",
  name: string,
  { seconds, everywhere }: PersonAction,
): string {
  const done = verb === "mute" ? "muted" : "banned";
  const where = everywhere ? "Everywhere" : "";
  if (seconds === undefined) return say(words, `${done}${where}`, { name });
  const time = durationWords(seconds * 1_000, words.tag);
  return say(words, `${done}${where}For`, { name, time });
}
