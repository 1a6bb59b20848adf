import type { Message } from "../../../lib/model/wire/event.ts";
import type { Author } from "../../../lib/model/people/person.ts";
import { hueOf, initialsOf } from "../../../lib/model/wire/appearance.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { isDirectName } from "../../../lib/model/rooms/rules.ts";
import { roomName } from "../../../lib/model/rooms/room.ts";
import { messagesOf } from "../base/api.ts";
import { below, byId, h, icon, page } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { nameOf } from "../base/excerpts.ts";
import { panels } from "../people/words.ts";
import { refused, t } from "../base/words.ts";
import { timeOf } from "../log/row.ts";
import type { Place } from "../net/places.ts";
import { placeLink } from "./rooms.ts";

/** What to look for: everything, a room to join or create, or a person. */
export type Kind = "all" | "rooms" | "people";

export interface SwitcherHooks {
  readonly places: () => readonly Place[];
  /** Everyone in the room but the reader. */
  readonly others: () => readonly Author[];
  readonly talk: (person: Author) => void;
}

/** The most messages shown; the newest. */
const MOST_MESSAGES = 50;
/** The most places shown beside messages. */
const MOST_PLACES = 8;
/** The pause in typing after which messages are searched. */
const PAUSE_MS = 250;

const folded = (text: string) => text.toLowerCase();

/** Finds rooms, people and messages of this room from one field. */
export class Switcher {
  readonly #dialog = byId("search", HTMLDialogElement);
  readonly #field = byId("search-for", HTMLInputElement);
  readonly #places = byId("places", HTMLUListElement);
  readonly #found = byId("found", HTMLOListElement);
  readonly #status = byId("search-status", HTMLParagraphElement);
  #kind: Kind = "all";
  #timer = 0;

  constructor(readonly hooks: SwitcherHooks) {
    this.#field.addEventListener("input", () => this.#typed());
    const form = byId("search-form", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter();
    });
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("click", ({ target }) => {
      if (target instanceof Element && target.closest(".results a, .results button")) {
        this.#dialog.close();
      }
    });
  }

  /** The dialog is open; searches for what was typed before. */
  start(kind: Kind): void {
    this.#kind = kind;
    this.#found.replaceChildren();
    this.#status.textContent = "";
    this.#typed();
  }

  get #query(): string {
    return this.#field.value.trim();
  }

  #typed(): void {
    this.#drawPlaces();
    clearTimeout(this.#timer);
    if (this.#kind === "all") {
      this.#timer = window.setTimeout(() => void this.#look(), PAUSE_MS);
    }
  }

  #drawPlaces(): void {
    const query = folded(this.#query);
    const fits = (title: string) => folded(title).includes(query);
    const starts = (title: string) => Number(folded(title).startsWith(query));
    const wanted = this.hooks.places().filter(({ kind, title }) => {
      const isWanted = this.#kind === "all" || (this.#kind === "people") === (kind === "person");
      return isWanted && fits(title);
    });
    const places = wanted.toSorted((a, b) => starts(b.title) - starts(a.title));
    const titles = new Set(places.map(({ title }) => title));
    const people = this.#kind === "rooms" ? [] : this.hooks.others();
    const others = people.filter((each) => fits(nameOf(each)) && !titles.has(nameOf(each)));
    const isShort = this.#kind === "all" && query !== "";
    const rows = [...places.map(placeLink), ...others.map((person) => this.#person(person))];
    const shown = isShort ? rows.slice(0, MOST_PLACES) : rows;
    const room = this.#kind === "people" ? null : roomName(this.#query);
    if (room !== null && !isDirectName(room) && !places.some((place) => place.room === room)) {
      const href = below(`rooms/${encodeURIComponent(room)}`).href;
      const words = fill(panels.openRoom, { room });
      shown.push(h("a", { class: "join", href }, icon("add"), h("span", {}, words)));
    }
    this.#places.replaceChildren(...shown.map((row) => h("li", {}, row)));
    const none = shown.length === 0 && this.#kind !== "all";
    if (none || this.#kind !== "all") this.#status.textContent = none ? panels.searchNothing : "";
  }

  #person(person: Author): HTMLElement {
    const name = nameOf(person);
    const hue = { "data-hue": hueOf(person.id) };
    return h(
      "button",
      { type: "button", onclick: () => this.hooks.talk(person) },
      h("span", { class: "avatar", "aria-hidden": "true", ...hue }, initialsOf(name)),
      h("bdi", {}, name),
      h("small", {}, t.here),
    );
  }

  /**
   * Opens the first matching place. Messages are not opened by Enter, and a room is created only on
   * request.
   */
  #enter(): void {
    const first = this.#places.querySelector<HTMLElement>("a, button");
    if (this.#query !== "" && first && (this.#kind !== "all" || !first.matches(".join"))) {
      return first.click();
    }
    clearTimeout(this.#timer);
    if (this.#kind === "all") void this.#look();
  }

  /** Arrow keys move through the results; typing continues in the field. */
  #key(event: KeyboardEvent): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const isField = event.target === this.#field;
    if (step === 0) {
      if (!isField && event.key.length === 1 && event.key !== " ") this.#field.focus();
      return;
    }
    event.preventDefault();
    const all = [...this.#dialog.querySelectorAll<HTMLElement>(".results a, .results button")];
    const at = all.findIndex((each) => each === document.activeElement);
    (all[isField ? (step > 0 ? 0 : -1) : at + step] ?? this.#field).focus();
  }

  async #look(): Promise<void> {
    const q = this.#query;
    const found = q === "" ? [] : await this.#ask(q);
    // The question has changed since.
    if (q !== this.#query) return;
    const isNo = typeof found === "string";
    const nothing = q !== "" && found.length === 0 ? panels.searchNothing : "";
    const some = found.length > 0 ? panels.searchingHere : nothing;
    this.#status.textContent = isNo ? found : some;
    this.#found.replaceChildren(...(isNo ? [] : found).toReversed().map(row));
  }

  /** Messages, or the words why there are none. */
  async #ask(q: string): Promise<readonly Message[] | string> {
    try {
      const found = await messagesOf(page.room, { q, limit: MOST_MESSAGES });
      return "code" in found ? refused(found.code, found.message) : found;
    } catch {
      return t.closed;
    }
  }
}

function row(message: Message): HTMLElement {
  const { author, at, seq } = message;
  const name = h("bdi", { class: "name", "data-hue": hueOf(author.id) }, nameOf(author));
  const text = h("span", { dir: "auto" }, plainText(message).slice(0, 300));
  return h("li", {}, h("a", { href: `#${seq}` }, name, " ", timeOf(at), text));
}
