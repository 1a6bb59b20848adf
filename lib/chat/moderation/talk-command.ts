import { Refusal } from "../../model/base/errors.ts";
import { talkPath } from "../../model/rooms/rules.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import type { TalkRequests } from "../limits/limits.ts";
import type { Target } from "./finder.ts";
import type { Actor, Moderate } from "./moderate.ts";
import { type ChatWords, say } from "./replies.ts";
import type { Talks } from "./talks.ts";

export interface TalkCommandDeps {
  readonly moderate: Moderate;
  readonly talks: Talks;
  readonly talkRequests: TalkRequests;
  /** The public address of a path below the base path. */
  readonly link: (path: string) => string;
}

/** Someone who types a command. */
export interface CommandAuthor extends Actor {
  readonly words: ChatWords;
  /** The client's id of the command, which identifies repetitions. */
  readonly id?: string;
}

/** Opens a private talk, beginning it if necessary, and posts `text` in it if there is any. */
export async function talk(
  caller: CommandAuthor,
  target: Target,
  text: string,
  deps: TalkCommandDeps,
): Promise<string | Refusal> {
  const { author, access, words } = caller;
  const { from, to } = deps.talkRequests;
  const { account } = access;
  const talker = { author, isGuest: account === null, grant: account?.grant, around: [target] };
  const place = await deps.talks.open(talker, [target.id]);
  if (place instanceof Refusal) return place;
  // Beginning it was counted already.
  const slow = place.isNew ? null : from.consume(author.id);
  if (slow) return slow;
  const { room } = place;
  const id = caller.id ?? crypto.randomUUID();
  const refusal = text === "" ? null : await deps.talks.say(caller, { room, id, text });
  if (refusal) return refusal;
  const name = author.name || `#${author.id}`;
  // Beyond the limit only the notice is omitted, so that nobody can use up someone's limit to keep
  // others out.
  if (!to.consume(target.id)) {
    const notice = { action: "talk", person: target.id, from: author.id, name } as const;
    await deps.moderate.deps.broadcast(EVERYWHERE, notice);
  }
  const link = deps.link(talkPath([target]));
  return say(words, "direct", { name: target.name || `#${target.id}`, link });
}
