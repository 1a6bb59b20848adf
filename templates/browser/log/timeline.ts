import type { Message, RoomEvent } from "../../../lib/model/wire/event.ts";
import type { PendingChange } from "../net/pending-store.ts";
import type { Author } from "../../../lib/model/people/person.ts";

/** A line of the page, or an answer for this person alone; in no log. */
export interface LocalNotice {
  readonly type: "notice";
  readonly key: string;
  readonly kind: "connected" | "disconnected" | "moved" | "answer";
  readonly text: string;
  readonly at: number;
  readonly author?: Author;
}

let notices = 0;

export function localNotice(kind: LocalNotice["kind"], text: string, author?: Author): LocalNotice {
  notices += 1;
  const notice = { type: "notice", key: `n${notices}`, kind, text, at: Date.now() } as const;
  return author ? { ...notice, author } : notice;
}

export type Item = Message | LocalNotice;

/** The most messages in memory; others are loaded again when needed. */
const KEPT = 3_000;

/** A message after an event; the same object if nothing changes. */
export function changed(message: Message, event: RoomEvent): Message {
  if (event.type === "message" || message.deleted) return message;
  if (event.type === "edited") {
    const { html: _, ...rest } = message;
    const html = event.html === undefined ? {} : { html: event.html };
    const files = event.files === undefined ? {} : { files: event.files };
    return { ...rest, text: event.text, editedAt: event.at, ...html, ...files };
  }
  if (event.type === "deleted") {
    const { type, seq, id, author, at } = message;
    return { type, seq, id, author, at, text: "", deleted: true };
  }
  const { [event.emoji]: before = [], ...others } = message.reactions ?? {};
  const without = before.filter((author) => author.id !== event.author.id);
  const after = event.on ? [...without, event.author] : without;
  if (after.length === 0) return { ...message, reactions: others };
  return { ...message, reactions: { ...message.reactions, [event.emoji]: after } };
}

/** The message as it will be when these changes by `me` have arrived. */
export function withChanges(message: Message, changes: readonly PendingChange[], me: Author) {
  return changes.reduce((before, { at, change }) => {
    const { seq: target } = change;
    const event = { seq: 0, target, author: me, at };
    if (change.type === "delete") return changed(before, { ...event, type: "deleted" });
    if (change.type === "react")
      return changed(before, { ...event, ...change, type: "reacted", seq: 0 });
    return changed(before, { ...event, type: "edited", text: change.text });
  }, message);
}

/**
 * A gap-free part of a room's messages, oldest first, with the page's own lines; usually the last
 * part. `head` is the `seq` up to which all events are known.
 */
export class Timeline {
  items: Item[] = [];
  head = 0;
  /** There are older messages. */
  before = false;
  /**
   * There are newer messages: this part does not reach the end, and live messages are not added.
   */
  after = false;
  /** Whether its content is known to be the room's. */
  isKnown = false;
  /** The reader's own messages are pending below it. */
  waits = false;

  /** Nothing was posted in the room yet. */
  get isEmpty(): boolean {
    return this.last === undefined && !this.before && !this.after;
  }

  get messages(): Message[] {
    return this.items.filter((item) => item.type === "message");
  }

  get first(): Message | undefined {
    return this.items.find((item) => item.type === "message");
  }

  get last(): Message | undefined {
    return this.items.findLast((item) => item.type === "message");
  }

  find(seq: number): Message | undefined {
    return this.messages.find((message) => message.seq === seq);
  }

  /** Replaces everything with one part. */
  reset(messages: readonly Message[], before: boolean, after: boolean): void {
    this.isKnown = true;
    this.items = [...messages];
    this.before = before;
    this.after = after;
  }

  /** Applies a live event. False: a previous one is missing, and nothing was done. */
  apply(event: RoomEvent): boolean {
    if (event.seq <= this.head) return true;
    if (event.seq > this.head + 1) return false;
    this.head = event.seq;
    if (event.type === "message") {
      if (!this.after) this.items.push(event);
      return true;
    }
    const at = this.items.findLastIndex((item) => isMessage(item, event.target));
    const item = this.items[at];
    if (item?.type === "message") this.items[at] = changed(item, event);
    return true;
  }

  /** Adds older messages; returns how many were new. */
  prepend(messages: readonly Message[], more: boolean): number {
    const first = this.first?.seq ?? Number.POSITIVE_INFINITY;
    const older = messages.filter((message) => message.seq < first);
    this.items.unshift(...older);
    this.before = more;
    return older.length;
  }

  /** Adds newer messages, complete up to `upTo`. */
  append(messages: readonly Message[], upTo: number): void {
    const last = this.last?.seq ?? 0;
    this.items.push(...messages.filter((message) => message.seq > last));
    this.after = upTo < this.head;
  }

  notice(notice: LocalNotice): void {
    if (notice.kind === "answer") {
      // Only the newest answer of the server, and of each bot, is kept.
      const who = notice.author?.id;
      this.items = this.items.filter(
        (item) => item.type === "message" || item.kind !== "answer" || item.author?.id !== who,
      );
    }
    // Repeated connection changes, with nothing between, are one line.
    const kinds = [...this.items.slice(-2), notice].map((item) => "kind" in item && item.kind);
    if (kinds.join() === "disconnected,connected,disconnected") this.items.splice(-2);
    this.items.push(notice);
  }

  dismiss(key: string): void {
    this.items = this.items.filter((item) => item.type === "message" || item.key !== key);
  }

  /** Removes the oldest messages, if nobody looks at them; returns how many. */
  trim(): number {
    const surplus = this.items.length - KEPT;
    if (surplus < KEPT / 2) return 0;
    this.items.splice(0, surplus);
    this.before = true;
    return surplus;
  }
}

function isMessage(item: Item, seq: number): boolean {
  return item.type === "message" && item.seq === seq;
}
