import type { Refusal } from "./base/errors.ts";
import type { AuditEntry } from "./people/audit.ts";
import type { Author } from "./people/person.ts";
import type { DeleteDraft, EditDraft } from "./store.ts";
import type { RoomEvent } from "./wire/event.ts";

/** Messages of a private talk that a report discloses on each side of the reported one. */
export const REPORT_CONTEXT = 3;

export interface Report {
  readonly id: number;
  readonly room: string;
  readonly seq: number;
  readonly author: Author;
  /** The message's text when it was reported. */
  readonly text: string;
  /** The message's own text now, even while it is hidden; null: it was deleted. */
  readonly present: string | null;
  readonly by: Author;
  readonly reason: string;
  readonly at: number;
  readonly state: "open" | "upheld" | "dismissed";
}

export interface NewReport extends Pick<Report, "room" | "seq" | "by" | "reason" | "at"> {
  /** The subject the report counts for, as in a sanction: an account, or a network of guests. */
  readonly source: string;
}

/** When a reported message is hidden. */
export interface Hiding {
  /** The number of different sources needed among its open reports. */
  readonly sources: number;
  readonly draft: EditDraft;
  readonly entry: AuditEntry;
}

/** Reports of messages, and how they were settled. */
export interface Reports {
  /**
   * Stores a report, at most one for each person and message, and hides the message in the same
   * transaction once enough sources have reported it. Resolves to the event that hid it, or null if
   * this report did not.
   */
  add(report: NewReport, hiding: Hiding, entry: AuditEntry): Promise<RoomEvent | Refusal | null>;
  /** Newest first. `state` null: all. `query` is a substring of any text of the report. */
  list(
    state: Report["state"] | null,
    query: string,
    offset: number,
    limit: number,
  ): Promise<readonly Report[]>;
  /** The open reports of a room, newest first. */
  openIn(room: string, limit: number): Promise<readonly Report[]>;
  byId(id: number): Promise<Report | null>;
  /** Whether the message has an open report. */
  isOpen(room: string, seq: number): Promise<boolean>;
  /**
   * Settles every open report of a message in one transaction with `draft`: its deletion, or the
   * edit that shows it again. Resolves to the resulting event, or null if there was nothing to
   * delete or show. Refuses with `noSuchReport` if the report is no longer open.
   */
  settle(
    report: Pick<Report, "id" | "room" | "seq">,
    state: Report["state"],
    draft: EditDraft | DeleteDraft,
    entry: AuditEntry,
  ): Promise<RoomEvent | Refusal | null>;
}
