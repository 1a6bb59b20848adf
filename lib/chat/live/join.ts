import type { Message, RoomEvent } from "../../model/wire/event.ts";
import { RESUME_PIECE_BYTES, RESUME_LIMIT } from "../../model/wire/limits.ts";
import type { Store } from "../../model/store.ts";
import { jsonBytes, type Reader, type Reads } from "../limits/reads.ts";
import type { Hub } from "./hub.ts";

/** The position a returning client resumes from. */
export interface Cursor {
  readonly epoch: string;
  readonly after: number;
}

/**
 * The first data for a joiner. `seq` is the last event it covers; later ones follow from `seq + 1`.
 */
export interface Start {
  readonly seq: number;
  /**
   * The first events since the cursor, as many as fit into one piece; null if the joiner starts
   * afresh. The rest follow like live events.
   */
  readonly events: readonly RoomEvent[] | null;
  /** The last messages as they now stand, oldest first; empty if `events` is not null. */
  readonly messages: readonly Message[];
}

/** Someone who enters a room and follows it. */
export interface Joiner extends Reader {
  /** Becomes false for good when it leaves; nothing is read for it from then on. */
  readonly isOpen: boolean;
  /**
   * Takes ownership of the subscription, and disposes of it when the joiner leaves, at the latest.
   */
  follow(subscription: Disposable): void;
  /** Sends the start. */
  begin(start: Start): void;
  /** Resolves when most of what was sent has been read, or the joiner has left. */
  ready(): Promise<void>;
  /** Sends what follows the start, until the subscription is disposed of. */
  deliver(events: readonly RoomEvent[]): void;
}

export interface JoinDeps {
  readonly store: Store;
  readonly hub: Hub;
  readonly reads: Reads;
}

/** Events read at a time. */
const PIECE_EVENTS = 128;
/** The most events a joiner may be behind while it reads its start. */
const MOST_BEHIND = 2 * RESUME_LIMIT;

/**
 * Implements promise 4. The room must have been entered. Calls `begin` once, then `deliver` with
 * every later event, unless the joiner leaves first ("left") or falls too far behind ("behind").
 * Reads what is missing from the store in pieces of at most `RESUME_PIECE_BYTES`, each after the joiner
 * has read the previous one, and holds nothing else for it. Rejects if the store fails; the
 * subscription then still belongs to the joiner.
 */
export async function start(
  room: string,
  cursor: Cursor | null,
  recent: number,
  { store, hub, reads }: JoinDeps,
  joiner: Joiner,
): Promise<"begun" | "left" | "behind"> {
  if (cursor?.epoch === store.epoch) await hub.catchUp(room, cursor.after);
  if (!joiner.isOpen) return "left";
  let isCaughtUp = false;
  let head = 0;
  const subscription = hub.subscribe(room, (events) => {
    head = events.at(-1)?.seq ?? head;
    if (isCaughtUp) joiner.deliver(events);
  });
  joiner.follow(subscription);
  head = subscription.head;
  const piece = (after: number) => pieceOf(store, room, after, head);
  let seq = head;
  if (cursor && isRecoverable(cursor, store.epoch, head)) {
    const events = await reads.inTurn(joiner, () => piece(cursor.after));
    if (!joiner.isOpen) return "left";
    seq = events.at(-1)?.seq ?? cursor.after;
    joiner.begin({ seq, events, messages: [] });
  } else {
    const page = () => store.before(room, seq + 1, recent);
    const messages = recent === 0 ? [] : (await reads.inTurn(joiner, page)).messages;
    if (!joiner.isOpen) return "left";
    joiner.begin({ seq, events: null, messages });
  }
  while (seq < head) {
    await joiner.ready();
    if (!joiner.isOpen) return "left";
    if (head - seq > MOST_BEHIND) return "behind";
    const events = await reads.goOn(joiner, () => piece(seq));
    if (!joiner.isOpen) return "left";
    seq = events.at(-1)?.seq ?? head;
    joiner.deliver(events);
  }
  isCaughtUp = true;
  return "begun";
}

function isRecoverable(cursor: Cursor, epoch: string, head: number): boolean {
  return cursor.epoch === epoch && cursor.after <= head && head - cursor.after <= RESUME_LIMIT;
}

/** The first events after `after`, up to `head`: as many as fit into one piece, at least one. */
async function pieceOf(
  store: Store,
  room: string,
  after: number,
  head: number,
): Promise<readonly RoomEvent[]> {
  if (after >= head) return [];
  const events = await store.events(room, after, head, PIECE_EVENTS, RESUME_PIECE_BYTES);
  let size = 0;
  const end = events.findIndex((event, at) => {
    size += jsonBytes(event) + 1;
    return size > RESUME_PIECE_BYTES && at > 0;
  });
  return end < 0 ? events : events.slice(0, end);
}
