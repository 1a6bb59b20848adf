import { fill } from "../../../lib/model/text/locale.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import { atLeast } from "../../../lib/model/people/role.ts";
import { toast } from "../base/announce.ts";
import { copyText } from "../base/copy.ts";
import { h } from "../base/dom.ts";
import { QUICK } from "../base/emoji.ts";
import { plainText } from "../base/markup.ts";
import { nameOf } from "../base/excerpts.ts";
import { t } from "../base/words.ts";
import { Dialog } from "./dialog.ts";
import { drawing } from "./icons.ts";
import type { PeopleHooks } from "./hooks.ts";
import { p, panels } from "./words.ts";

/** What the menu of a message leads to, beside what the page's hooks do. */
export interface MenuVerbs {
  readonly person: (id: string, verb?: "mute") => void;
  readonly report: (message: Message) => void;
  readonly remove: (message: Message) => void;
  readonly pin: (message: Message, on: boolean) => void;
}

/** The menu of one message: all that can be done with it. At `row`; on a phone a sheet. */
export function openMenu(message: Message, row: HTMLElement, hooks: PeopleHooks, verbs: MenuVerbs) {
  // A finger that rests on a message opens it on some systems twice.
  if (document.getElementById("menu")) return;
  const dialog = new Dialog("menu", p.menu);
  const { author, seq } = message;
  const me = hooks.me();
  const isMine = author.id === me.id;
  const isProgram = author.bot === true || author.id.startsWith("bot:");
  const keeps = atLeast(me.role, "moderator");
  const isPinned = hooks.about().pins.includes(seq);
  const called = { name: nameOf(author) };
  const item = (words: string, name: string, act: () => void, kind = "") =>
    h(
      "button",
      {
        type: "button",
        class: `item ${kind}`.trim(),
        onclick: () => {
          dialog.close();
          act();
        },
      },
      drawing(name),
      h("span", { dir: "auto" }, words),
    );
  const quick = QUICK.map((emoji) => {
    const react = () => {
      dialog.close();
      hooks.react(message, emoji);
    };
    return h("button", { type: "button", "aria-label": emoji, onclick: react }, emoji);
  });
  const items = [
    item(t.reply, "reply", () => hooks.reply(message)),
    item(t.react, "smile", () => hooks.pick(message)),
    item(p.copyText, "copy", () => {
      void copyText(plainText(message)).then(() => toast(p.textCopied));
    }),
    item(t.copyLink, "link", () => hooks.copyLink(message)),
    item(panels.markUnread, "unread", () => hooks.places.markUnread(seq)),
    isMine ? item(t.edit, "edit", () => hooks.edit(message)) : null,
    keeps ? item(isPinned ? p.unpin : p.pin, "pin", () => verbs.pin(message, !isPinned)) : null,
    isMine || isProgram
      ? null
      : item(fill(p.aboutPerson, called), "people", () => verbs.person(author.id)),
    isMine ? null : item(`${panels.report} …`, "flag", () => verbs.report(message)),
    keeps && !isMine && !isProgram
      ? item(`${fill(p.muteAuthor, called)} …`, "mute", () => verbs.person(author.id, "mute"))
      : null,
    hooks.mayDelete(message)
      ? item(panels.delete, "delete", () => verbs.remove(message), "grave")
      : null,
  ].filter((each) => each !== null);
  const list = h("div", { class: "items" }, ...items);
  list.addEventListener("keydown", (event) => walk(event, items));
  const [first] = items;
  if (first) first.autofocus = true;
  dialog.show(p.menu, h("div", { class: "quick" }, ...quick), list);
  place(dialog.element, row);
}

/** Up and down lead from item to item. */
function walk(event: KeyboardEvent, items: readonly HTMLElement[]): void {
  const at = items.findIndex((item) => item === document.activeElement);
  const last = items.length - 1;
  const steps: Record<string, number> = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    Home: 0,
    End: last,
  };
  const next = items[steps[event.key] ?? -1];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Puts a menu beside its row, where there is room for that. */
function place(menu: HTMLElement, row: HTMLElement): void {
  const at = row.getBoundingClientRect();
  const { height } = menu.getBoundingClientRect();
  const top = Math.max(8, Math.min(at.top, innerHeight - height - 8));
  const end = Math.max(8, innerWidth - at.right + 8);
  menu.style.setProperty("--top", `${top}px`);
  menu.style.setProperty("--end", `${end}px`);
}
