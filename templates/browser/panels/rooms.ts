import { fill } from "../../../lib/model/text/locale.ts";
import { mentions } from "../../../lib/model/people/mention.ts";
import { messagesOf } from "../base/api.ts";
import { below, button, h, page } from "../base/dom.ts";
import { forgetRoom, remember, type RoomMemory, rooms } from "../base/memory.ts";
import { lastWords } from "../base/said.ts";
import { counted, t } from "../base/words.ts";

/** How often rooms that are not open are asked after, while the page is looked at. */
const EVERY_MS = 20_000;
/** Unread messages that are counted; more are "99+". */
const COUNTED = 100;

interface News {
  readonly unread: number;
  readonly mentioned: boolean;
}

/** The rooms this browser was in, with what is new in them. */
export class RoomList {
  readonly #news = new Map<string, News>();

  constructor(
    readonly list: HTMLElement,
    /** The open room, which needs no news; empty in the lobby. */
    readonly current: string,
    readonly myName: () => string,
  ) {
    this.draw();
    void this.#refresh();
    setInterval(() => {
      if (document.visibilityState === "visible") void this.#refresh();
    }, EVERY_MS);
  }

  draw(): void {
    const known = Object.entries(rooms()).sort(([, a], [, b]) => b.visited - a.visited);
    // Drawn again and again, under the hands of who goes through it by keys.
    const { activeElement } = document;
    const focused = activeElement?.closest<HTMLElement>("#rooms-list [data-room]");
    this.list.replaceChildren(...known.map(([name, memory]) => this.#row(name, memory)));
    const same = [...this.list.children].find(
      (row) => row instanceof HTMLElement && row.dataset["room"] === focused?.dataset["room"],
    );
    if (focused) same?.querySelector<HTMLElement>(activeElement?.localName ?? "a")?.focus();
  }

  #row(name: string, { last, notify }: RoomMemory): HTMLElement {
    const news = this.#news.get(name);
    const link = h(
      "a",
      { href: below(`rooms/${encodeURIComponent(name)}`).href },
      h("bdi", {}, name),
    );
    if (name === this.current) link.setAttribute("aria-current", "page");
    // What is said in the open room is before one's eyes.
    else if (last) link.append(h("small", { dir: "auto" }, fill(t.lastWords, last)));
    if (news && news.unread > 0 && notify !== "none") {
      const count = news.unread >= COUNTED ? "99+" : String(news.unread);
      const title = news.mentioned ? t.mentioned : counted(t.newMessages, news.unread);
      const look = news.mentioned ? "badge mentioned" : "badge";
      link.append(h("b", { class: look, title }, news.mentioned ? `@ ${count}` : count));
    }
    const drop = button(t.forget, "close", () => {
      forgetRoom(name);
      this.draw();
    });
    return h("li", { "data-room": name }, link, name === this.current ? null : drop);
  }

  async #refresh(): Promise<void> {
    for (const [name, memory] of Object.entries(rooms())) {
      if (name === this.current || memory.epoch === "") continue;
      await this.#ask(name, memory).catch(() => undefined);
    }
    this.draw();
  }

  async #ask(name: string, memory: RoomMemory): Promise<void> {
    const messages = await messagesOf(name, { after: memory.read, limit: COUNTED });
    if ("code" in messages) return;
    // What one has said oneself, one knows.
    const unread = messages.filter(({ author, deleted }) => !deleted && author.id !== page.me);
    const mentioned = unread.some(({ text }) => mentions(text, this.myName()));
    this.#news.set(name, { unread: unread.length, mentioned });
    const newest = messages.length < COUNTED ? messages : await messagesOf(name, { limit: 1 });
    const last = "code" in newest ? undefined : newest.findLast((each) => !each.deleted);
    if (last) remember(name, { last: lastWords(last) });
  }
}
