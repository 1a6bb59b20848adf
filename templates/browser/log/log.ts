import { startsGroup } from "../../../lib/model/wire/appearance.ts";
import type { Message } from "../../../lib/model/wire/event.ts";
import { dayRow, noticeRow, unreadRow } from "./row.ts";
import type { Item, Timeline } from "./timeline.ts";

export interface LogHooks {
  readonly row: (message: Message, first: boolean) => HTMLElement;
  /** A value that changes when the message must be drawn again for reasons outside it. */
  readonly look: (message: Message) => string;
  readonly needOlder: () => void;
  readonly needNewer: () => void;
  /** Called after scrolling or drawing. */
  readonly onMove: () => void;
}

interface Entry {
  readonly key: string;
  readonly item: Item | null;
  readonly look: string;
  readonly build: () => HTMLElement;
}

/** Rows in the page: at most `MOST`, with `STEP` more near an end. */
const MOST = 160;
const STEP = 40;
/** The distance that counts as near, in pixels. */
const NEAR = 800;
/** The distance from the end, in pixels, that counts as being there. */
const AT_END = 48;

/**
 * Shows the part of the timeline around the reader. What they look at keeps its place on the
 * screen, whatever is added above or below; a reader at the end stays there.
 */
export class LogView {
  /** The last `seq` that was read before; a line is drawn below it. Null: no line. */
  read: number | null = null;
  atEnd = true;
  #from = 0;
  #to = 0;
  #rows = new Map<string, { entry: Entry; element: HTMLElement }>();
  /** The number of items at the last drawing; later ones are not below the reader yet. */
  #drawn = 0;
  #due = 0;
  /** The scroller's height when it was last scrolled to the end. */
  #height = 0;

