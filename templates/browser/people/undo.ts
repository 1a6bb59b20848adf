import type { Message } from "../../../lib/model/wire/event.ts";
import { h } from "../base/dom.ts";
import { say } from "../base/announce.ts";
import type { PeoplePage } from "./hooks.ts";
import { p } from "./words.ts";

/** How long a deletion can be taken back, in milliseconds. */
const UNDO_MS = 6_000;

/**
 * Deletes messages a little later than they are shown as deleted, so that it can be taken back. What
 * waits is sent when the page is left.
 */
export class Deletions {
  readonly #waiting = new Map<number, { readonly message: Message; readonly timer: number }>();
  readonly #bar = h("div", { id: "undo", role: "status", hidden: true });

  constructor(readonly side: PeoplePage) {
    const undo = h(
      "button",
      { type: "button", class: "press", onclick: () => this.#undo() },
      p.undo,
    );
    this.#bar.append(h("span", {}, p.deleted), undo);
    (document.getElementById("composer") ?? document.body).before(this.#bar);
    addEventListener("pagehide", () => this.#sendAll());
  }

  add(message: Message): void {
    const { seq } = message;
    if (this.#waiting.has(seq)) return;
    const timer = window.setTimeout(() => this.#send(seq), UNDO_MS);
    this.#waiting.set(seq, { message, timer });
    this.side.covered.add(seq);
    say(p.deleted);
    this.#changed();
  }

  #undo(): void {
    const last = [...this.#waiting.keys()].at(-1);
    if (last === undefined) return;
    clearTimeout(this.#waiting.get(last)?.timer);
    this.#waiting.delete(last);
    this.side.covered.delete(last);
    this.#changed();
    document.getElementById(String(last))?.focus({ preventScroll: true });
  }

  /** It stays covered: the event of its deletion comes, or the refusal says why not. */
  #send(seq: number): void {
    const waiting = this.#waiting.get(seq);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(seq);
    this.side.hooks.remove(waiting.message);
    this.side.covered.delete(seq);
    this.#changed();
  }

  #sendAll(): void {
    for (const seq of this.#waiting.keys()) this.#send(seq);
  }

  #changed(): void {
    this.#bar.hidden = this.#waiting.size === 0;
    this.side.hooks.changed();
  }
}
