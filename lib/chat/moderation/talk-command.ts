import { Refusal } from "../../model/base/errors.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import type { Caller, CommandDeps } from "./commands.ts";
import type { Target } from "./finder.ts";
import { say } from "./replies.ts";

/** Begins a private talk, or goes on with it; says `text` in it where there is one. */
export async function talk(
  caller: Caller,
  target: Target,
  text: string,
  deps: CommandDeps,
): Promise<string | Refusal> {
  const { author, access, words } = caller;
  const { from, to } = deps.talkRequests;
  const talker = { author, isGuest: access.account === null, around: [target] };
  const place = await deps.talks.open(talker, [target.id]);
  if (place instanceof Refusal) return place;
  // To begin one was counted.
  const slow = place.isNew ? null : from.consume(author.id);
  if (slow) return slow;
  const { room } = place;
  const id = caller.id ?? crypto.randomUUID();
  const refusal = text === "" ? null : await deps.talks.say(caller, { room, id, text });
  if (refusal) return refusal;
  const name = author.name || `#${author.id}`;
  // Nobody keeps someone else out by asking too often: only the notice is left out.
  if (!to.consume(target.id)) {
    const notice = { action: "talk", person: target.id, name, room } as const;
    await deps.moderate.deps.broadcast(EVERYWHERE, notice);
  }
  const link = deps.link(`rooms/${room}`);
  return say(words, "direct", { name: target.name || `#${target.id}`, link });
}