  constructor(
    readonly timeline: Timeline,
    readonly scroller: HTMLElement,
    readonly list: HTMLElement,
    readonly hooks: LogHooks,
  ) {
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    list.addEventListener("click", ({ target }) => this.#dismiss(target));
    new ResizeObserver(() => this.#hold()).observe(scroller);
    new ResizeObserver(() => this.#hold()).observe(list);
  }

  /** Draws changes at the end or in the middle, once a frame. */
  changed(): void {
    if (this.#due !== 0) return;
    const draw = () => {
      this.#due = 0;
      this.draw();
      this.#extend();
    };
    // Hidden pages have no frames.
    this.#due = document.hidden ? window.setTimeout(draw, 100) : requestAnimationFrame(draw);
  }

  /** `count` items were added before the others or, if negative, removed. */
  shifted(count: number): void {
    this.#drawn += count;
    this.#from = Math.max(0, this.#from + count);
    this.#to = Math.max(0, this.#to + count);
    this.changed();
  }

  toEnd(): void {
    this.atEnd = true;
    this.draw();
  }

  /** Scrolls to a message of the timeline; false if it is not there. */
  show(seq: number): boolean {
    const at = this.timeline.items.findIndex((item) => item.type === "message" && item.seq === seq);
    if (at < 0) return false;
    this.atEnd = false;
    this.#from = Math.max(0, at - STEP);
    this.#to = Math.min(this.timeline.items.length, at + STEP);
    this.draw();
    this.element(seq)?.scrollIntoView({ block: "center" });
    this.#scrolled();
    return true;
  }

  element(seq: number): HTMLElement | undefined {
    return this.#rows.get(`m${seq}`)?.element;
  }

  draw(): void {
    if (!this.timeline.isKnown) return;
    const { items } = this.timeline;
    if (this.atEnd) {
      this.#to = items.length;
      this.#from = Math.max(Math.min(this.#from, items.length - STEP), items.length - MOST, 0);
    } else {
      // Includes new items while there is room, since the reader may scroll to them.
      this.#to = Math.min(items.length, Math.max(this.#to, this.#from + MOST));
    }
    this.#drawn = items.length;
    const anchor = this.atEnd ? null : this.#anchor();
    this.#reconcile(this.#entries());
    if (anchor) {
      const moved = anchor.element.getBoundingClientRect().top - anchor.top;
      if (moved !== 0 && anchor.element.isConnected) this.scroller.scrollTop += moved;
    }
    this.#hold();
    this.hooks.onMove();
  }

  #hold(): void {
    this.#height = this.scroller.clientHeight;
    // The text of an empty room is read from its start.
    if (this.atEnd && !this.timeline.isEmpty) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #scrolled(): void {
    const { scroller, timeline } = this;
    // After a resize, as on rotation, it was not the reader who scrolled.
    if (this.atEnd && scroller.clientHeight !== this.#height) this.#hold();
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    const isLast = below < AT_END && this.#to >= this.#drawn && !timeline.after;
    this.atEnd = isLast || timeline.isEmpty;
    this.#extend();
    this.hooks.onMove();
  }

  /** Draws more when the reader is near an end, or asks for it. */
  #extend(): void {
    const { scroller, timeline } = this;
    const below = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
    if (scroller.scrollTop < NEAR) {
      if (this.#from > 0) {
        this.#from = Math.max(0, this.#from - STEP);
        if (below > NEAR) this.#to = Math.min(this.#to, this.#from + MOST);
        this.draw();
      } else if (timeline.before) this.hooks.needOlder();
    }
    if (below < NEAR && !this.atEnd) {
      if (this.#to < timeline.items.length) {
        this.#to = Math.min(timeline.items.length, this.#to + STEP);
        if (scroller.scrollTop > NEAR) this.#from = Math.max(this.#from, this.#to - MOST);
        this.draw();
      } else if (timeline.after) this.hooks.needNewer();
    }
  }

  #dismiss(target: EventTarget | null): void {
    const row = target instanceof Element && target.closest("[data-dismiss]")?.closest("li");
    if (!row) return;
    this.timeline.dismiss(row.dataset["key"] ?? "");
    this.scroller.focus({ preventScroll: true });
    this.draw();
  }

  /** The first visible row, and its position. */
  #anchor(): { element: HTMLElement; top: number } | null {
    const { top } = this.scroller.getBoundingClientRect();
    for (const element of this.list.children) {
      const box = element.getBoundingClientRect();
      // Lines between messages come and go; messages stay.
      if (box.bottom > top && element instanceof HTMLElement && element.dataset["seq"]) {
        return { element, top: box.top };
      }
    }
    return null;
  }

  #entries(): Entry[] {
    const { items } = this.timeline;
    const { read } = this;
    const entries: Entry[] = [];
    const today = new Date().toDateString();
    let previous = this.#messageBefore(this.#from);
    let isInterrupted = false;
    for (let at = this.#from; at < this.#to; at += 1) {
      const item = items[at];
      if (!item) continue;
      if (item.type === "notice") {
        // Presence and connection lines are transient; an answer ends a group.
        if (item.kind === "answer") isInterrupted = true;
        entries.push({ key: item.key, item, look: "", build: () => noticeRow(item) });
        continue;
      }
      const day = new Date(item.at).toDateString();
      const newDay = !previous || day !== new Date(previous.at).toDateString();
      if (newDay) {
        const look = `${day} ${today}`;
        entries.push({ key: `d${item.seq}`, item: null, look, build: () => dayRow(item.at) });
      }
      const before = previous?.seq ?? (this.timeline.before ? Number.POSITIVE_INFINITY : 0);
      const unread = read !== null && item.seq > read && before <= read;
      if (unread) entries.push({ key: "unread", item: null, look: "", build: unreadRow });
      const first = newDay || unread || isInterrupted || startsGroup(previous, item);
      const look = `${first}${this.hooks.look(item)}`;
      const build = () => this.hooks.row(item, first);
      entries.push({ key: `m${item.seq}`, item, look, build });
      previous = item;
      isInterrupted = false;
    }
    return entries;
  }

  #messageBefore(at: number): Message | undefined {
    for (let index = at - 1; index >= 0; index -= 1) {
      const item = this.timeline.items[index];
      if (item?.type === "message") return item;
    }
    return undefined;
  }

  #reconcile(entries: readonly Entry[]): void {
    const rows = new Map<string, { entry: Entry; element: HTMLElement }>();
    const wanted = new Set(entries.map((entry) => entry.key));
    for (const [key, { element }] of this.#rows) if (!wanted.has(key)) element.remove();
    let next = this.list.firstElementChild;
    for (const entry of entries) {
      const known = this.#rows.get(entry.key);
      const same = known && known.entry.item === entry.item && known.entry.look === entry.look;
      const element = same ? known.element : entry.build();
      if (known && !same) {
        const focused = known.element.contains(document.activeElement);
        if (next === known.element) next = element;
        known.element.replaceWith(element);
        if (focused) element.focus({ preventScroll: true });
      }
      if (next === element) next = element.nextElementSibling;
      else this.list.insertBefore(element, next);
      rows.set(entry.key, { entry, element });
    }
    while (next) {
      const after = next.nextElementSibling;
      next.remove();
      next = after;
    }
    this.#rows = rows;
  }
}
