import type { AuditLog } from "../model/audit.ts";
import type { Observer } from "../model/observer.ts";

/** How long a change of rights may go unheard where the network between nodes loses it. */
export const WATCH_MS = 2_000;
/** What in the log may have taken a right away from someone who is in a room. */
const TAKES = /^(?:ban|mute|flood\.mute|room\.|role|lift|un(?:ban|mute)|report)/;
const MOST = 500;

/**
 * Makes good what the broker lost: follows the audit log, in which every change of rights stands, and
 * has the rooms it names looked at again. One small query each time, and nothing else while nothing
 * happens. For nodes that share a database.
 */
export class RightsWatch {
  /** The newest entry at the last look, and at the one before it. */
  #last: number | null = null;
  #before = 0;

  constructor(
    readonly audit: AuditLog,
    /** Looks again at everyone in a room of this node; empty: in all of them. */
    readonly recheck: (room: string) => void,
    readonly observer: Observer,
  ) {}

  /** Never rejects. */
  async look(): Promise<void> {
    try {
      if (this.#last === null) {
        this.#last = this.#before = await this.audit.last();
        return;
      }
      // From the look before: of two written at once, the one with the lower id may come later.
      const entries = await this.audit.after(this.#before, MOST);
      this.#before = this.#last;
      this.#last = entries.at(-1)?.id ?? this.#last;
      const rooms = entries.filter(({ action }) => TAKES.test(action)).map(({ room }) => room);
      const named = new Set(rooms);
      if (named.has("")) this.recheck("");
      else for (const room of named) this.recheck(room);
    } catch (fault) {
      this.observer.log("warn", "rights not watched", { fault: String(fault) });
    }
  }
}
