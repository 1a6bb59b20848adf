import type { FileInfo } from "../files/file.ts";
import type { Author } from "../people/person.ts";

/**
 * A stored event of a room. In each room `seq` is 1, 2, 3 … without a gap or a repeat, the same for
 * everyone. Sent over the wire as it is.
 */
export type RoomEvent = Message | Edited | Deleted | Reacted;

export interface Message {
  readonly type: "message";
  readonly seq: number;
  /** Chosen by the author. Acknowledges the message, and makes sending idempotent. */
  readonly id: string;
  readonly author: Author;
  readonly text: string;
  /** Milliseconds since 1970, by the clock of the node that accepted it. */
  readonly at: number;
  readonly replyTo?: number;
  /** In the order they were sent; never empty. */
  readonly files?: readonly FileInfo[];
  /** Sanitized HTML; only if the text has mark-up. */
  readonly html?: string;
  /** When it was last edited. Only in a message as it now stands. */
  readonly editedAt?: number;
  /** Only in a message as it now stands; its text is then empty, here and on disk. */
  readonly deleted?: true;
  /**
   * The people behind each emoji, in the order of its first use. Only in a message as it now
   * stands.
   */
  readonly reactions?: Readonly<Record<string, readonly Author[]>>;
}

interface Change {
  readonly seq: number;
  /** The `seq` of the message it changes. */
  readonly target: number;
  readonly author: Author;
  readonly at: number;
}

export interface Edited extends Change {
  readonly type: "edited";
  readonly text: string;
  readonly html?: string;
  /** The message's files from now on, if they change: none while it is hidden. */
  readonly files?: readonly FileInfo[];
}

export interface Deleted extends Change {
  readonly type: "deleted";
}

export interface Reacted extends Change {
  readonly type: "reacted";
  readonly emoji: string;
  readonly on: boolean;
}
