import { LAST_WORDS } from "../../model/inbox/inbox.ts";
import type { Message, RoomEvent } from "../../model/wire/event.ts";
import type { RoomHead } from "../../model/wire/inbox.ts";

/** A room's head is told at most so often, however much is said. */
const PAUSE_MS = 250;
/** Rooms that are told of at once; the others follow a pause later. */
const BATCH = 500;

/** Tells every node which rooms have news, for those who follow them from elsewhere. */
export class Heads {
  readonly #waiting = new Map<string, Message>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly tell: (heads: readonly RoomHead[]) => void) {}

  /** New events of a room, in order. */
  said(room: string, events: readonly RoomEvent[]): void {
    const last = events.findLast((event) => event.type === "message");
    if (!last) return;
    this.#waiting.set(room, last);
    this.#timer ??= setTimeout(() => this.#flush(), PAUSE_MS);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#flush();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = null;
    const batch = [...this.#waiting].slice(0, BATCH);
    for (const [room] of batch) this.#waiting.delete(room);
    if (batch.length > 0) this.tell(batch.map(([room, message]) => headOf(room, message)));
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
  }
}

function headOf(room: string, { seq, author, text, at }: Message): RoomHead {
  const short = text.slice(0, LAST_WORDS).toWellFormed();
  return { room, head: seq, last: { seq, author, text: short, at } };
}
