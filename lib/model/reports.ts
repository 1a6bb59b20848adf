import type { Refusal } from "./base/errors.ts";
import type { AuditEntry } from "./people/audit.ts";
import type { Author } from "./people/person.ts";
import type { DeleteDraft, EditDraft } from "./store.ts";
import type { RoomEvent } from "./wire/event.ts";

export interface Report {
  readonly id: number;
  readonly room: string;
  readonly seq: number;
  readonly author: Author;
  /** The message as it was. */
  readonly text: string;
  /** The message's own text as it is now, also while it is hidden; null: it was deleted. */
  readonly present: string | null;
  readonly by: Author;
  readonly reason: string;
  readonly at: number;
  readonly state: "open" | "upheld" | "dismissed";
}

export interface NewReport extends Pick<Report, "room" | "seq" | "by" | "reason" | "at"> {
  /** Whom the report counts for, as a sanction's subject: an account, or a network of guests. */
  readonly source: string;
}

/** What hides a reported message. */
export interface Hiding {
  /** How many sources of open reports it takes. */
  readonly sources: number;
  readonly draft: EditDraft;
  readonly entry: AuditEntry;
}

/** What readers find wrong with messages, and what became of it. */
export interface Reports {
  /**
   * Keeps the report of a message, one of each person, and hides the message in the same transaction
   * where enough have reported it. Resolves to the event that hid it; null where none did now.
   */
  add(report: NewReport, hiding: Hiding, entry: AuditEntry): Promise<RoomEvent | Refusal | null>;
  /** Newest first; `state` null: all. `query` is a part of any of its texts. */
  list(
    state: Report["state"] | null,
    query: string,
    offset: number,
    limit: number,
  ): Promise<readonly Report[]>;
  /** The open reports of a room, newest first. */
  openIn(room: string, limit: number): Promise<readonly Report[]>;
  byId(id: number): Promise<Report | null>;
  /** Whether someone is still to look at a report of the message. */
  isOpen(room: string, seq: number): Promise<boolean>;
  /**
   * Settles every open report of a message in one transaction with `draft`: its deletion, or the
   * edit that shows it again. Resolves to the event of that; null where there was nothing to delete
   * or to show. Refused (`noSuchReport`) where the report is no longer open.
   */
  settle(
    report: Pick<Report, "id" | "room" | "seq">,
    state: Report["state"],
    draft: EditDraft | DeleteDraft,
    entry: AuditEntry,
  ): Promise<RoomEvent | Refusal | null>;
}
