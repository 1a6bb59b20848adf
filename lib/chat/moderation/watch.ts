import type { AuditEntry, AuditLog } from "../../model/people/audit.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import type { Observer } from "../../model/base/observer.ts";

/** How long a change of rights may go unheard where the network between nodes loses it. */
export const WATCH_MS = 2_000;
/** Changes of what one person is, or of their sessions: of the subject, or else of who did it. */
const OF_PERSON = /^(?:account\.(?:sign-out|password|remove)|role|room\.role)$/;
/** Gives a name an owner: the one who did it. */
const OF_NAME = /^(?:account\.claim|setup)$/;
/**
 * Changes more than the rules of its room: who belongs to it, or a sanction of which a node of an
 * older version does not say whose it is.
 */
const OF_ROOM = /^(?:room\.(?:open|password|members)|ban|mute|flood\.mute|lift|un(?:ban|mute))$/;
/** Changes the rules of its room. */
const OF_RULES = /^room\./;
const MOST = 500;

/** Keeps the open connections of this node to what the database says. */
export interface RightsListener {
  /**
   * A control of any node, this one included, about one room or `EVERYWHERE`. `isLate`: it was found
   * in the log, and may be older than connections that are open now. Resolves when it holds; never
   * rejects.
   */
  receive(room: string, control: Control, isLate?: boolean): Promise<void>;
}

/**
 * Makes good what the broker lost: follows the audit log, in which every change of rights stands, and
 * repeats each as the control it was. One small query each time, and nothing else while nothing
 * happens. For nodes that share a database.
 */
export class RightsWatch {
  /** The newest entry at the last look, and at the one before it. */
  #last: number | null = null;
  #before = 0;
  /** Entries of the last look, which come up once more in the next. */
  #seen: ReadonlySet<number> = new Set();
  #isPolling = false;

  constructor(
    readonly audit: AuditLog,
    readonly rights: RightsListener,
    readonly observer: Observer,
  ) {}

  /** Does nothing while the poll before is still under way. Never rejects. */
  async poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      await this.#poll();
    } catch (fault) {
      this.observer.log("warn", "rights not watched", { fault: String(fault) });
    } finally {
      this.#isPolling = false;
    }
  }

  async #poll(): Promise<void> {
    if (this.#last === null) {
      this.#last = this.#before = await this.audit.last();
      return;
    }
    // From the look before: of two written at once, the one with the lower id may come later.
    const entries = await this.audit.after(this.#before, MOST);
    this.#before = this.#last;
    this.#last = entries.at(-1)?.id ?? this.#last;
    const news = entries.filter(({ id }) => !this.#seen.has(id));
    this.#seen = new Set(entries.map(({ id }) => id));
    // Several changes of one room are one change.
    const changes = new Map(news.flatMap((entry) => changeOf(entry) ?? []).map(keyed));
    for (const { room, control } of changes.values())
      await this.rights.receive(room, control, true);
  }
}

interface Change {
  readonly room: string;
  readonly control: Control;
}

function keyed(change: Change): [string, Change] {
  return [JSON.stringify(change), change];
}

/** The control that told of what an entry says; null where no open connection is concerned. */
function changeOf(entry: AuditEntry): Change | null {
  const { action, by, at, subject, reason, subjects = [] } = entry;
  const room = entry.room === "" ? EVERYWHERE : entry.room;
  if (action === "kick") return { room, control: { action, person: subject, reason, at } };
  if (action === "settings") return { room: EVERYWHERE, control: { action } };
  if (OF_NAME.test(action)) {
    return { room: EVERYWHERE, control: { action: "name", name: by.name, owner: by.id } };
  }
  const concerned = OF_PERSON.test(action) ? [personSubject(subject || by.id)] : subjects;
  if (concerned.length > 0) {
    return { room: EVERYWHERE, control: { action: "recheck", subjects: concerned } };
  }
  if (OF_ROOM.test(action)) return { room, control: { action: "everything" } };
  return OF_RULES.test(action) ? { room, control: { action: "rules" } } : null;
}
