import type { Presence } from "../model/frame.ts";
import { PEOPLE_LIMIT } from "../model/limits.ts";
import type { Author } from "../model/person.ts";
import { Roster } from "../model/presence.ts";
import type { Audience } from "./hub.ts";

/**
 * Who is in which room on this node. Joins and leaves go out as differences, together, at most once
 * a tick and room; in a room of more than 200 people only their number, so that one more person
 * costs the same in a room of any size.
 */
export class PresenceBoard {
  readonly #rosters = new Map<string, Roster>();
  readonly #moved = new Set<string>();

  constructor(
    readonly audience: Audience,
    /** Calls back once, a little later. */
    readonly schedule: (tick: () => void) => void,
  ) {}

  enter(room: string, author: Author): void {
    let roster = this.#rosters.get(room);
    if (!roster) {
      roster = new Roster();
      this.#rosters.set(room, roster);
    }
    roster.enter(author);
    this.#mark(room);
  }

  leave(room: string, author: Author): void {
    const roster = this.#rosters.get(room);
    if (!roster) return;
    roster.leave(author.id);
    if (roster.count === 0) this.#rosters.delete(room);
    else this.#mark(room);
  }

  people(room: string): { people: readonly Author[]; count: number } {
    const roster = this.#rosters.get(room);
    return { people: roster?.people(PEOPLE_LIMIT) ?? [], count: roster?.count ?? 0 };
  }

  countIn(room: string): number {
    return this.#rosters.get(room)?.count ?? 0;
  }

  /** People in rooms; who is in two rooms counts twice. */
  get count(): number {
    let count = 0;
    for (const roster of this.#rosters.values()) count += roster.count;
    return count;
  }

  #mark(room: string): void {
    if (this.#moved.size === 0) this.schedule(() => this.#tick());
    this.#moved.add(room);
  }

  #tick(): void {
    const rooms = [...this.#moved];
    this.#moved.clear();
    for (const room of rooms) {
      const roster = this.#rosters.get(room);
      const changes = roster?.changes();
      if (!roster || !changes) continue;
      const { count } = roster;
      const frame: Presence = { type: "presence", ...(count > PEOPLE_LIMIT ? {} : changes), count };
      this.audience.push(room, frame);
    }
  }
}
