import type { AuditEntry, AuditLog } from "../../model/people/audit.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import type { Observer } from "../../model/base/observer.ts";

/** The interval at which lost changes of rights are recovered. */
export const WATCH_MS = 2_000;
/** Changes to one person, or their sessions: the subject, or else the author. */
const OF_PERSON = /^(?:account\.(?:sign-out|password|remove)|role|room\.role)$/;
/** Actions that give a name an owner: the author. */
const OF_NAME = /^(?:account\.claim|setup)$/;
/**
 * Changes to more than the rules of a room: its members, or a sanction for which an older version
 * did not record the subject.
 */
const OF_ROOM = /^(?:room\.(?:open|password|members)|ban|mute|flood\.mute|lift|un(?:ban|mute))$/;
/** Changes to the rules of a room. */
const OF_RULES = /^room\./;
const MOST = 500;

/** Applies changes of rights to this node's open connections. */
export interface RightsListener {
  /**
   * Receives a control of any node, this one included, about one room or `EVERYWHERE`. `isLate`: it
   * was recovered, and may be older than connections open now. Resolves when it holds; never
   * rejects.
   */
  receive(room: string, control: Control, isLate?: boolean): Promise<void>;
}

/**
 * Recovers changes of rights that the broker lost: follows the audit log, which contains every one,
 * and repeats each as a control. Costs one small query each time. For nodes that share a database.
 */
export class RightsWatch {
  /** The newest entry at the last poll, and at the one before. */
  #last: number | null = null;
  #before = 0;
  /** Entries of the last poll, which the next one returns again. */
  #seen: ReadonlySet<number> = new Set();
  #isPolling = false;

  constructor(
    readonly audit: AuditLog,
    readonly rights: RightsListener,
    readonly observer: Observer,
  ) {}

  /** Does nothing while the previous poll is under way. Never rejects. */
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
    // From the poll before: of two concurrent entries, the one with the lower id may be committed
    // later.
    const entries = await this.audit.after(this.#before, MOST);
    this.#before = this.#last;
    this.#last = entries.at(-1)?.id ?? this.#last;
    const news = entries.filter(({ id }) => !this.#seen.has(id));
    this.#seen = new Set(entries.map(({ id }) => id));
    // Equal changes are applied once.
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

/** The control of an audit entry; null if it does not concern open connections. */
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
