import { hueOf, initialsOf } from "../../../lib/model/wire/appearance.ts";
import type { ServerFrame } from "../../../lib/model/wire/frame.ts";
import type { PersonFrame, SanctionInfo } from "../../../lib/model/wire/moderation.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { talkPath } from "../../../lib/model/rooms/rules.ts";
import { below, h, page } from "../base/dom.ts";
import { mark } from "../net/inbox.ts";
import { nameOf } from "../base/excerpts.ts";
import { refused, t } from "../base/words.ts";
import { Dialog, press, status } from "./dialog.ts";
import type { PeopleHooks } from "./hooks.ts";
import { verbForm, type Order } from "./verbs.ts";
import { p } from "./words.ts";

const day = new Intl.DateTimeFormat(page.language, { dateStyle: "long" });
const moment = new Intl.DateTimeFormat(page.language, { dateStyle: "medium", timeStyle: "short" });

/** Who someone is, and all that can be done about them, in one dialog. */
export class Card {
  readonly #dialog = new Dialog("card", "");

  constructor(
    readonly id: string,
    readonly hooks: PeopleHooks,
  ) {}

  /** Asks the server, and shows the person; `verb` opens the form of that verb at once. */
  async open(verb?: "mute"): Promise<void> {
    const person = await this.#read();
    if (person && verb && person.may.includes(verb)) this.#order(person, verb);
    else if (person) this.#draw(person);
  }

  async #read(): Promise<PersonFrame | null> {
    const answer = await this.hooks.ask({ type: "person", id: this.id });
    if (answer?.type === "person") return answer;
    this.#dialog.show(p.person, status(wordsOf(answer), true));
    return null;
  }

  #draw(person: PersonFrame, ...happened: readonly HTMLElement[]): void {
    const isMe = person.id === this.hooks.me().id;
    const where = isMe ? t.you : person.isHere ? p.here : p.away;
    const since =
      person.since === undefined ? p.guestText : fill(p.since, { date: day.format(person.since) });
    const { may } = person;
    const keeping = [
      may.includes("mute") ? press(`${p.mute} …`, () => this.#order(person, "mute")) : null,
      may.includes("kick") ? press(`${p.kick} …`, () => this.#order(person, "kick")) : null,
      may.includes("ban") ? press(`${p.ban} …`, () => this.#order(person, "ban"), "grave") : null,
      may.includes("delete-all")
        ? press(`${p.deleteAll} …`, () => this.#order(person, "delete-all"), "grave")
        : null,
    ].filter((each) => each !== null);
    this.#dialog.show(
      nameOf(person),
      h(
        "div",
        { class: "who" },
        h(
          "span",
          { class: "avatar", "data-hue": hueOf(person.id), "aria-hidden": "true" },
          initialsOf(person.name),
        ),
        h(
          "p",
          {},
          h("b", {}, p.roles[person.role]),
          h("br"),
          where,
          h("br"),
          h("small", {}, since),
        ),
      ),
      ...happened,
      ...(person.sanctions ?? []).map((each) => this.#sanction(person, each)),
      isMe ? null : h("div", { class: "presses" }, ...this.#talking(person), this.#block(person)),
      keeping.length > 0 ? h("div", { class: "presses" }, ...keeping) : null,
      person.roles ? h("div", { class: "presses" }, ...this.#roles(person)) : null,
    );
  }

  #talking(person: PersonFrame): HTMLElement[] {
    const message = press(p.message, () => void this.#talk(), "first");
    message.autofocus = true;
    const mention = press(p.mention, () => {
      this.#dialog.close();
      this.hooks.insert(`@${person.name} `);
    });
    return person.name === "" ? [message] : [message, mention];
  }

  #block(person: PersonFrame): HTMLElement {
    const isBlocked = this.hooks.places.inbox.isBlocked(this.id);
    return press(isBlocked ? p.unblock : p.block, async () => {
      const isDone = await mark({ block: this.id, on: !isBlocked });
      const words = fill(isBlocked ? p.unblocked : p.blocked, { name: nameOf(person) });
      await this.#again(isDone ? status(words) : status(p.notBlocked, true));
    });
  }

  async #talk(): Promise<void> {
    const answer = await this.hooks.ask({ type: "talk", people: [this.id] });
    if (answer?.type === "talk") location.href = below(talkPath(answer.people)).href;
    else await this.#again(status(wordsOf(answer), true));
  }

  #sanction(person: PersonFrame, { what, until, by, reason, everywhere }: SanctionInfo) {
    const place = everywhere ? p.everyRoom : p.thisRoom;
    const words =
      until === null
        ? p[what === "mute" ? "mutedFor" : "bannedFor"]
        : p[what === "mute" ? "mutedUntil" : "bannedUntil"];
    const line = fill(words, {
      place,
      until: until === null ? "" : moment.format(until),
      by: nameOf(by),
    });
    const verb = what === "mute" ? "unmute" : "unban";
    const lift = person.may.includes(verb)
      ? press(what === "mute" ? p.unmute : p.unban, () => void this.#do({ verb }))
      : null;
    return h(
      "div",
      { class: "sanction" },
      h("p", {}, line, reason ? h("q", {}, reason) : null),
      lift,
    );
  }

  #roles(person: PersonFrame): HTMLElement[] {
    return (person.roles ?? []).map((role) =>
      press(p.give[role], () => void this.#do({ verb: "role", role })),
    );
  }

  #order(person: PersonFrame, verb: "mute" | "kick" | "ban" | "delete-all"): void {
    const { title, content } = verbForm(
      person,
      verb,
      (order) => void this.#do(order),
      () => this.#draw(person),
    );
    this.#dialog.show(title, content);
  }

  async #do(order: Order): Promise<void> {
    const answer = await this.hooks.ask({ type: "moderate", person: this.id, ...order });
    const done = answer?.type === "done" ? status(answer.text) : status(wordsOf(answer), true);
    await this.#again(done);
  }

  async #again(happened: HTMLElement): Promise<void> {
    const person = await this.#read();
    if (person) this.#draw(person, happened);
  }
}

/** Why something was not done. */
export function wordsOf(answer: ServerFrame | null): string {
  return answer?.type === "error" ? refused(answer.code, answer.message) : t.offline;
}
