import { type Author, authorOf, botId } from "./person.ts";

/** Something that was done to people or rooms, by whom and why. Entries are only ever added. */
export interface AuditEntry {
  readonly at: number;
  readonly by: Author;
  /** Such as `ban` or `room.lock`. */
  readonly action: string;
  /** Empty: not about one room. */
  readonly room: string;
  /** Whom or what it was done to; empty where that is the room. */
  readonly subject: string;
  readonly subjectName: string;
  readonly reason: string;
  /** The subjects whose rights it changed, as `subjectsOf` writes them, where it names any. */
  readonly subjects?: readonly string[];
}

export interface AuditLog {
  add(entry: AuditEntry): Promise<void>;
  /** The id of the newest entry; 0 where there is none. */
  last(): Promise<number>;
  /** The entries after an id, oldest first. */
  after(id: number, limit: number): Promise<readonly (AuditEntry & { readonly id: number })[]>;
  /** Newest first. `query` is a part of any of its texts. */
  list(ask: AuditQuery): Promise<readonly (AuditEntry & { readonly id: number })[]>;
}

export interface AuditQuery {
  readonly room: string | null;
  readonly query: string;
  readonly offset: number;
  readonly limit: number;
}

/** The author of what the chat does by itself. */
export const SYSTEM: Author = authorOf(botId("system"), "system");
