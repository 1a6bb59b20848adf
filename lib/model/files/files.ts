import type { Refusal } from "../base/errors.ts";
import type { FileInfo } from "./file.ts";

/** A stored file. */
export interface StoredFile {
  readonly info: FileInfo;
  /** Whoever may read this room may read the file. */
  readonly room: string;
  /** The id of the uploader, who alone may read and send it while no message has it. */
  readonly author: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The message that has it; null: none yet. */
  readonly seq: number | null;
  /** Bytes of its thumbnail; 0: it has none. */
  readonly thumb: number;
  /** Whether its message is hidden because of reports. */
  readonly isHidden: boolean;
}

/** The file itself, or its thumbnail. */
export type Part = "whole" | "thumb";

/**
 * Files of messages. `Store.append` attaches them to a message, and detaches them from a deleted
 * one, in the message's own transaction.
 */
export interface Files {
  /** Bytes of all files that are not erased yet, on every node. */
  total(): Promise<number>;
  /**
   * The path of a new empty file for an incoming upload; it is lost with the process. Refuses with
   * `diskFull` if `size` more bytes would leave too little disk for messages.
   */
  spool(size: number): Promise<string | Refusal>;
  /**
   * Takes ownership of the files at these paths. When it resolves, the file is on disk and can be
   * found. When it rejects, or the process ends, it is not, and a later `sweep` erases the rest.
   */
  store(file: StoredFile, whole: string, thumb: string | null): Promise<void>;
  /** Null if there is none, or its message was deleted. */
  find(id: string): Promise<StoredFile | null>;
  /** The files of a message that is not deleted, even if it is hidden. */
  of(room: string, seq: number): Promise<readonly FileInfo[]>;
  /** The bytes from `start` to before `end`; null if they are gone. */
  read(
    file: StoredFile,
    part: Part,
    start: number,
    end: number,
  ): Promise<Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null>;
  /**
   * Marks the incoming uploads of nodes that have ended, for `sweep` to erase. Call before the
   * first upload, and periodically.
   */
  tidy(now: number): Promise<void>;
  /** Erases at most `limit` files that no message had by `before`, or that none has any more. */
  sweep(before: number, limit: number): Promise<number>;
}
