import type { Message } from "../../../lib/model/wire/event.ts";
import { fill } from "../../../lib/model/text/locale.ts";
import { byId, page } from "../base/dom.ts";
import { Notifications } from "./notifications.ts";
import { remember, room } from "../base/memory.ts";
import type { People } from "./people.ts";
import { namesOf } from "../log/row.ts";
import { lastWords } from "../base/excerpts.ts";
import type { Timeline } from "../log/timeline.ts";
import { counted, t } from "../base/words.ts";

/** The read position, and what is unread below or behind the page. */
export class Reading {
  /** The last `seq` that was visible. */
  read = 0;
  /** Messages that arrived while older ones were shown. */
  #below = 0;
  readonly #newer = byId("newer", HTMLButtonElement);
  readonly #seen = byId("seen", HTMLParagraphElement);
  readonly #knowing: Notifications;

  constructor(
    readonly people: People,
    readonly tell: (seq: number) => void,
    toEnd: () => void,
  ) {
    this.#knowing = new Notifications(toEnd);
    this.#newer.addEventListener("click", toEnd);
  }

  /**
   * Starts at the server's read position (`told`), or at this browser's for the log; returns it, 0
   * for a new log. The reader's own messages that follow are read.
   */
  begin(epoch: string, me: string, { messages, before }: Timeline, told = 0): number {
    const memory = room(page.room);
    this.read = told || (memory.epoch === epoch ? memory.read : 0);
    const isThere = !before || messages.some(({ seq }) => seq === this.read);
    for (const { seq, author } of isThere && this.read > 0 ? messages : []) {
      if (seq > this.read && author.id !== me) break;
      this.read = Math.max(this.read, seq);
    }
    const said = messages.findLast((message) => !message.deleted);
    const last = said ? { last: lastWords(said) } : {};
    remember(page.room, { visited: Date.now(), epoch, read: this.read, ...last });
    return this.read;
  }

  /** The server's read position here, and the number of mentions elsewhere. */
  told(read: number | undefined, last: Message | undefined, calls: number): void {
    this.#knowing.calledElsewhere(calls);
    if (read === undefined || !last) return;
    if (read >= last.seq) this.#knowing.seen();
    if (read > this.read) this.read = read;
  }

  get isLooking(): boolean {
    return document.visibilityState === "visible" && document.hasFocus();
  }

  /** A message of someone else arrived. True if the page is hidden and it is the first. */
  arrived(message: Message, atEnd: boolean, isMention: boolean): boolean {
    if (!atEnd) this.#below += 1;
    if (this.isLooking) return false;
    return this.#knowing.missed(message, isMention) === 1;
  }

  /** Call after the log was scrolled or drawn, or the page was shown. */
  update(atEnd: boolean, last: Message | undefined): void {
    if (atEnd && this.isLooking) {
      this.#below = 0;
      this.#knowing.seen();
      if (last && last.seq > this.read) {
        this.read = last.seq;
        remember(page.room, { read: this.read });
        this.tell(this.read);
      }
    }
    this.#newer.hidden = atEnd;
    const words = this.#newer.querySelector("span");
    if (words) words.textContent = this.#below > 0 ? counted(t.newMessages, this.#below) : "";
    const readers = last && atEnd ? this.people.readers(last.seq, last.author.id) : [];
    this.#seen.textContent = readers.length > 0 ? fill(t.seenBy, { names: namesOf(readers) }) : "";
  }
}
