import type { Author } from "../people/person.ts";
import type { Presence } from "./frame.ts";
import { PEOPLE_LIMIT } from "./limits.ts";

/** The people of a room as sent to someone: at most `PEOPLE_LIMIT` of `count`. */
export interface PeopleList {
  readonly people: readonly Author[];
  readonly count: number;
}

/** The changes of presence since the last `changes()`. */
export interface PresenceChange {
  readonly joined: readonly Author[];
  readonly left: readonly Author[];
}

interface Entry {
  author: Author;
  connections: number;
  /** As last returned by `changes`; null: not yet, or as having left. */
  announced: Author | null;
}

/**
 * The people in a room: one entry for each person, however many connections they have. Someone who
 * leaves and returns between two calls of `changes` (a reload) has not moved.
 */
export class Roster {
  /** Includes those who have left but are not announced yet. */
  readonly #people = new Map<string, Entry>();
  readonly #moved = new Set<Entry>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  enter(author: Author): void {
    let entry = this.#people.get(author.id);
    if (entry?.connections === 0) {
      // They return, and move behind those who stayed.
      this.#people.delete(author.id);
      this.#people.set(author.id, entry);
    } else if (!entry) {
      entry = { author, connections: 0, announced: null };
      this.#people.set(author.id, entry);
    }
    if (entry.connections === 0) this.#count += 1;
    if (entry.connections === 0 || entry.author.name !== author.name) this.#moved.add(entry);
    entry.connections += 1;
    entry.author = author;
  }

  leave(id: string): void {
    const entry = this.#people.get(id);
    if (!entry || entry.connections === 0) return;
    entry.connections -= 1;
    if (entry.connections > 0) return;
    this.#count -= 1;
    this.#moved.add(entry);
  }

  /** At most `limit` people, in the order they came. */
  people(limit: number): Author[] {
    const some: Author[] = [];
    for (const { author, connections } of this.#people.values()) {
      if (some.length >= limit) break;
      if (connections > 0) some.push(author);
    }
    return some;
  }

  /**
   * The difference since the last call, or null if there is none. A new name counts as `joined`.
   */
  changes(): PresenceChange | null {
    const joined: Author[] = [];
    const left: Author[] = [];
    for (const entry of this.#moved) {
      const { author, connections, announced } = entry;
      if (connections === 0) {
        this.#people.delete(author.id);
        if (announced) left.push(announced);
      } else if (author.name !== announced?.name) {
        joined.push(author);
        entry.announced = author;
      }
    }
    this.#moved.clear();
    return joined.length > 0 || left.length > 0 ? { joined, left } : null;
  }
}

/** The frame that updates someone who was sent `seen`; null: nothing changed. */
export function differenceFor(seen: PeopleList, roster: Roster): Presence | null {
  const { count } = roster;
  if (count > PEOPLE_LIMIT) return seen.count > PEOPLE_LIMIT ? null : { type: "presence", count };
  const people = roster.people(count);
  // A list that was not complete is replaced; see `applyPresence`.
  if (seen.count > PEOPLE_LIMIT) return { type: "presence", joined: people, left: [], count };
  const names = new Map(seen.people.map(({ id, name }) => [id, name]));
  const joined = people.filter(({ id, name }) => names.get(id) !== name);
  for (const { id } of people) names.delete(id);
  const left = seen.people.filter(({ id }) => names.has(id));
  return joined.length + left.length === 0 ? null : { type: "presence", joined, left, count };
}

/**
 * The list of people after one `presence` frame. If everyone in the room is in `joined`, it
 * replaces the list; so lists become complete again after a crowd has left.
 */
export function applyPresence(
  people: ReadonlyMap<string, Author>,
  { joined = [], left = [], count }: Partial<PresenceChange> & { readonly count?: number },
) {
  const next = new Map(joined.length === count ? [] : people);
  for (const gone of left) next.delete(gone.id);
  for (const author of joined) next.set(author.id, author);
  return next;
}
