import type { Message } from "../../../lib/model/wire/event.ts";
import type { RulesFrame } from "../../../lib/model/wire/moderation.ts";
import { isDirectName } from "../../../lib/model/rooms/rules.ts";
import { toast } from "../base/announce.ts";
import { filesOf } from "../base/attached.ts";
import { copyText } from "../base/copy.ts";
import { below, h, page } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { nameOf } from "../base/excerpts.ts";
import { t } from "../base/words.ts";
import { drawn } from "../qr/svg.ts";
import { wordsOf } from "./card.ts";
import { type Choices, Dialog, form, press, select, status, textOf } from "./dialog.ts";
import type { PeopleHooks } from "./hooks.ts";
import { settingsForm } from "./room-settings.ts";
import { p } from "./words.ts";

/** Pages of the log that are looked through for files, of 100 messages each. */
const FILE_PAGES = 5;
const DAYS: Choices = [
  ["1", p.oneDayLong],
  ["7", p.oneWeekLong],
  ["30", p.oneMonthLong],
];
const USES: Choices = ["1", "5", "25", "100"].map((count) => [count, count] as const);

/** What there is to know and do about the room: each part for those who may see it. */
export class RoomPanel {
  readonly #title = isDirectName(page.room) ? p.roomTitle : page.room;
  readonly #dialog = new Dialog("room-panel", this.#title);

  constructor(
    readonly hooks: PeopleHooks,
    readonly person: (id: string) => void,
  ) {}

  async open(): Promise<void> {
    await this.#draw();
  }

