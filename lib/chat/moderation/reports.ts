import { siteOf } from "../../model/base/address.ts";
import { Refusal } from "../../model/base/errors.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import type { Author } from "../../model/people/person.ts";
import { atLeast } from "../../model/people/role.ts";
import { type Access, authorize } from "../../model/rooms/authorize.ts";
import type { Report } from "../../model/reports.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import { networkSubject, personSubject } from "../../model/rooms/sanction.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { ReportInfo } from "../../model/wire/moderation.ts";
import { type Actor, type Moderate, NO_MESSAGE } from "./moderate.ts";

/** The number of sources whose reports hide a message. */
const HIDE_AT = 3;
/** The most people who are reminded of a report. */
const MOST_KEEPERS = 50;
/** The most open reports of a room shown at once. */
const MOST_OPEN = 50;
/** How long a new account counts as a guest, since anyone can create several. */
const NEW_MS = 24 * 60 * 60 * 1000;

/** Shown instead of a hidden message. */
export const HIDDEN_TEXT = "[hidden until it has been looked at · 等待查看，暂时隐藏]";

/** Reports of messages, and their settlement. */
export class Reports {
  constructor(
    readonly moderate: Moderate,
    /** Delivers new events of a room. */
    readonly publish: (room: string, events: readonly RoomEvent[]) => void,
  ) {}

  /** Stores a report, and hides the message if it has enough of them. */
  async report(actor: Actor, seq: number, reason: string): Promise<Refusal | null> {
    const { records, now } = this.moderate.deps;
    const { room, author: by, access } = actor;
    const at = now();
    const refusal = authorize(access, "report", at);
    if (refusal) return refusal;
    const message = await this.moderate.message(room, seq);
    if (!message) return NO_MESSAGE;
    const change = { type: "edited", room, author: SYSTEM, target: seq, at, anyone: true } as const;
    const event = await records.reports.add(
      { room, seq, by, source: sourceOf(actor, at), reason, at },
      {
        sources: (await this.#hidesAlone(actor, message.author)) ? 1 : HIDE_AT,
        draft: { ...change, text: HIDDEN_TEXT, visibility: "hide" },
        entry: this.moderate.entry({ ...actor, author: SYSTEM }, "report.hide", null, `#${seq}`),
      },
      this.moderate.entry(actor, "report", message.author, reason),
    );
    if (!(event instanceof Refusal)) await this.#remind(room, seq, by, at);
    return this.#finish(room, event);
  }

  /** The open reports of the room's messages that still exist, for those who may settle them. */
  async open(actor: Actor): Promise<readonly ReportInfo[] | Refusal> {
    const refusal = authorize(actor.access, "delete-any", this.moderate.deps.now());
    return refusal ?? this.openIn(actor.room);
  }

  async openIn(room: string): Promise<readonly ReportInfo[]> {
    const reports = await this.moderate.deps.records.reports.openIn(room, MOST_OPEN);
    const standing = reports.filter(({ present }) => present !== null);
    return standing.map(({ id, seq, author, text, by, reason, at }) => {
      return { id, seq, author, text, by, reason, at };
    });
  }

  /** Deletes the message (`upheld`), or shows it again if it was hidden. */
  async settle(actor: Actor, id: number, state: "upheld" | "dismissed"): Promise<Refusal | null> {
    const { records, now } = this.moderate.deps;
    const report = await records.reports.byId(id);
    const refusal = await this.#refuse(actor, report, state);
    if (refusal) return refusal;
    if (!report || report.room !== actor.room) return new Refusal("noSuchReport");
    const { room, seq: target, author, reason } = report;
    const change = { room, target, at: now(), anyone: true } as const;
    const event = await records.reports.settle(
      report,
      state,
      state === "upheld"
        ? { type: "deleted", ...change, author: actor.author }
        : { type: "edited", ...change, author: SYSTEM, text: "", visibility: "show" },
      this.moderate.entry(actor, `report.${state}`, author, reason),
    );
    if (!(event instanceof Refusal)) {
      this.moderate.deps.tellInboxes(await records.inbox.finishItem(itemId(room, target), null));
    }
    return this.#finish(room, event);
  }

  /**
   * Puts a report into the inboxes of possible settlers; their rights are checked when it is sent.
   */
  async #remind(room: string, seq: number, author: Author, at: number): Promise<void> {
    const { records, tellInboxes } = this.moderate.deps;
    const keepers = await records.inbox.keepers(room, MOST_KEEPERS);
    const item = { id: itemId(room, seq), kind: "report", room, seq, author, at } as const;
    const people = keepers.filter((person) => person !== author.id);
    tellInboxes(await records.inbox.addItem(people, item));
  }

  /** Whether someone who may not enter may still see a message, to settle its reports. */
  async maySee({ account, rules }: Access, room: string, seq: number): Promise<boolean> {
    if (rules.kind !== "direct" || account?.role !== "admin") return false;
    return this.moderate.deps.records.reports.isOpen(room, seq);
  }

  /**
   * Why someone may not settle a report. Reports from private talks are settled by administrators
   * alone.
   */
  async #refuse(
    actor: Actor,
    report: Report | null,
    state: "upheld" | "dismissed",
  ): Promise<Refusal | null> {
    const { access } = actor;
    if (access.rules.kind === "direct") {
      return access.account?.role === "admin" ? null : new Refusal("adminsOnly");
    }
    return (
      authorize(access, "delete-any", this.moderate.deps.now()) ??
      (report && state === "upheld" ? this.moderate.refuseDeletion(actor, report.author) : null)
    );
  }

  /** Whether a single report suffices: from a moderator who could delete the message. */
  async #hidesAlone(actor: Actor, author: Author): Promise<boolean> {
    if (!atLeast(actor.access.role, "moderator")) return false;
    return (await this.moderate.refuseDeletion(actor, author)) === null;
  }

  async #finish(room: string, event: RoomEvent | Refusal | null): Promise<Refusal | null> {
    if (event instanceof Refusal) return event;
    if (event) this.publish(room, [event]);
    if (!isDirectName(room)) await this.moderate.deps.broadcast(room, { action: "reports" });
    return null;
  }
}

/** All reports of one message are one item. */
function itemId(room: string, seq: number): string {
  return `report:${room}:${seq}`;
}

/**
 * The source that a report counts for: an account or, for guests and new accounts, their network.
 */
function sourceOf({ author, access }: Actor, at: number): string {
  const { account, role, network } = access;
  const isSettled = account !== null && at - account.createdAt >= NEW_MS;
  return isSettled || atLeast(role, "moderator")
    ? personSubject(author.id)
    : networkSubject(siteOf(network) ?? network);
}
