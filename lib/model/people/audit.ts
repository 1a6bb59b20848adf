import { type Author, authorOf, botId } from "./person.ts";

/** An action on people or rooms, with its author and reason. Entries are only ever added. */
export interface AuditEntry {
  readonly at: number;
  readonly by: Author;
  /** For example `ban` or `room.lock`. */
  readonly action: string;
  /** Empty: every room. */
  readonly room: string;
  /** The person or thing acted on; empty: the room. */
  readonly subject: string;
  readonly subjectName: string;
  readonly reason: string;
  /** The subjects whose rights changed, as `subjectsOf` writes them, if the entry names any. */
  readonly subjects?: readonly string[];
}

export interface AuditLog {
  add(entry: AuditEntry): Promise<void>;
  /** The id of the newest entry; 0 if there is none. */
  last(): Promise<number>;
  /** The entries after an id, oldest first. */
  after(id: number, limit: number): Promise<readonly (AuditEntry & { readonly id: number })[]>;
  /** Newest first. `query` is a substring of any text of the entry. */
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
