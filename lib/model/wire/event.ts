import type { FileInfo } from "../files/file.ts";
import type { Author } from "../people/person.ts";

/**
 * What happened in a room and is kept. In a room `seq` runs 1, 2, 3 … with no gap and no repeat,
 * the same for everyone. These objects are what goes over the wire.
 */
export type RoomEvent = Message | Edited | Deleted | Reacted;

export interface Message {
  readonly type: "message";
  readonly seq: number;
  /** The author's own id for it: the acknowledgement, and the key that makes sending idempotent. */
  readonly id: string;
  readonly author: Author;
  readonly text: string;
  /** Milliseconds since 1970, by the clock of the node that took it. */
  readonly at: number;
  readonly replyTo?: number;
  /** In the order in which they were sent; never empty. */
  readonly files?: readonly FileInfo[];
  /** Safe HTML; only where the text has mark-up. */
  readonly html?: string;
  /** When it was last edited; only in a message as it now stands. */
  readonly editedAt?: number;
  /** Only in a message as it now stands; its text is then empty, here and on disk. */
  readonly deleted?: true;
  /** Who reacted with what, in the order of the first of each; only in a message as it now stands. */
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
  /** The message's files from now on, where that changes: none while it is hidden. */
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
