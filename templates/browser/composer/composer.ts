import type { Message } from "../../../lib/model/wire/event.ts";
import { readTyped } from "../../../lib/model/rooms/commands.ts";
import type { Limits } from "../../../lib/model/wire/limits.ts";
import type { FileInfo } from "../../../lib/model/files/file.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { characters, TEXT_LIMIT } from "../../../lib/model/text/text.ts";
import { toast } from "../base/announce.ts";
import { FileInput } from "./file-input.ts";
import { byId } from "../base/dom.ts";
import { draft, leaveDraft, saveDraft } from "../base/memory.ts";
import { plainText } from "../base/markup.ts";
import { Picker } from "./picker.ts";
import { nameOf } from "../base/excerpts.ts";
import type { Suggestions } from "./suggest.ts";
import { t } from "../base/words.ts";

export interface ComposerHooks {
  readonly send: (
    text: string,
    replyTo: number | null,
    files: readonly (FileInfo | File)[],
  ) => void;
  /** Whether the room is connected. */
  readonly isOpen: () => boolean;
  readonly edit: (message: Message, text: string) => void;
  /** The reader's last message, which the up arrow edits in an empty box. */
  readonly last: () => Message | undefined;
  readonly onTyping: () => void;
  readonly onEscape: () => void;
}

/** The least interval between two typing frames. */
const TYPING_MS = 3_000;

/** The box for writing, answering and editing messages. */
export class Composer {
  readonly text = byId("text", HTMLTextAreaElement);
  readonly picker = new Picker();
  readonly attaching = new FileInput(
    () => this.submit(),
    () => this.hooks.isOpen(),
  );
  readonly #form = byId("composer", HTMLFormElement);
  readonly #context = byId("context", HTMLParagraphElement);
  #replyTo: Message | null = null;
  #editing: Message | null = null;
  /** The number of remaining characters, shown when it is low. */
  readonly #left = byId("characters-left", HTMLElement);
  /** The most characters in a message. */
  #limit = TEXT_LIMIT;
  #typedAt = 0;

  constructor(
    readonly room: string,
    readonly hooks: ComposerHooks,
    readonly suggestions: Suggestions,
  ) {
    this.text.value = draft(room);
    this.text.required = false;
    this.#grow();
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.text.addEventListener("blur", () => suggestions.close());
    addEventListener("pagehide", () => leaveDraft(room));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.#context.querySelector("button")?.addEventListener("click", () => this.cancel());
    const opener = byId("show-emoji", HTMLButtonElement);
    opener.addEventListener("click", () => {
      if (this.picker.isOpen) this.picker.close();
      else this.picker.open(this.text, (emoji) => this.insert(emoji));
    });
  }

  allow({ text, upload }: Pick<Limits, "text" | "upload">): void {
    this.#limit = text;
    this.attaching.allow(upload);
    this.#grow();
  }

  /** Takes the focus, unless something has it, or it would open a phone's keyboard. */
  arrive(): void {
    const isFree = document.activeElement === document.body;
    if (isFree && !matchMedia("(pointer: coarse)").matches)
      this.text.focus({ preventScroll: true });
  }

  insert(text: string): void {
    const { selectionStart, selectionEnd } = this.text;
    this.text.setRangeText(text, selectionStart, selectionEnd, "end");
    this.text.dispatchEvent(new Event("input"));
    this.text.focus();
  }

  reply(message: Message): void {
    if (this.#editing) this.cancel();
    this.#replyTo = message;
    this.#show(
      fill(t.replyingTo, { name: nameOf(message.author), text: plainText(message).slice(0, 120) }),
    );
  }

  edit(message: Message): void {
    this.#replyTo = null;
    this.#editing = message;
    this.text.value = message.text;
    this.#show(t.editing);
    this.#grow();
    this.text.setSelectionRange(message.text.length, message.text.length);
  }

  /** Cancels a reply or an edit; false if there was none. */
  cancel(): boolean {
    if (!this.#replyTo && !this.#editing) return false;
    if (this.#editing) this.text.value = draft(this.room);
    this.#replyTo = null;
    this.#editing = null;
    this.#context.hidden = true;
    this.#grow();
    return true;
  }

  submit(): void {
    const value = this.text.value.trim() === "" ? "" : this.text.value;
    const { hooks } = this;
    if (this.#room() < 0) return toast(fill(t.tooLong, { count: this.#limit }));
    if (this.#editing) {
      if (value === "") return;
      const message = this.#editing;
      this.cancel();
      if (value !== message.text) hooks.edit(message, value);
      return;
    }
    // Commands have no files; these stay for a message.
    const files = readTyped(value).kind === "text" ? this.attaching.handOver() : [];
    if (!files || (value === "" && files.length === 0)) return;
    const replyTo = this.#replyTo?.seq ?? null;
    this.text.value = "";
    saveDraft(this.room, "");
    this.cancel();
    this.#grow();
    this.suggestions.close();
    this.#typedAt = 0;
    hooks.send(value, replyTo, files);
    this.text.focus();
  }

  #show(words: string): void {
    const span = this.#context.querySelector("span");
    if (span) span.textContent = words;
    this.#context.hidden = false;
    this.text.focus();
  }

  #typed(): void {
    this.#grow();
    if (!this.#editing) saveDraft(this.room, this.text.value);
    this.suggestions.update();
    const now = Date.now();
    if (this.text.value.trim() === "" || now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    this.hooks.onTyping();
  }

  #key(event: KeyboardEvent): void {
    // The key belongs to an input method. Safari only indicates that by code 229, because there the
    // composition ends before its Enter arrives.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.suggestions.handleKey(event.key)) {
      event.preventDefault();
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "ArrowUp" && this.text.value === "" && !event.altKey) {
      event.preventDefault();
      const last = this.hooks.last();
      if (last) this.edit(last);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!this.cancel()) this.hooks.onEscape();
    }
  }

  /** The number of remaining characters, negative beyond the limit; exact only near it. */
  #room(): number {
    const { value } = this.text;
    return this.#limit - (value.length < this.#limit ? value.length : characters(value));
  }

  #grow(): void {
    const left = this.#room();
    this.#left.textContent = left > this.#limit / 20 ? "" : String(left);
    this.#left.classList.toggle("over", left < 0);
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight}px`;
  }
}
