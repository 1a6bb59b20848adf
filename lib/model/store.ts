import type { Refusal } from "./base/errors.ts";
import type { Message, RoomEvent } from "./wire/event.ts";
import type { Author } from "./people/person.ts";

/** A change on its way into a room's log. `at` is milliseconds since 1970. */
export type Draft = MessageDraft | EditDraft | DeleteDraft | ReactDraft;

interface DraftBase {
  /** A room's name as `roomName` gives it. */
  readonly room: string;
  readonly author: Author;
  readonly at: number;
}
export interface MessageDraft extends DraftBase {
  readonly type: "message";
  readonly id: string;
  readonly text: string;
  readonly html?: string;
  readonly replyTo?: number;
  /** Ids of what the author has uploaded for this room, each once. */
  readonly files?: readonly string[];
}
interface ChangeDraft extends DraftBase {
  readonly target: number;
  /** May change other people's messages too. */
  readonly anyone: boolean;
}
export interface EditDraft extends ChangeDraft {
  readonly type: "edited";
  readonly text: string;
  readonly html?: string;
  /**
   * `hide`: everyone sees `text` in the place of the message, whose own text and files are kept out
   * of sight. Later edits change what is kept. `show`: brings back what is kept; `text` is not used.
   */
  readonly visibility?: "hide" | "show";
}
export interface DeleteDraft extends ChangeDraft {
  readonly type: "deleted";
}
export interface ReactDraft extends DraftBase {
  readonly type: "reacted";
  readonly target: number;
  readonly emoji: string;
  readonly on: boolean;
}

/** `again`: nothing was stored now; it is the first event of that `id`, or of that reaction. */
export interface Appended {
  readonly event: RoomEvent;
  readonly again: boolean;
}

export interface Page {
  /** Oldest first. As JSON they have at most `PIECE_BYTES`, unless one alone has more. */
  readonly messages: readonly Message[];
  /** Whether there are older ones (newer ones where it was asked for what is `after`). */
  readonly more: boolean;
}

/** The log of all rooms: the only truth there is. Any method may reject where the database fails. */
export interface Store {
  /** Changes when the log is not a continuation of what clients saw (a backup was restored). */
  readonly epoch: string;
  /** 32 random bytes that sign cookies; the same on every node and after every start. */
  readonly secret: Uint8Array;

  /**
   * Stores the drafts in order, in one transaction: when it resolves, all of them are on disk; when
   * it rejects, none is. One result a draft, in order. `seq` is given out here, gap-free in each
   * room, also against other nodes. A message whose author has used its `id` in the room before is
   * not stored again. A draft that is refused (`not_found`, `not_allowed`, `too_many`) takes no
   * `seq` and does not disturb the others. A message's files become its own in the same transaction, and
   * nobody's when it is deleted.
   */
  append(drafts: readonly Draft[]): Promise<readonly (Appended | Refusal)[]>;

  /** The last `seq` of a room; 0 where it does not exist. */
  head(room: string): Promise<number>;

  /** The last `seq` of each of the rooms that exist. */
  heads(rooms: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /**
   * Events with `after < seq <= upTo`, in order: at most `limit`, and no more than about `bytes` after
   * the first. A message and all its edits have the text that everyone sees now: what was edited
   * away, hidden or deleted is not in them.
   */
  events(
    room: string,
    after: number,
    upTo: number,
    limit: number,
    bytes?: number,
  ): Promise<RoomEvent[]>;

  /** The last `limit` messages with `seq < before`, as they now stand. */
  before(room: string, before: number, limit: number): Promise<Page>;

  /** The first `limit` messages with `seq > after`, as they now stand. */
  after(room: string, after: number, limit: number): Promise<Page>;

  /**
   * The last `limit` messages with `seq < before` that hold every phrase of the question, oldest
   * first. Finds words by their beginning, and Chinese, Japanese, Korean and Thai by any part.
   */
  search(room: string, question: string, before: number, limit: number): Promise<Page>;

  /**
   * Takes the next events of all rooms, or of one, into the search index, at most `limit`; resolves
   * to whether there are more. What is not in it yet is not found. A message that cannot be indexed
   * is passed over, logged, and counted (`search_messages_skipped`).
   */
  index(limit: number, room?: string): Promise<boolean>;

  /** A small named value that outlives the process; null where there is none. */
  setting(key: string): Promise<string | null>;
  saveSetting(key: string, value: string): Promise<void>;

  close(): Promise<void>;
}
