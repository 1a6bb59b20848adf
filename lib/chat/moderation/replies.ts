import type { CommandWords } from "../../model/rooms/commands.ts";
import { fill } from "../../model/text/locale.ts";

/** What commands answer. */
type Reply =
  | "done"
  | "named"
  | "renamed"
  | "who"
  | "asked"
  | "direct"
  | "reported"
  | "noTopic"
  | "deleted"
  | "kept"
  | "keptFor"
  | "invited";

/**
 * What the chat itself says to someone, in their language. Refusals are English here, and said in
 * theirs at the edge (`web/said.ts`).
 */
export interface ChatWords {
  readonly commands: CommandWords;
  readonly replies: Readonly<Record<Reply, string>>;
}

export function say(
  { replies }: ChatWords,
  reply: Reply,
  values: Readonly<Record<string, string>> = {},
): string {
  return fill(replies[reply], values);
}
