import type { Author } from "./person.ts";

/** What changed about who is here since the last `changes()`. */
export interface PresenceChange {
  readonly joined: readonly Author[];
  readonly left: readonly Author[];
}

/**
 * Who is in a room: one entry a person, however many connections they have. Someone who leaves and
 * comes back between two calls of `changes` (a reload) has not moved.
 */
export class Roster {
  readonly #people = new Map<string, { author: Author; connections: number }>();
  readonly #announced = new Map<string, Author>();
  readonly #moved = new Set<string>();

  get count(): number {
    return this.#people.size;
  }

  enter(author: Author): void {
    const known = this.#people.get(author.id);
    if (known) {
      known.connections += 1;
      if (known.author.name !== author.name) {
        known.author = author;
        this.#moved.add(author.id);
      }
      return;
    }
    this.#people.set(author.id, { author, connections: 1 });
    this.#moved.add(author.id);
  }

  leave(id: string): void {
    const known = this.#people.get(id);
    if (!known) return;
    known.connections -= 1;
    if (known.connections > 0) return;
    this.#people.delete(id);
    this.#moved.add(id);
  }

  /** At most `limit` of the people here, first come first. */
  people(limit: number): Author[] {
    const some: Author[] = [];
    for (const { author } of this.#people.values()) {
      if (some.length >= limit) break;
      some.push(author);
    }
    return some;
  }

  /** The difference since the last call, or null where there is none. A new name is a new `joined`. */
  changes(): PresenceChange | null {
    const joined: Author[] = [];
    const left: Author[] = [];
    for (const id of this.#moved) {
      const before = this.#announced.get(id);
      const now = this.#people.get(id)?.author;
      if (now && now.name !== before?.name) {
        joined.push(now);
        this.#announced.set(id, now);
      } else if (!now && before) {
        left.push(before);
        this.#announced.delete(id);
      }
    }
    this.#moved.clear();
    return joined.length > 0 || left.length > 0 ? { joined, left } : null;
  }
}

/** The list of people on a page after one `presence` frame. */
export function applyPresence(
  people: ReadonlyMap<string, Author>,
  change: Partial<PresenceChange>,
) {
  const next = new Map(people);
  for (const gone of change.left ?? []) next.delete(gone.id);
  for (const author of change.joined ?? []) next.set(author.id, author);
  return next;
}
