import { fill } from "../../../lib/model/text/locale.ts";
import { below, button, h } from "../base/dom.ts";
import { counted, t } from "../base/words.ts";
import { type Place, type Places, UNREAD_LIMIT } from "./places.ts";

/** The list of rooms and private talks, in the sidebar and in the lobby. */
export class RoomList {
  constructor(
    readonly list: HTMLElement,
    readonly places: Places,
  ) {}

  draw(): void {
    // Drawn again and again, under the hands of who goes through it by keys.
    const { activeElement } = document;
    const focused = activeElement?.closest<HTMLElement>("#rooms-list [data-room]");
    this.list.replaceChildren(...this.places.all.map((place) => this.#row(place)));
    const same = [...this.list.children].find(
      (row) => row instanceof HTMLElement && row.dataset["room"] === focused?.dataset["room"],
    );
    if (focused) same?.querySelector<HTMLElement>(activeElement?.localName ?? "a")?.focus();
  }

  #row({ kind, room, title, unread, mentions, last }: Place): HTMLElement {
    const isCurrent = room === this.places.current;
    const link = h(
      "a",
      { href: below(`rooms/${encodeURIComponent(room)}`).href },
      h("bdi", {}, title),
    );
    if (isCurrent) link.setAttribute("aria-current", "page");
    // What is said in the open room is before one's eyes.
    else if (last) link.append(h("small", { dir: "auto" }, fill(t.lastWords, last)));
    if (unread > 0) {
      const count = unread >= UNREAD_LIMIT ? "99+" : String(unread);
      const calls = mentions > 0 || kind === "person";
      const about = mentions > 0 ? t.mentioned : counted(t.newMessages, unread);
      const look = calls ? "badge mentioned" : "badge";
      link.append(h("b", { class: look, title: about }, mentions > 0 ? `@ ${count}` : count));
    }
    const drop = button(t.forget, "close", () => this.places.forget(room));
    return h("li", { "data-room": room }, link, isCurrent ? null : drop);
  }
}
