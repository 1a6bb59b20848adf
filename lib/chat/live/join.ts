import type { Message, RoomEvent } from "../../model/wire/event.ts";
import { RESUME_LIMIT } from "../../model/wire/limits.ts";
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

/**
 * Promise 4. The room must have been entered. Calls `begin` once; it must send the start and
 * subscribe the joiner before it returns: nothing is delivered meanwhile. Rejects, without having
 * called it, where the store fails.
 */
export async function start(
  room: string,
  cursor: Cursor | null,
  recent: number,
  { store, hub }: { readonly store: Store; readonly hub: Hub },
  begin: (start: Start) => void,
): Promise<void> {
  if (cursor?.epoch === store.epoch) await hub.catchUp(room, cursor.after);
  const tail: RoomEvent[] = [];
  const tap = hub.subscribe(room, (events) => tail.push(...events));
  const { head } = tap;
  try {
    if (cursor && isRecoverable(cursor, store.epoch, head)) {
      const missed =
        cursor.after === head ? [] : await store.events(room, cursor.after, head, RESUME_LIMIT);
      const events = [...missed, ...tail];
      begin({ seq: events.at(-1)?.seq ?? head, events, messages: [], tail: [] });
      return;
    }
    const messages = recent > 0 ? (await store.before(room, head + 1, recent)).messages : [];
    begin({ seq: head, events: null, messages, tail });
  } finally {
    hub.unsubscribe(room, tap);
  }
}

function isRecoverable(cursor: Cursor, epoch: string, head: number): boolean {
  return cursor.epoch === epoch && cursor.after <= head && head - cursor.after <= RESUME_LIMIT;
}
