import type { Message } from "../../../lib/model/wire/event.ts";
import type { ServerFrame } from "../../../lib/model/wire/frame.ts";
import { toast } from "../base/announce.ts";
import { loadDialogStyle } from "../base/dom.ts";
import { t } from "../base/words.ts";
import type { PeopleHooks } from "./hooks.ts";
import type * as Bundle from "./people.ts";

/** How long a finger rests on a message until its menu opens. */
const PRESS_MS = 500;

/**
 * Opens what there is to know and do about people and messages, from wherever they are pressed. Most
 * of it is fetched when it is needed first.
 */
export class PeopleSide {
  #loading: Promise<Bundle.Dialogs> | null = null;
  /** Messages that are shown as deleted, and can still be brought back. */
  readonly covered = new Set<number>();

  constructor(
    readonly log: HTMLElement,
    readonly hooks: PeopleHooks,
  ) {
    document.addEventListener("click", ({ target }) => {
      if (!(target instanceof Element)) return;
      if (target.closest("#show-room, .where")) this.#with((dialogs) => dialogs.room());
      if (target.closest("#show-inbox")) this.#with((dialogs) => dialogs.inbox());
      const id = this.#personAt(target);
      if (id !== null) this.#with((dialogs) => dialogs.person(id));
    });
    log.addEventListener("contextmenu", (event) => {
      const { target } = event;
      // Links and chosen words keep the browser's own menu, and so does Shift.
      const isOwn = target instanceof Element && target.closest("a, img, video, audio");
      if (isOwn || event.shiftKey || !getSelection()?.isCollapsed) return;
      if (this.menu(target)) event.preventDefault();
    });
    let timer = 0;
    log.addEventListener(
      "touchstart",
      ({ target, touches }) => {
        clearTimeout(timer);
        if (touches.length === 1) timer = window.setTimeout(() => this.menu(target), PRESS_MS);
      },
      { passive: true },
    );
    for (const end of ["touchend", "touchmove", "touchcancel"]) {
      log.addEventListener(end, () => clearTimeout(timer), { passive: true });
    }
  }

  /** A message as it is to be shown: deleted, where that can still be taken back. */
  shown(message: Message): Message {
    return this.covered.has(message.seq) ? { ...message, text: "", deleted: true } : message;
  }

  /** Opens the menu of the message at a place in the log; false where there is none. */
  menu(target: EventTarget | null): boolean {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null;
    const message = row ? this.hooks.find(Number(row.dataset["seq"])) : undefined;
    if (!row || !message || message.deleted) return false;
    row.focus({ preventScroll: true });
    this.#with((dialogs) => dialogs.message(message, row));
    return true;
  }

  remove(message: Message): void {
    this.#with((dialogs) => dialogs.remove(message));
  }

  report(message: Message): void {
    this.#with((dialogs) => dialogs.report(message));
  }

  /** The open reports are others now. */
  reports(frame: Extract<ServerFrame, { type: "reports" }>): void {
    this.#with((dialogs) => dialogs.reports(frame));
  }

  /** Redraws what is open after a change of the inbox. */
  inboxChanged(): void {
    void this.#loading?.then((dialogs) => dialogs.inboxChanged());
  }

  #personAt(target: Element): string | null {
    const named = target.closest<HTMLElement>("[data-person]");
    if (named) return named.dataset["person"] ?? null;
    const row = target.closest(".avatar, .byline .name")?.closest<HTMLElement>("#log [data-seq]");
    row?.focus({ preventScroll: true });
    return row ? (this.hooks.find(Number(row.dataset["seq"]))?.author.id ?? null) : null;
  }

  #with(act: (dialogs: Bundle.Dialogs) => void): void {
    this.#loading ??= loadDialogs().then(({ Dialogs }) => new Dialogs(this));
    void this.#loading.then(act, () => {
      // Without a network it is asked for again the next time.
      this.#loading = null;
      toast(t.offline);
    });
  }
}

/** Loads the dialogs with their style. Rejects if they cannot be loaded. */
export async function loadDialogs(): Promise<typeof Bundle> {
  const [script = ""] = document.documentElement.dataset["people"]?.split(" ") ?? [];
  const [bundle]: [typeof Bundle, unknown] = await Promise.all([
    import(new URL(script, location.href).href),
    loadDialogStyle(),
  ]);
  return bundle;
}
