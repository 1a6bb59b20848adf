import type { Message } from "../../../lib/model/wire/event.ts";
import { hueOf } from "../../../lib/model/wire/appearance.ts";
import { messagesOf } from "../base/api.ts";
import { byId, h, page } from "../base/dom.ts";
import { plainText } from "../base/markup.ts";
import { timeOf } from "../log/row.ts";
import { nameOf } from "../base/said.ts";
import { refused, t } from "../base/words.ts";

/** Found messages that are shown; the newest. */
const MOST = 50;
/** Looked for when this long nothing was typed. */
const PAUSE_MS = 250;

/** Finds what was said in the room; what is found leads to where it was said. */
export class Search {
  readonly #dialog = byId("search", HTMLDialogElement);
  readonly #field = byId("search-for", HTMLInputElement);
  readonly #found = byId("found", HTMLOListElement);
  readonly #status = byId("search-status", HTMLParagraphElement);
  #timer = 0;

  constructor() {
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.#look(), PAUSE_MS);
    });
    const form = byId("search-form", HTMLFormElement);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#timer);
      void this.#look();
    });
    form.querySelector("button")?.addEventListener("click", () => this.#dialog.close());
    this.#found.addEventListener("click", ({ target }) => {
      if (target instanceof Element && target.closest("a")) this.#dialog.close();
    });
  }

  open(): void {
    this.#dialog.showModal();
    this.#field.select();
  }

  async #look(): Promise<void> {
    const q = this.#field.value.trim();
    const found = q === "" ? [] : await this.#ask(q);
    // Something else is looked for by now.
    if (q !== this.#field.value.trim()) return;
    const isNo = typeof found === "string";
    this.#status.textContent = isNo ? found : q !== "" && found.length === 0 ? t.searchNothing : "";
    this.#found.replaceChildren(...(isNo ? [] : found).toReversed().map(row));
  }

  /** Messages, or in words why there are none. */
  async #ask(q: string): Promise<readonly Message[] | string> {
    try {
      const found = await messagesOf(page.room, { q, limit: MOST });
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
