import { hueOf, initialsOf } from "../../../lib/model/wire/appearance.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { below, button, byId, h } from "../base/dom.ts";
import { type Place, type Places, UNREAD_LIMIT } from "../net/places.ts";
import { counted, t } from "../base/words.ts";

/** A link to a place, with its last message and unread counts. */
export function placeLink(place: Place): HTMLAnchorElement {
  const { kind, room, path, title, unread, mentions, last } = place;
  const link = h("a", { href: below(path).href });
  if (kind === "person") {
    const hue = hueOf(room);
    link.append(
      h("span", { class: "avatar", "aria-hidden": "true", "data-hue": hue }, initialsOf(title)),
    );
  }
  link.append(h("bdi", {}, title));
  if (last) {
    // Between two people the author is obvious.
    const words = kind === "person" ? last.text : fill(t.lastWords, last);
    link.append(h("small", { dir: "auto" }, words));
  }
  if (unread > 0) {
    const count = unread >= UNREAD_LIMIT ? "99+" : String(unread);
    const calls = mentions > 0;
    const about = counted(t.newMessages, unread);
    const label = calls ? `${t.mentioned}; ${about}` : about;
    const look = calls || kind === "person" ? "badge mentioned" : "badge";
    link.classList.add("new");
    link.append(
      h("b", { class: look, title: label }, calls ? `@ ${Math.min(mentions, 99)}` : count),
    );
  }
  return link;
}

/** A private talk is named by its other people. */
function entitle(title: string): void {
  const [count = ""] = /^\(\d+\) /.exec(document.title) ?? [];
  document.title = `${count}${title} · chatroom`;
  const heading = document.querySelector(".where h1");
  heading?.classList.add("person");
  heading?.replaceChildren(h("bdi", {}, title));
}

/** The lists of rooms and private talks in the sidebar and the lobby. */
export class PlaceLists {
  readonly #lists = {
    room: byId("rooms-list", HTMLUListElement),
    person: byId("talks-list", HTMLUListElement),
  };

  constructor(readonly places: Places) {}

  draw(): void {
    // Keeps the focus, since the list is drawn often.
    const { activeElement } = document;
    const focused = activeElement?.closest<HTMLElement>("[data-room]")?.dataset["room"];
    const { all, waiting } = this.places;
    for (const [kind, list] of Object.entries(this.#lists)) {
      const rows = all.filter((place) => place.kind === kind).map((place) => this.#row(place));
      list.replaceChildren(...rows);
      const same = rows.find((row) => focused !== undefined && row.dataset["room"] === focused);
      same?.querySelector<HTMLElement>(activeElement?.localName ?? "a")?.focus();
    }
    const readAll = document.getElementById("read-all");
    if (readAll) readAll.hidden = !this.places.hasUnread;
    const badge = document.querySelector<HTMLElement>("#show-inbox b");
    if (badge) {
      badge.hidden = waiting.length === 0;
      badge.textContent = `${waiting.length}`;
    }
    const dot = document.querySelector<HTMLElement>("#show-rooms .dot");
    if (dot) dot.hidden = !all.some(({ unread }) => unread > 0) && waiting.length === 0;
    const here = all.find(({ room }) => room === this.places.current);
    if (here?.kind === "person") entitle(here.title);
  }

  #row(place: Place): HTMLElement {
    const { room } = place;
    const link = placeLink(place);
    if (room === this.places.current) {
      link.setAttribute("aria-current", "page");
      return h("li", { "data-room": room }, link);
    }
    const forget = button(t.forget, "close", () => this.places.forget(room));
    return h("li", { "data-room": room }, link, forget);
  }
}
