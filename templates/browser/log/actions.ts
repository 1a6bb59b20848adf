import type { Message } from "../../../lib/model/wire/event.ts";
import type { PeopleHooks } from "../people/hooks.ts";
import type { PeopleSide } from "../people/lazy.ts";
import { button, h } from "../base/dom.ts";
import { QUICK } from "../base/emoji.ts";
import { t } from "../base/words.ts";

/** The actions on a message: one toolbar, in the row that is pointed at or focused. */
export class Actions {
  readonly #bar = h("div", { class: "actions", role: "toolbar", "aria-label": t.actions });
  #seq = 0;
  /** Pressing a row focuses it too; single-letter keys apply only if the focus came by keyboard. */
  #byPointer = false;

  constructor(
    readonly log: HTMLElement,
    readonly hooks: PeopleHooks,
    /** What needs more space than the toolbar. */
    readonly side: Pick<PeopleSide, "menu" | "remove" | "report">,
  ) {
    const attend = ({ target }: Event) => this.#attend(target);
    // Rows moving under a resting pointer do not take the focus away.
    log.addEventListener("pointermove", (event) => {
      if (event.movementX !== 0 || event.movementY !== 0) attend(event);
    });
    log.addEventListener("focusin", attend);
    log.addEventListener("click", attend);
    log.addEventListener("pointerleave", () => {
      if (!this.#bar.contains(document.activeElement)) this.#bar.remove();
    });
    // On touch screens it closes with the next touch elsewhere, and on scrolling.
    const leave = ({ target }: Event) => {
      const row = this.#bar.parentElement;
      if (row && !(target instanceof Node && row.contains(target))) this.#bar.remove();
    };
    document.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch") leave(event);
    });
    addEventListener("touchmove", () => this.#bar.remove(), { passive: true });
    let isPressed = false;
    log.addEventListener("pointerdown", () => (this.#byPointer = isPressed = true));
    addEventListener("click", () => (isPressed = false));
    addEventListener("pointercancel", () => (isPressed = false));
    log.addEventListener("focusin", () => (this.#byPointer = isPressed));
    log.addEventListener("keydown", (event) => this.#key(event));
    log.addEventListener("click", ({ target }) => {
      const reaction = target instanceof Element ? target.closest(".reactions button") : null;
      const message = this.#messageAt(target);
      if (reaction instanceof HTMLElement && message) {
        hooks.react(message, reaction.dataset["emoji"] ?? "");
      }
    });
  }

  /** Moves the focus to the previous (-1) or next (1) message. */
  step(by: 1 | -1): void {
    const rows = [...this.log.querySelectorAll<HTMLElement>("[data-seq]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = at < 0 ? rows.at(-1) : rows[at + by];
    row?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  #isMine({ author }: Message): boolean {
    return author.id === this.hooks.me().id;
  }

  #messageAt(target: EventTarget | null): Message | undefined {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null;
    return row ? this.hooks.find(Number(row.dataset["seq"])) : undefined;
  }

  #attend(target: EventTarget | null): void {
    const message = this.#messageAt(target);
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null;
    if (!message || !row || message.deleted) {
      if (row) this.#bar.remove();
      return;
    }
    if (this.#seq === message.seq && this.#bar.parentElement === row) return;
    this.#seq = message.seq;
    const { hooks } = this;
    // Touch screens show what leads further; the menu has the rest.
    const isFinger = matchMedia("(pointer: coarse)").matches;
    const quick = QUICK.slice(0, isFinger ? 0 : 3).map((emoji) => {
      const act = () => hooks.react(message, emoji);
      return h(
        "button",
        { type: "button", class: "icon-button", "aria-label": emoji, onclick: act },
        emoji,
      );
    });
    this.#bar.replaceChildren(
      ...quick,
      button(t.react, "smile", () => hooks.pick(message)),
      button(t.reply, "reply", () => hooks.reply(message)),
      ...(this.#isMine(message) ? [button(t.edit, "edit", () => hooks.edit(message))] : []),
      button(t.more, "more", () => this.side.menu(row)),
    );
    // A single tab stop; arrow keys move between its buttons.
    const [, ...others] = this.#bar.querySelectorAll("button");
    for (const other of others) other.tabIndex = -1;
    row.append(this.#bar);
    this.#bar.classList.remove("under");
    const top = this.log.parentElement?.getBoundingClientRect().top ?? 0;
    this.#bar.classList.toggle("under", this.#bar.getBoundingClientRect().top < top);
  }

  /** Moves the focus along the toolbar; false if the key is for something else. */
  #walk(key: string): boolean {
    const buttons = [...this.#bar.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const end = buttons.length - 1;
    const steps: Record<string, number> = {
      ArrowLeft: at === 0 ? end : at - 1,
      ArrowRight: at === end ? 0 : at + 1,
      Home: 0,
      End: end,
    };
    const next = buttons[steps[key] ?? -1];
    if (at < 0 || !next) return false;
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
    return true;
  }

  #key(event: KeyboardEvent): void {
    if (this.#walk(event.key)) return event.preventDefault();
    if (this.#byPointer) return;
    const message = this.#messageAt(event.target);
    if (!message || event.ctrlKey || event.metaKey || event.altKey) return;
    const { hooks } = this;
    if (event.key === "r") hooks.reply(message);
    else if (event.key === "u") hooks.places.markUnread(message.seq);
    else if (event.key === "e" && this.#isMine(message)) hooks.edit(message);
    else if (event.key === "Delete" && hooks.mayDelete(message)) this.side.remove(message);
    else if (event.key === "m") this.side.menu(event.target);
    else if (event.key === "+") hooks.pick(message);
    else return;
    event.preventDefault();
  }
}
