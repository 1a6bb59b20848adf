import { hueOf, initialsOf, isOnlyEmoji } from "../../../lib/model/wire/appearance.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { filesOf } from "../base/attached.ts";
import { button, byId, h, page, readable } from "../base/dom.ts";
import { HOURS_CHANGED, preferences } from "../base/memory.ts";
import { plainText, safeNodes } from "../base/markup.ts";
import type { Part } from "../../../lib/model/people/mention.ts";
import type { Author, Role } from "../../../lib/model/people/person.ts";
import { botBadge, nameOf, roleMark } from "../base/excerpts.ts";
import type { LocalNotice } from "./timeline.ts";
import { t } from "../base/words.ts";

const { language } = page;
/** The formats of times, by how hours are to be written. */
function formats() {
  const { hours } = preferences();
  const cycle = hours === "auto" ? {} : ({ hourCycle: hours === "12" ? "h12" : "h23" } as const);
  return {
    clock: new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", ...cycle }),
    full: new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short", ...cycle }),
    moment: new Intl.DateTimeFormat(language, {
      dateStyle: "medium",
      timeStyle: "short",
      ...cycle,
    }),
  };
}
let { clock, full, moment } = formats();
const date = new Intl.DateTimeFormat(page.language, { dateStyle: "full" });
const list = new Intl.ListFormat(page.language, { type: "conjunction" });
const blank = byId("message", HTMLTemplateElement);

export function namesOf(names: readonly string[]): string {
  return list.format(names);
}

/** Only the first of a group has room for more than hours and minutes. */
function shortTime(at: number): string {
  const parts = clock.formatToParts(at).filter(({ type }) => type !== "dayPeriod");
  return parts
    .map(({ value }) => value)
    .join("")
    .trim();
}

/** Fills a `<time>` with a moment in the reader's time zone. */
function putTime(time: HTMLTimeElement, at: number): void {
  const isFirst = time.closest(".message")?.classList.contains("first") ?? true;
  time.dateTime = new Date(at).toISOString();
  time.textContent = isFirst ? clock.format(at) : shortTime(at);
  time.title = full.format(at);
}

/** A moment with its day. */
export function timeOf(at: number): HTMLTimeElement {
  return h("time", { datetime: new Date(at).toISOString() }, moment.format(at));
}

/** Shows the server's times in the reader's time zone. */
export function localTimes(): void {
  document.addEventListener(HOURS_CHANGED, () => {
    ({ clock, full, moment } = formats());
    putTimes();
  });
  putTimes();
}

function putTimes(): void {
  for (const time of document.querySelectorAll<HTMLTimeElement>("#log time"))
    putTime(time, Date.parse(time.dateTime));
}

export interface Shown {
  readonly message: Message;
  /** Shows the author; later ones of a group do not. */
  readonly first: boolean;
  readonly mine: boolean;
  readonly mentions: boolean;
  /** The reader has blocked its author; it is not shown. */
  readonly blocked: boolean;
  /** The author's role, if above member. */
  readonly role: Role | undefined;
  /** Has a pending change. */
  readonly waits: boolean;
  /** A text in parts; those that mention someone are separate. */
  readonly parts: (text: string) => readonly Part<Author>[];
  /** The quoted message, if known. */
  readonly quoted: Message | undefined;
}

/** A message of the log. Everything people wrote is inserted as text, or through `safeNodes`. */
export function messageRow(shown: Shown, me: string) {
  const { message, first, mine, mentions, blocked, waits, quoted, role, parts } = shown;
  const row = blank.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) throw new Error("The message template is empty.");
  const part = (selector: string) => {
    const found = row.querySelector<HTMLElement>(selector);
    if (!found) throw new Error(`The message template has no ${selector}.`);
    return found;
  };
  const { seq, author } = message;
  row.hidden = blocked;
  row.id = String(seq);
  row.dataset["seq"] = String(seq);
  row.classList.toggle("first", first);
  row.classList.toggle("mine", mine);
  row.classList.toggle("mentions", mentions);
  part(".avatar").textContent = initialsOf(author.name);
  part(".name").textContent = nameOf(author);
  const mark = author.bot ? botBadge() : roleMark(role);
  if (mark) part(".byline").append(" ", mark);
  for (const each of [part(".avatar"), part(".name")]) each.dataset["hue"] = `${hueOf(author.id)}`;
  part(".time").setAttribute("href", `#${seq}`);
  const time = row.querySelector("time");
  if (time) putTime(time, message.at);
  fillBody(part(".body"), message);
  showMentions(part(".body"), parts);
  if (message.replyTo !== undefined) part(".body").before(quote(message.replyTo, quoted));
  if (message.editedAt !== undefined) {
    const when = fill(t.editedAt, { time: full.format(message.editedAt) });
    part(".body").append(h("small", { class: "edited", title: when }, ` (${t.edited})`));
  }
  if (waits) part(".body").append(h("small", { class: "waits" }, ` ${t.sending}`));
  if (message.files) row.append(filesOf(message.files));
  const reactions = reactionsOf(message, me);
  if (reactions) row.append(reactions);
  return row;
}

