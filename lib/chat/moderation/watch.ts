import type { AuditEntry, AuditLog } from "../../model/people/audit.ts";
import type { Control } from "../../model/wire/control.ts";
import type { Observer } from "../../model/base/observer.ts";

/** How long a change of rights may go unheard where the network between nodes loses it. */
export const WATCH_MS = 2_000;
/** What in the log may have taken a right away from someone who is in a room. */
const TAKES = /^(?:ban|mute|flood\.mute|room\.|lift|un(?:ban|mute)|report)/;
/** What may have ended sessions, of whom it was done to or else of who did it. */
const ENDS = /^(?:account\.(?:sign-out|password|remove)|role)$/;
/** What gave a name an owner: the one who did it. */
const CLAIMS = /^(?:account\.claim|setup)$/;
const MOST = 500;

/** Those who keep open sockets to what the database says. */
export interface Rights {
  /** Looks again at everyone in a room of this node; empty: in all of them. */
  recheckIn(room: string): void;
  /** … at one person, and at whether they are still signed in. */
  recheckPerson(person: string): void;
  /** … at who bears a name that has an owner now. */
  recheckName(name: string, owner: string): void;
  /** … at the settings that can change while it runs. */
  recheckSettings(): void;
}

/** … and are told of each change as it comes. */
export interface RightsListener extends Rights {
  /** A control from any node, this one included: about one room, or `EVERYWHERE`. */
  receive(room: string, control: Control): void;
}

/**
 * Makes good what the broker lost: follows the audit log, in which every change of rights stands, and
 * has those it names looked at again. One small query each time, and nothing else while nothing
 * happens. For nodes that share a database.
 */
export class RightsWatch {
  /** The newest entry at the last look, and at the one before it. */
  #last: number | null = null;
  #before = 0;

  constructor(
    readonly audit: AuditLog,
    readonly rights: Rights,
    readonly observer: Observer,
  ) {}

  /** Never rejects. */
  async poll(): Promise<void> {
    try {
      if (this.#last === null) {
        this.#last = this.#before = await this.audit.last();
        return;
      }
      // From the look before: of two written at once, the one with the lower id may come later.
      const entries = await this.audit.after(this.#before, MOST);
      this.#before = this.#last;
      this.#last = entries.at(-1)?.id ?? this.#last;
      this.#recheck(entries);
    } catch (fault) {
      this.observer.log("warn", "rights not watched", { fault: String(fault) });
    }
  }

  #recheck(entries: readonly AuditEntry[]): void {
    const rooms = new Set<string>();
    const people = new Set<string>();
    for (const { action, room, subject, by } of entries) {
      if (TAKES.test(action)) rooms.add(room);
      if (ENDS.test(action)) people.add(subject || by.id);
      if (CLAIMS.test(action)) this.rights.recheckName(by.name, by.id);
    }
    if (entries.some(({ action }) => action === "settings")) this.rights.recheckSettings();
    for (const person of people) this.rights.recheckPerson(person);
    if (rooms.has("")) this.rights.recheckIn("");
    else for (const room of rooms) this.rights.recheckIn(room);
  }
}
