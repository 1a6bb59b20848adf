import { CLOSE } from "../../../lib/model/base/close.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import type { State } from "../net/connection.ts";
import { byId } from "../base/dom.ts";
import { t } from "../base/words.ts";

const REASONS: Readonly<Record<number, string>> = {
  [CLOSE.kicked]: t.kicked,
  [CLOSE.banned]: t.banned,
  [CLOSE.notAllowed]: t.notAllowed,
  [CLOSE.roomClosed]: t.roomClosed,
  [CLOSE.badProtocol]: t.cutOff,
};
/** Connections that take no longer are not reported. */
const PATIENCE_MS = 2_000;

/** Reports a lost connection, pending messages, and the next try. */
export class Status {
  readonly #bar = byId("state", HTMLDivElement);
  readonly #line = this.#bar.querySelector("p");
  readonly #now = byId("try-now", HTMLButtonElement);
  #state: State = "connecting";
  /** The next try, in ms since 1970; 0: under way. */
  #retryAt = 0;
  #patience = window.setTimeout(() => this.#show(true), PATIENCE_MS);
  #clock = 0;

  constructor(tryNow: () => void) {
    this.#now.addEventListener("click", tryNow);
  }

  /** The connection's state changed; `code` is why it was closed. */
  become(state: State, code: number): void {
    this.#state = state;
    this.#bar.dataset["state"] = state;
    clearTimeout(this.#patience);
    // Rejoining is expected to work; a loss is reported.
    if (state === "connecting" && code === 0) {
      this.#patience = window.setTimeout(() => this.#show(true), PATIENCE_MS);
    } else this.#show(state === "connecting");
    const isOut = state === "closed";
    const left = byId("left", HTMLDivElement);
    left.hidden = !isOut;
    const words = left.querySelector("p");
    if (words) words.textContent = REASONS[code] ?? t.youLeft;
    byId("composer", HTMLFormElement).hidden = isOut;
    byId("leave", HTMLButtonElement).hidden = isOut;
  }

  /** The next try, in ms since 1970; 0: now. */
  waits(until: number): void {
    this.#retryAt = until;
    // A first failed try is reported at once.
    if (until > 0 && this.#state === "connecting") this.#show(true);
    this.#tick();
  }

  #show(isLost: boolean): void {
    clearTimeout(this.#patience);
    clearInterval(this.#clock);
    for (const part of this.#bar.children) if (part instanceof HTMLElement) part.hidden = !isLost;
    if (!isLost) return;
    this.#clock = window.setInterval(() => this.#tick(), 500);
    this.#tick();
  }

  #tick(): void {
    const [words, when] = this.#line?.children ?? [];
    if (!words || !when) return;
    words.textContent = t.lost;
    const seconds = Math.ceil((this.#retryAt - Date.now()) / 1000);
    when.textContent = seconds > 0 ? fill(t.retryIn, { seconds }) : t.connecting;
  }
}
