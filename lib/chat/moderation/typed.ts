import { Refusal } from "../../model/base/errors.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { Author } from "../../model/people/person.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import type { Typed } from "../../model/rooms/commands.ts";
import { type Caller, type CommandDeps, runCommand } from "./commands.ts";
import { say } from "./replies.ts";

/** An answer for whoever typed a command. */
export interface Reply {
  readonly author: Author;
  readonly text: string;
}

/** Runs a command, the chat's own or a handler's; resolves to at least one reply, or a refusal. */
export async function runTyped(
  { name, rest, kind }: Exclude<Typed, { kind: "text" }>,
  caller: Caller,
  deps: CommandDeps,
): Promise<readonly Reply[] | Refusal> {
  if (kind === "command") {
    const answer = await runCommand(name, rest, caller, deps);
    return answer instanceof Refusal ? answer : [{ author: SYSTEM, text: answer }];
  }
  const { author, access, room, words } = caller;
  const somebody = { author, role: access.role };
  const unknown = new Refusal("noSuchCommand", { name });
  if (!deps.handlers.has(name, room, somebody)) return unknown;
  const refusal = authorize(access, "post", deps.moderate.deps.now());
  if (refusal) return refusal;
  const replies: Reply[] = [];
  const tell = (bot: Author, text: string) => void replies.push({ author: bot, text });
  const failed = await deps.handlers.run(name, rest, room, somebody, tell);
  if (failed) return failed;
  return replies.length > 0 ? replies : [{ author: SYSTEM, text: say(words, "done") }];
}
