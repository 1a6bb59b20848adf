import { byId, h } from "../base/dom.ts";
import { EMOJI } from "../base/emoji.ts";

/** The grid of emoji over the composer: for the text, or for a reaction. */
export class Picker {
  readonly #grid = byId("emoji", HTMLDivElement);
  readonly #opener = byId("show-emoji", HTMLButtonElement);
  #pick: ((emoji: string) => void) | null = null;
  #back: HTMLElement | null = null;

  constructor() {
    document.addEventListener("pointerdown", ({ target }) => {
      if (!(target instanceof Element) || target.closest("#emoji, #show-emoji")) return;
      this.close();
    });
    this.#grid.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return this.#pick !== null;
  }

  open(back: HTMLElement, pick: (emoji: string) => void): void {
    if (this.#grid.childElementCount === 0) {
      const cells = EMOJI.map(({ emoji, names }) => {
        const label = names.join(" ");
        const choose = () => this.#choose(emoji);
        return h(
          "button",
          { type: "button", title: label, "aria-label": label, onclick: choose },
          emoji,
        );
      });
      this.#grid.replaceChildren(...cells);
    }
    this.#pick = pick;
    this.#back = back;
    this.#grid.hidden = false;
    this.#opener.ariaExpanded = "true";
    this.#grid.querySelector("button")?.focus();
  }

  close(): void {
    this.#pick = null;
    this.#grid.hidden = true;
    this.#opener.ariaExpanded = "false";
  }

  #choose(emoji: string): void {
    const pick = this.#pick;
    this.close();
    this.#back?.focus();
    pick?.(emoji);
  }

  #key(event: KeyboardEvent): void {
    const cells = [...this.#grid.children];
    const at = document.activeElement ? cells.indexOf(document.activeElement) : -1;
    const first = cells[0]?.getBoundingClientRect().top;
    const columns = cells.filter((cell) => cell.getBoundingClientRect().top === first).length;
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns,
      ArrowDown: columns,
    };
    const step = steps[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      this.#back?.focus();
    } else if (step !== undefined) {
      event.preventDefault();
      const cell = cells[at + step];
      if (cell instanceof HTMLElement) cell.focus();
    }
  }
}