function fillBody(body: HTMLElement, message: Message): void {
  body.classList.toggle("deleted", message.deleted === true);
  body.classList.toggle("huge", isOnlyEmoji(message.text));
  if (message.deleted) body.textContent = t.deleted;
  else if (message.html !== undefined) body.replaceChildren(safeNodes(message.html, t.spoiler));
  else body.textContent = message.text;
}

/** Puts those who are mentioned into elements of their own, which keep their direction. */
function showMentions(body: HTMLElement, parts: Shown["parts"]): void {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode);
  for (const node of texts) {
    if (!node.data.includes("@") || node.parentElement?.closest("a, code, pre")) continue;
    const nodes = parts(node.data).map(({ text, person }) =>
      person ? h("bdi", { class: "mention", "data-person": person.id }, text) : text,
    );
    node.replaceWith(...nodes);
  }
}

function quote(seq: number, quoted: Message | undefined): HTMLElement {
  const link = h("a", { class: "quote", href: `#${seq}` });
  if (!quoted) link.textContent = `#${seq}`;
  else {
    const text = quoted.deleted ? t.deleted : plainText(quoted).slice(0, 160);
    const { author } = quoted;
    link.append(h("bdi", { class: "name", "data-hue": hueOf(author.id) }, nameOf(author)), " ");
    link.append(h("bdi", {}, text));
  }
  return link;
}

function reactionsOf(message: Message, me: string): HTMLElement | null {
  const all = Object.entries(message.reactions ?? {});
  if (all.length === 0) return null;
  const list = h("div", { class: "reactions" });
  for (const [emoji, people] of all) {
    const pressed = people.some((person) => person.id === me);
    const names = namesOf(people.map(nameOf));
    const attributes = { "aria-pressed": String(pressed), "data-emoji": emoji };
    const label = { title: names, "aria-label": `${emoji} ${people.length}: ${names}` };
    list.append(
      h(
        "button",
        { type: "button", ...attributes, ...label },
        emoji,
        h("b", {}, `${people.length}`),
      ),
    );
  }
  return list;
}

export function noticeRow({ kind, key, text, author }: LocalNotice): HTMLElement {
  const attributes = { class: "notice", "data-notice": kind, "data-key": key };
  const who = author
    ? h("bdi", { class: "name", "data-hue": hueOf(author.id) }, author.name)
    : null;
  const said = h("bdi", { class: "said" }, ...withLinks(text));
  const dismiss = kind === "answer" ? button(t.dismiss, "close", () => undefined) : null;
  dismiss?.setAttribute("data-dismiss", "");
  return h("li", attributes, who, who ? " " : null, said, dismiss);
}

/** Answers may contain addresses, as of an invitation or a private talk. */
function withLinks(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"]+)/).map((part) => {
    const address = part.startsWith("http") ? URL.parse(part) : null;
    return address ? h("a", { href: address.href }, readable(part)) : part;
  });
}

export function dayRow(at: number): HTMLElement {
  const today = new Date().toDateString();
  const yesterday = new Date(Date.now() - 86_400_000).toDateString();
  const day = new Date(at).toDateString();
  const words = day === today ? t.today : day === yesterday ? t.yesterday : date.format(at);
  return h("li", { class: "day" }, h("span", {}, words));
}

export function unreadRow(): HTMLElement {
  return h("li", { class: "unread" }, h("span", {}, t.unread));
}
