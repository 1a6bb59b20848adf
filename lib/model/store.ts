import type { Refusal } from "./base/errors.ts";
import type { Message, RoomEvent } from "./wire/event.ts";
import type { AuditEntry } from "./people/audit.ts";
import type { Author } from "./people/person.ts";

/** A change to be added to a room's log. `at` is milliseconds since 1970. */
export type Draft = PostedDraft | DeleteDraft;

/** What people post themselves; deletions are authorized and drafted by moderation. */
export type PostedDraft = MessageDraft | EditDraft | ReactDraft;

interface DraftBase {
  /** A room's name, normalized by `roomName`. */
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
  /** Ids of the author's uploads for this room, without repetition. */
  readonly files?: readonly string[];
}
interface ChangeDraft extends DraftBase {
  readonly target: number;
  /** Whether other people's messages may be changed too. */
  readonly anyone: boolean;
}
export interface EditDraft extends ChangeDraft {
  readonly type: "edited";
  readonly text: string;
  readonly html?: string;
  /**
   * `hide` shows everyone `text` instead of the message, whose own text and files are kept; later
   * edits change what is kept. `show` restores it, and ignores `text`.
   */
  readonly visibility?: "hide" | "show";
}
export interface DeleteDraft extends ChangeDraft {
  readonly type: "deleted";
  /** Added to the audit log if the message is deleted, in the same transaction. */
  readonly entry?: AuditEntry | undefined;
}
export interface ReactDraft extends DraftBase {
  readonly type: "reacted";
  readonly target: number;
  readonly emoji: string;
  readonly on: boolean;
}

/**
 * `again`: nothing was stored; `event` is the earlier event with that `id`, or of that reaction.
 */
export interface Appended {
  readonly event: RoomEvent;
  readonly again: boolean;
}

export interface Page {
  /** Oldest first. As JSON they take at most `PIECE_BYTES`, unless a single one is larger. */
  readonly messages: readonly Message[];
  /**
   * Whether there are more in the direction of the query: older for `before`, newer for `after`.
   */
  readonly more: boolean;
}

/** The log of all rooms, the source of truth. Any method rejects if the database fails. */
export interface Store {
  /**
   * Identifies this log. Changes if the log no longer continues what clients saw, as after a
   * restore.
   */
  readonly epoch: string;
  /** 32 random bytes that sign cookies; the same on every node and after every start. */
  readonly secret: Uint8Array;

  /**
   * Stores the drafts in order, in one transaction: when it resolves, all are on disk; when it
   * rejects, none is. Resolves to one result for each draft, in order. Assigns `seq` without a gap
   * in each room, across nodes too. A message whose `id` its author has used in the room before is
   * not stored again. A refused draft (`not_found`, `not_allowed`, `too_many`) takes no `seq` and
   * does not affect the others. A message takes its files, and a deletion releases them, in the
   * same transaction.
   */
  append(drafts: readonly Draft[]): Promise<readonly (Appended | Refusal)[]>;

  /** The last `seq` of a room; 0 if the room does not exist. */
  head(room: string): Promise<number>;

  /** The last `seq` of each of the rooms that exist. */
  heads(rooms: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /**
   * Events with `after < seq <= upTo`, in order: at most `limit`, and about `bytes` in total after
   * the first. A message and all its edits carry the text that everyone sees now; text that was
   * edited away, hidden or deleted is not in them.
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
   * The last `limit` messages with `seq < before` that contain every phrase of the question, oldest
   * first. Matches words by prefix, and Chinese, Japanese, Korean and Thai by any substring.
   */
  search(room: string, question: string, before: number, limit: number): Promise<Page>;

  /**
   * Indexes the next events of all rooms, or of one, at most `limit`; resolves to whether more
   * remain. Events that are not indexed are not found. A message that cannot be indexed is skipped,
   * logged and counted (`search_messages_skipped`).
   */
  index(limit: number, room?: string): Promise<boolean>;

  /** A small named value that survives restarts; null if it was never saved. */
  setting(key: string): Promise<string | null>;
  saveSetting(key: string, value: string): Promise<void>;

  close(): Promise<void>;
}