  async #draw(happened: HTMLElement | null = null): Promise<void> {
    const answer = await this.hooks.ask({ type: "rules" });
    if (answer?.type !== "rules") {
      this.#dialog.show(this.#title, status(wordsOf(answer), true));
      return;
    }
    const { rules, may, members = [], sanctions = [] } = answer;
    const isTalk = rules.kind === "direct";
    const leave = press(t.leave, () => {
      this.#dialog.close();
      document.getElementById("leave")?.click();
    });
    this.#dialog.show(
      this.#title,
      happened,
      rules.topic === "" ? null : h("p", { dir: "auto" }, rules.topic),
      h("p", { class: "says" }, p.kinds[rules.kind]),
      isTalk
        ? null
        : part(p.share, () => [this.#share(address(), rules.kind === "open" ? "" : p.closedLink)]),
      may.includes("invite") && !isTalk ? part(p.invite, () => [this.#invite()]) : null,
      rules.pins.length > 0
        ? part(`${p.pins} (${rules.pins.length})`, () => [this.#pins(answer)])
        : null,
      part(p.files, () => [this.#files()]),
      may.length > 0 && !isTalk
        ? part(p.settings, () => [settingsForm(answer, (change) => this.#do(change))])
        : null,
      members.length > 0
        ? part(`${p.members} (${members.length})`, () => [
            this.#people(
              members.map((each) => [each.id, nameOf(each), p.roles[each.role]] as const),
            ),
          ])
        : null,
      sanctions.length > 0
        ? part(`${p.sanctioned} (${sanctions.length})`, () => [
            this.#people(
              sanctions.map(
                ({ person, what }) => [person.id, nameOf(person), p.sanctions[what]] as const,
              ),
            ),
          ])
        : null,
      h("div", { class: "presses" }, leave),
    );
  }

  async #do(frame: Parameters<PeopleHooks["ask"]>[0]): Promise<void> {
    const answer = await this.hooks.ask(frame);
    const isDone = answer?.type === "done";
    await this.#draw(isDone ? status(answer.text) : status(wordsOf(answer), true));
  }

  /** An address, to be copied or to be read off the screen by a phone. */
  #share(link: string, about: string): HTMLElement {
    const copy = press(t.copyLink, () => void copyText(link).then(() => toast(t.copied)), "first");
    return h(
      "div",
      { class: "share" },
      about === "" ? null : h("p", { class: "says" }, about),
      h("p", { class: "link" }, link),
      drawn(link, p.qr),
      h("div", { class: "presses" }, copy),
    );
  }

  #invite(): HTMLElement {
    const result = h("div", { role: "status" });
    const ask = async (fields: FormData) => {
      const [days, uses] = [Number(textOf(fields, "days")), Number(textOf(fields, "uses"))];
      const answer = await this.hooks.ask({ type: "invite", days, uses });
      const { link } = answer?.type === "done" ? answer : {};
      result.replaceChildren(
        link ? this.#share(link, p.inviteOnce) : status(wordsOf(answer), true),
      );
    };
    const cancel = () => result.replaceChildren();
    return h(
      "div",
      {},
      form(
        p.makeLink,
        "",
        (fields) => void ask(fields),
        cancel,
        select(p.validFor, "days", DAYS, "7"),
        select(p.forPeople, "uses", USES, "1"),
      ),
      result,
    );
  }

  #pins({ rules, may }: RulesFrame): HTMLElement {
    const list = h("ol", { class: "list" });
    void Promise.all(rules.pins.map((seq) => this.#message(seq))).then((messages) => {
      const rows = messages.flatMap((message) =>
        message ? [this.#pin(message, may.includes("pin"))] : [],
      );
      list.replaceChildren(...rows);
    });
    return list;
  }

  #pin(message: Message, mayUnpin: boolean): HTMLElement {
    const { seq } = message;
    return h(
      "li",
      {},
      h("blockquote", { dir: "auto" }, h("b", {}, nameOf(message.author)), " ", plainText(message)),
      h(
        "div",
        { class: "presses" },
        press(p.showMessage, () => this.#goTo(seq)),
        mayUnpin ? press(p.unpin, () => void this.#do({ type: "pin", seq, on: false })) : null,
      ),
    );
  }

  async #message(seq: number): Promise<Message | undefined> {
    const known = this.hooks.find(seq);
    if (known) return known;
    const page = await this.hooks.ask({ type: "history", before: seq + 1, limit: 1 });
    const [message] = page?.type === "history" ? page.messages : [];
    return message?.seq === seq ? message : undefined;
  }

  #goTo(seq: number): void {
    this.#dialog.close();
    this.hooks.show(seq);
  }

  /** The files of the last messages, the newest first. */
  #files(): HTMLElement {
    const list = h("ol", { class: "list" });
    const line = h("p", { class: "says", role: "status" }, p.looking);
    void this.#withFiles().then((messages) => {
      line.textContent = messages.length === 0 ? p.noFiles : "";
      list.replaceChildren(
        ...messages.map(({ files = [], author, seq }) =>
          h(
            "li",
            {},
            h("b", { dir: "auto" }, nameOf(author)),
            filesOf(files),
            press(p.showMessage, () => this.#goTo(seq)),
          ),
        ),
      );
    });
    return h("div", {}, line, list);
  }

  async #withFiles(): Promise<readonly Message[]> {
    const found: Message[] = [];
    let before = Number.MAX_SAFE_INTEGER;
    for (let each = 0; each < FILE_PAGES; each += 1) {
      const page = await this.hooks.ask({ type: "history", before, limit: 100 });
      if (page?.type !== "history") break;
      found.push(...page.messages.filter(({ files }) => files && files.length > 0).toReversed());
      before = page.messages[0]?.seq ?? 0;
      if (!page.more) break;
    }
    return found;
  }

  #people(people: readonly (readonly [id: string, name: string, about: string])[]): HTMLElement {
    const rows = people.map(([id, name, about]) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "item", onclick: () => this.person(id) },
          h("span", { dir: "auto" }, name),
          h("small", {}, about),
        ),
      ),
    );
    return h("ul", {}, ...rows);
  }
}

function address(): string {
  return below(`rooms/${encodeURIComponent(page.room)}`).href;
}

/** A part of the panel, whose content is made when it opens. */
function part(title: string, content: () => readonly Node[]): HTMLElement {
  const details = h("details", {}, h("summary", {}, title));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(...content());
  });
  return details;
}
