import type { Message, RoomEvent } from "../../../lib/model/wire/event.ts";
import type { PendingChange } from "../net/keep.ts";
import type { Author } from "../../../lib/model/people/person.ts";

/** Said by the page, or to this person alone: it is in no log. */
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

/** Kept in memory at most; what is further away is read again when it is needed. */
const KEPT = 3_000;

/** A message after an event that changes it; the same object where it changes nothing. */
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

/** The message as it will stand when these changes by `me` have arrived. */
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
 * One unbroken stretch of a room's messages, oldest first, with the page's own notices in it; as a
 * rule the last one. `head` is the `seq` up to which every event is known.
 */
export class Timeline {
  items: Item[] = [];
  head = 0;
  /** There are older ones. */
  before = false;
  /** There are newer ones: the stretch does not reach the end, and live messages are not added. */
  after = false;
  /** It holds what the room has, and not nothing since nothing is known yet. */
  isKnown = false;
  /** Something of the reader's own waits below it. */
  waits = false;

  /** Nothing was said in the room yet. */
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

  /** Starts afresh with one stretch. */
  reset(messages: readonly Message[], before: boolean, after: boolean): void {
    this.isKnown = true;
    this.items = [...messages];
    this.before = before;
    this.after = after;
  }

  /** Takes a live event. False: one before it is missing, and nothing was done. */
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

  /** Older ones; returns how many were new. */
  prepend(messages: readonly Message[], more: boolean): number {
    const first = this.first?.seq ?? Number.POSITIVE_INFINITY;
    const older = messages.filter((message) => message.seq < first);
    this.items.unshift(...older);
    this.before = more;
    return older.length;
  }

  /** Newer ones, read up to `upTo`. */
  append(messages: readonly Message[], upTo: number): void {
    const last = this.last?.seq ?? 0;
    this.items.push(...messages.filter((message) => message.seq > last));
    this.after = upTo < this.head;
  }

  notice(notice: LocalNotice): void {
    if (notice.kind === "answer") {
      // One answer of the server, and one of each bot: the newest.
      const who = notice.author?.id;
      this.items = this.items.filter(
        (item) => item.type === "message" || item.kind !== "answer" || item.author?.id !== who,
      );
    }
    // A line that flaps is told once: off, on and off again, with nothing said between, is off.
    const kinds = [...this.items.slice(-2), notice].map((item) => "kind" in item && item.kind);
    if (kinds.join() === "disconnected,connected,disconnected") this.items.splice(-2);
    this.items.push(notice);
  }

  dismiss(key: string): void {
    this.items = this.items.filter((item) => item.type === "message" || item.key !== key);
  }

  /** Lets go of the oldest; returns how many. Only where nobody looks at them. */
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
