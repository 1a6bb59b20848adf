import type { CommandWords } from "../../model/rooms/commands.ts";
import type { Author } from "../../model/people/person.ts";
import { fill } from "../../model/text/locale.ts";
import { shortId } from "../../model/wire/appearance.ts";

type Sanctioned = "muted" | "banned";

/** Answers of commands and moderation. */
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
  | "invited"
  | "kicked"
  | "unmuted"
  | "unbanned"
  | "unnamed"
  | "memberNow"
  | "moderatorNow"
  | "pinned"
  | "unpinned"
  | "upheld"
  | "dismissed"
  | "rulesSet"
  | `${Sanctioned}${"" | "Everywhere"}${"" | "For"}`;

/** The chat's own words to someone, in their language. */
export interface ChatWords {
  /** The language, as a BCP 47 tag. */
  readonly tag: string;
  readonly commands: CommandWords;
  readonly replies: Readonly<Record<Reply, string>>;
  readonly page: { readonly guest: string };
}

export function say(
  { replies }: ChatWords,
  reply: Reply,
  values: Readonly<Record<string, string>> = {},
): string {
  return fill(replies[reply], values);
}

/** A person's name; for a guest without one, what the page calls them. */
export function calledIn({ page }: ChatWords, { id, name }: Author): string {
  return name === "" ? fill(page.guest, { id: shortId(id) }) : name;
}
