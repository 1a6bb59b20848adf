import { toast } from "../base/announce.ts";
import { byId } from "../base/dom.ts";
import { t } from "../base/words.ts";
import type { EmojiPanel } from "./files.ts";
import { loadFiles } from "./lazy.ts";

/** Opens the emoji panel, for the text or for a reaction. */
export class Picker {
  readonly #box = byId("emoji", HTMLDivElement);
  readonly #opener = byId("show-emoji", HTMLButtonElement);
  #panel: EmojiPanel | null = null;
  #back: HTMLElement | null = null;

  constructor() {
    document.addEventListener("pointerdown", ({ target }) => {
      if (!(target instanceof Element) || target.closest("#emoji, #show-emoji")) return;
      this.#hide();
    });
  }

  get isOpen(): boolean {
    return this.#opener.ariaExpanded === "true";
  }

  /** `back` gets the focus afterwards: the message box, or the message beside the panel. */
  open(back: HTMLElement, pick: (emoji: string) => void): void {
    this.#back = back;
    this.#opener.ariaExpanded = "true";
    const row = back.closest(".message");
    void this.#open(row?.querySelector(".actions") ?? row, (emoji) => {
      this.close();
      pick(emoji);
    });
  }

  close(): void {
    this.#hide();
    this.#back?.focus();
  }

  #hide(): void {
    this.#box.hidden = true;
    this.#opener.ariaExpanded = "false";
  }

  async #open(at: Element | null, choose: (emoji: string) => void): Promise<void> {
    try {
      const { EmojiPanel } = await loadFiles();
      this.#panel ??= new EmojiPanel(() => this.close());
      await this.#panel.open(at, choose);
    } catch {
      this.#hide();
      toast(t.offline);
    }
  }
}
