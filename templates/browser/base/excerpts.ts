import { shortId } from "../../../lib/model/wire/appearance.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import type { Author, Role } from "../../../lib/model/people/person.ts";
import { h } from "./dom.ts";
import { plainText } from "./markup.ts";
import { t } from "./words.ts";

export function nameOf(author: Author): string {
  return author.name === "" ? fill(t.guest, { id: shortId(author.id) }) : author.name;
}

/** The badge of programs. */
export function botBadge(): HTMLElement {
  return h("small", { class: "bot" }, t.bot);
}

/** A message, as the list of rooms shows the last one. */
export function lastWords(message: Message): { name: string; text: string; at: number } {
  const { author, at } = message;
  return { name: nameOf(author), text: plainText(message).slice(0, 100), at };
}

/** The badge of people with a role in the room; null for others. */
export function roleMark(role: Role | undefined): HTMLElement | null {
  if (role !== "moderator" && role !== "owner" && role !== "admin") return null;
  return h("small", { class: "role" }, t.roles[role]);
}
