import { byId, h } from "../base/dom.ts";
import { prefer, preferences } from "../base/memory.ts";
import { t } from "../base/words.ts";
import { panels } from "../people/words.ts";
import { type Emoji, findEmoji, loadEmoji, toned, TONES } from "./emoji.ts";

/** The most recently used emoji kept. */
const MOST_RECENT = 24;
/** The most search results shown. */
const MOST_FOUND = 100;

/** The panel of all emoji: search, recent ones, groups and skin tone. */
export class EmojiPanel {
  readonly #panel = byId("emoji", HTMLDivElement);
  readonly #search = h("input", {
    ...{ type: "search", "aria-label": t.emojiSearch, placeholder: t.emojiSearch },
    ...{ autocomplete: "off", spellcheck: "false", enterkeyhint: "search" },
  });
  readonly #grid = h("div", { class: "grid" });
  readonly #tones = h("div", { class: "tones", role: "group", "aria-label": t.skinTone });
  #choose: (emoji: string) => void = () => undefined;

  constructor(readonly close: () => void) {
    this.#panel.replaceChildren(h("div", { class: "find" }, this.#search, this.#tones), this.#grid);
    this.#search.addEventListener("input", () => void this.#draw());
    this.#panel.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Opens the panel at an element, or over the composer. */
  async open(at: Element | null, choose: (emoji: string) => void): Promise<void> {
    await loadEmoji();
    this.#choose = choose;
    this.#search.value = "";
    this.#drawTones();
    await this.#draw();
    this.#panel.hidden = false;
    this.#place(at);
    this.#search.focus({ preventScroll: true });
  }

  /** Beside the element, within the window. */
  #place(at: Element | null): void {
    const { style } = this.#panel;
    for (const side of ["position", "left", "top", "right", "bottom"]) style.removeProperty(side);
    if (!at) return;
    const box = at.getBoundingClientRect();
    const { width, height } = this.#panel.getBoundingClientRect();
    const top = box.top > height + 8 ? box.top - height - 4 : box.bottom + 4;
    style.position = "fixed";
    style.right = style.bottom = "auto";
    style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
    style.top = `${Math.max(8, Math.min(top, innerHeight - height - 8))}px`;
  }

  async #draw(): Promise<void> {
    const wanted = this.#search.value.trim();
    const groups = await loadEmoji();
    if (wanted !== "") {
      const found = await findEmoji(wanted, MOST_FOUND);
      if (wanted !== this.#search.value.trim()) return;
      const none =
        found.length === 0 ? [h("p", {}, panels.searchNothing)] : this.#section("", found);
      this.#grid.replaceChildren(...none);
    } else {
      const all = new Map(groups.flatMap(({ emoji }) => emoji.map((each) => [each.emoji, each])));
      const recent = preferences().recentEmoji.flatMap((each) => all.get(each) ?? []);
      this.#grid.replaceChildren(
        ...(recent.length > 0 ? this.#section(t.emojiRecent, recent) : []),
        ...groups.flatMap(({ name, emoji }) => this.#section(name, emoji)),
      );
    }
    const first = this.#grid.querySelector("button");
    if (first) first.tabIndex = 0;
  }

  #section(name: string, list: readonly Emoji[]): HTMLElement[] {
    const { tone } = preferences();
    const cells = list.map((each) => {
      const label = each.names[0]?.replaceAll("_", " ") ?? each.words.join(" ");
      const shown = toned(each, tone);
      const onclick = () => this.#pick(each);
      return h(
        "button",
        { type: "button", tabindex: "-1", title: label, "aria-label": label, onclick },
        shown,
      );
    });
    const heading = name === "" ? [] : [h("h3", {}, name)];
    return [...heading, h("div", { class: "cells" }, ...cells)];
  }

  #pick(each: Emoji): void {
    const { recentEmoji, tone } = preferences();
    const others = recentEmoji.filter((other) => other !== each.emoji);
    prefer({ recentEmoji: [each.emoji, ...others].slice(0, MOST_RECENT) });
    this.#choose(toned(each, tone));
  }

  #drawTones(): void {
    const { tone } = preferences();
    const buttons = TONES.map((modifier, at) => {
      const onclick = () => {
        prefer({ tone: at });
        this.#drawTones();
        void this.#draw();
      };
      const state = { "aria-pressed": String(at === tone), "aria-label": `${t.skinTone} ${at}` };
      return h("button", { type: "button", ...state, onclick }, `✋${modifier}`);
    });
    this.#tones.replaceChildren(...buttons);
  }

  #key(event: KeyboardEvent): void {
    const { activeElement } = document;
    const cells = [...this.#grid.querySelectorAll("button")];
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    } else if (activeElement === this.#search) {
      if (event.key === "Enter") {
        event.preventDefault();
        cells[0]?.click();
      } else if (event.key === "ArrowDown") {
        event.preventDefault();
        cells[0]?.focus();
      }
    } else this.#walk(event, cells);
  }

  /** Moves the focus over the grid; from the first row up to the search. */
  #walk(event: KeyboardEvent, cells: readonly HTMLButtonElement[]): void {
    const from = cells.findIndex((cell) => cell === document.activeElement);
    const box = cells[from]?.getBoundingClientRect();
    if (!box || !/^Arrow/.test(event.key)) return;
    event.preventDefault();
    const isVertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    const step = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
    let to = from + step;
    if (isVertical) {
      // The cell of the next row that is below (or above) this one; groups end with short rows.
      const isThere = (cell: HTMLElement) => {
        const other = cell.getBoundingClientRect();
        return (other.top - box.top) * step > 4 && Math.abs(other.left - box.left) < box.width / 2;
      };
      while (cells[to] && !isThere(cells[to] ?? document.body)) to += step;
    }
    const next = cells[to];
    if (!next) {
      if (step < 0) this.#search.focus();
      return;
    }
    for (const cell of [cells[from], next]) if (cell) cell.tabIndex = cell === next ? 0 : -1;
    next.focus();
  }
}
