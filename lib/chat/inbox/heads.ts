import { LAST_WORDS } from "../../model/inbox/inbox.ts";
import { oneLine } from "../../model/text/one-line.ts";
import type { Message, RoomEvent } from "../../model/wire/event.ts";
import type { RoomHead } from "../../model/wire/inbox.ts";

/** The least interval between two heads of a room. */
const PAUSE_MS = 250;
/** The most rooms announced at once; others follow at the next interval. */
const BATCH = 500;

/** The last message of a room, and the number not announced yet. */
interface News {
  readonly message: Message;
  readonly count: number;
}

/** Announces rooms with new messages to every node, for people who follow them from elsewhere. */
export class Heads {
  readonly #waiting = new Map<string, News>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly tell: (heads: readonly RoomHead[]) => void) {}

  /** New events of a room, in order. */
  said(room: string, events: readonly RoomEvent[]): void {
    const messages = events.filter((event) => event.type === "message");
    const message = messages.at(-1);
    if (!message) return;
    const count = (this.#waiting.get(room)?.count ?? 0) + messages.length;
    this.#waiting.set(room, { message, count });
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
    if (batch.length > 0) this.tell(batch.map(([room, news]) => headOf(room, news)));
    if (this.#waiting.size > 0) this.#timer = setTimeout(() => this.#flush(), PAUSE_MS);
  }
}

function headOf(room: string, { message, count }: News): RoomHead {
  const { seq, author, at } = message;
  const last = { seq, author, text: oneLine(message, LAST_WORDS), at };
  return { room, head: seq, count, last };
}
