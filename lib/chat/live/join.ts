import type { Message, RoomEvent } from "../../model/wire/event.ts";
import { BACKPRESSURE_LIMIT, RESUME_LIMIT } from "../../model/wire/limits.ts";
import type { Store } from "../../model/store.ts";
import type { Hub } from "./hub.ts";

/** Where a client that was here before left off. */
export interface Cursor {
  readonly epoch: string;
  readonly after: number;
}

/** What a joiner is sent first. `seq` is the last event in it; live events follow from `seq + 1`. */
export interface Start {
  readonly seq: number;
  /** Every event since the cursor, or null where the joiner starts afresh. Never a part of them. */
  readonly events: readonly RoomEvent[] | null;
  /** The last messages as they now stand, oldest first; empty where `events` is not null. */
  readonly messages: readonly Message[];
  /** Delivered since `messages` was read: to be sent after the start, before anything live. */
  readonly tail: readonly RoomEvent[];
}

/** Someone who comes into a room and follows it. */
export interface Joiner {
  /** False for good once it has left; nothing is read or kept for it from then on. */
  readonly isOpen: boolean;
  /** Owns the subscription from now on: disposes of it when the joiner leaves, or before. */
  follow(subscription: Disposable): void;
  /** Sends the start. */
  begin(start: Start): void;
  /** Sends what comes after the start, until the subscription is disposed of. */
  deliver(events: readonly RoomEvent[]): void;
}

/**
 * Promise 4. The room must have been entered. Calls `begin` once, then `deliver` with every later
 * event, unless the joiner leaves first ("left") or more is said while its start is read than a
 * reader may owe ("behind"). Rejects, without having called `begin`, where the store fails; the
 * joiner's subscription is then still its own to end.
 */
export async function start(
  room: string,
  cursor: Cursor | null,
  recent: number,
  { store, hub }: { readonly store: Store; readonly hub: Hub },
  joiner: Joiner,
): Promise<"begun" | "left" | "behind"> {
  if (cursor?.epoch === store.epoch) await hub.catchUp(room, cursor.after);
  if (!joiner.isOpen) return "left";
  const held = new HeldEvents();
  let hasBegun = false;
  const subscription = hub.subscribe(room, (events) => {
    if (hasBegun) joiner.deliver(events);
    else if (!held.add(events)) subscription[Symbol.dispose]();
  });
  joiner.follow(subscription);
  const { head } = subscription;
  const isResume = cursor !== null && isRecoverable(cursor, store.epoch, head);
  const missed =
    isResume && cursor.after < head
      ? await store.events(room, cursor.after, head, RESUME_LIMIT)
      : [];
  const messages =
    isResume || recent === 0 ? [] : (await store.before(room, head + 1, recent)).messages;
  if (!joiner.isOpen) return "left";
  const tail = held.take();
  if (!tail) return "behind";
  hasBegun = true;
  if (isResume) {
    const events = [...missed, ...tail];
    joiner.begin({ seq: events.at(-1)?.seq ?? head, events, messages, tail: [] });
  } else joiner.begin({ seq: head, events: null, messages, tail });
  return "begun";
}

function isRecoverable(cursor: Cursor, epoch: string, head: number): boolean {
  return cursor.epoch === epoch && cursor.after <= head && head - cursor.after <= RESUME_LIMIT;
}

/** About what an event adds to its texts when it is sent. */
const EVENT_BYTES = 200;

/** Events for a joiner whose start is being read: as much as a reader may owe, or nothing. */
class HeldEvents {
  #events: RoomEvent[] | null = [];
  #size = 0;

  /** False where it is too much: what was held is dropped. */
  add(events: readonly RoomEvent[]): boolean {
    for (const event of events) {
      this.#events?.push(event);
      this.#size += EVENT_BYTES + lengthOf(event);
    }
    if (this.#size > BACKPRESSURE_LIMIT) this.#events = null;
    return this.#events !== null;
  }

  /** In order; null where it was too much. */
  take(): readonly RoomEvent[] | null {
    const events = this.#events;
    this.#events = null;
    return events;
  }
}

function lengthOf(event: RoomEvent): number {
  if (event.type !== "message" && event.type !== "edited") return 0;
  return event.text.length + (event.html?.length ?? 0);
}
