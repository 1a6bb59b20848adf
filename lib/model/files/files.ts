import type { Refusal } from "../base/errors.ts";
import type { FileInfo } from "./file.ts";

/** A file as it is kept. */
export interface StoredFile {
  readonly info: FileInfo;
  /** Whoever may read this room may read it. */
  readonly room: string;
  /** The id of who uploaded it: alone to see it, and to send it, while it is in no message. */
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The message it is in; null before it was sent. */
  readonly seq: number | null;
  /** Bytes of its small picture; 0: it has none. */
  readonly thumb: number;
  /** Whether its message is hidden until someone has looked at a report. */
  readonly isHidden: boolean;
}

/** The file itself, or the small picture made of it. */
export type Part = "whole" | "thumb";

/**
 * Files of messages. `Store.append` puts them into a message, and takes them out of one that is
 * deleted, in the message's own transaction.
 */
export interface Files {
  /** Bytes of all files that are not erased yet, of every node. */
  total(): Promise<number>;
  /**
   * The path of a new empty file for an upload on its way; lost with the process. `diskFull` where
   * `size` more bytes would leave the disk too little for messages.
   */
  spool(size: number): Promise<string | Refusal>;
  /**
   * Takes over what lies at these paths. When it resolves the file is on disk, and found; where it
   * rejects, or the process ends, it is not, and what is left of it goes with a later `sweep`.
   */
  store(file: StoredFile, whole: string, thumb: string | null): Promise<void>;
  /** Null where there is none, or its message was deleted. */
  find(id: string): Promise<StoredFile | null>;
  /** Those of a message that is not deleted, also where it is hidden. */
  of(room: string, seq: number): Promise<readonly FileInfo[]>;
  /** Its bytes from `start` to before `end`; null where they are gone. */
  read(
    file: StoredFile,
    part: Part,
    start: number,
    end: number,
  ): Promise<Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null>;
  /**
   * Ends what nodes that are gone have left of uploads on their way: `sweep` erases it. To be called
   * before the first upload, and from time to time.
   */
  tidy(now: number): Promise<void>;
  /** Erases, at most `limit` of them, files that were in no message by `before`, or are in none now. */
  sweep(before: number, limit: number): Promise<number>;
}
