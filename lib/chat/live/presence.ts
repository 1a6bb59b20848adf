import type { Signal } from "../../model/wire/broker.ts";
import type { Presence } from "../../model/wire/frame.ts";
import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { Author } from "../../model/people/person.ts";
import { type PeopleList, differenceFor, Roster } from "../../model/wire/presence.ts";
import type { Audience } from "./hub.ts";
import { RemotePeople } from "./remote-people.ts";

/** How often a node says who is in its rooms. With the lease, a dead node is forgotten in 55 s. */
export const BEAT_MS = 20_000;

/** The number of a directory is told again after as many milliseconds as it has people, and after this. */
const CROWD_PAUSE_MS = 30_000;

/** Someone who was shown the room between two ticks. */
interface Joiner {
  readonly seen: PeopleList;
  readonly begin: (difference: Presence | null) => void;
}

interface BoardRoom {
  /** Who is here by any node: what everyone is shown. */
  readonly all: Roster;
  /** Who is here by this node; the same one where there is no other. */
  readonly mine: Roster;
  readonly others: RemotePeople;
  /** Another node has asked who is here. */
  asked: boolean;
  /**
   * Set while the room has more people than are listed: the number that everyone was told last (null:
   * not everyone the same), and when the next may be told.
   */
  directory: { readonly count: number | null; readonly until: number } | null;
  /** To be brought to what everyone else has been told, with the next tick. */
  joiners: Joiner[];
}

export interface PresenceBoardDeps {
  readonly audience: Audience;
  /** Calls back once, a little later. */
  readonly schedule: (tick: () => void) => void;
  /** Tells the other nodes; null where there can be none. */
  readonly broadcast: ((room: string, signal: Signal) => void) | null;
  /** This node, among all. */
  readonly node: string;
  readonly now: () => number;
}

/**
 * Keeps who is in which room. Everyone who follows a room is told the same differences, at most once
 * a tick, so that all of them show the same people; in a room of more than 200 they are told only how
 * many there are, the less often the more there are. Each node tells the others of its own people,
 * and again every 20 s: a node that dies is forgotten within the minute, and signals that were lost,
 * repeated or reordered are made good within two beats.
 */
export class PresenceBoard {
  readonly #rooms = new Map<string, BoardRoom>();
  readonly #moved = new Set<string>();
  /** Statements made to the other nodes so far. */
  #statements = 0;

  constructor(readonly deps: PresenceBoardDeps) {}

  enter(name: string, author: Author): void {
    let room = this.#rooms.get(name);
    if (!room) {
      const { broadcast: tell, node } = this.deps;
      const all = new Roster();
      room = {
        all,
        mine: tell ? new Roster() : all,
        others: new RemotePeople(all),
        asked: false,
        directory: null,
        joiners: [],
      };
      this.#rooms.set(name, room);
      tell?.(name, { kind: "who", node });
    }
    room.all.enter(author);
    if (room.mine !== room.all) room.mine.enter(author);
    this.#mark(name);
  }

  leave(name: string, author: Author): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.all.leave(author.id);
    if (room.mine !== room.all) room.mine.leave(author.id);
    this.#mark(name);
  }

  /**
   * For someone who is in the room and was shown `seen`: calls `begin` with the next tick, with what
   * has changed for them since. Every frame that is pushed to the room later is for them too, and
   * none that was pushed before.
   */
  follow(name: string, seen: PeopleList, begin: Joiner["begin"]): void {
    const room = this.#rooms.get(name);
    if (!room) return;
    room.joiners.push({ seen, begin });
    this.#mark(name);
  }

  people(name: string): PeopleList {
    const all = this.#rooms.get(name)?.all;
    return { people: all?.people(PEOPLE_LIMIT) ?? [], count: all?.count ?? 0 };
  }

  countIn(name: string): number {
    return this.#rooms.get(name)?.all.count ?? 0;
  }

  /** People in rooms by this node; who is in two rooms counts twice. */
  get count(): number {
    let count = 0;
    for (const { mine } of this.#rooms.values()) count += mine.count;
    return count;
  }

  /** What another node says. Rooms nobody is in here are none of this node's business. */
  receive(name: string, signal: Extract<Signal, { kind: "here" | "gone" | "who" }>): void {
    const room = this.#rooms.get(name);
    if (!room || signal.node === this.deps.node) return;
    switch (signal.kind) {
      case "who":
        room.asked = true;
        break;
      case "here":
      case "gone":
        room.others.receive(signal, this.deps.now());
    }
    this.#mark(name);
  }

  /** To be called every `BEAT_MS`: renews this node's leases, and ends those of nodes that are dead. */
  beat(): void {
    const now = this.deps.now();
    for (const [name, room] of this.#rooms) {
      room.asked = true;
      room.others.expire(now);
      this.#mark(name);
    }
  }

  /** Where signals may have been lost: tells the others who is here, and asks who is there. */
  refresh(): void {
    const { broadcast: tell, node } = this.deps;
    for (const [name, room] of this.#rooms) {
      room.asked = true;
      tell?.(name, { kind: "who", node });
      this.#mark(name);
    }
  }

  /** Says now what would be said with the next tick. */
  tick(): void {
    const names = [...this.#moved];
    this.#moved.clear();
    for (const name of names) {
      const room = this.#rooms.get(name);
      if (!room) continue;
      this.#broadcast(name, room);
      if (room.mine.count === 0) {
        this.#rooms.delete(name);
        continue;
      }
      const frame = room.all.count > PEOPLE_LIMIT ? this.#directory(name, room) : company(room);
      if (frame) this.deps.audience.push(name, frame);
      for (const { seen, begin } of room.joiners.splice(0)) {
        begin(differenceFor(seen, room.all));
        if (!room.directory || room.directory.count === seen.count) continue;
        room.directory = { ...room.directory, count: null };
        this.#mark(name);
      }
    }
  }

  /** The number of people, or null where it has not changed or is told a little later. */
  #directory(name: string, room: BoardRoom): Presence | null {
    const now = this.deps.now();
    const { count } = room.all;
    if (room.directory && now < room.directory.until) {
      this.#mark(name);
      return null;
    }
    room.all.changes();
    if (room.directory?.count === count) return null;
    room.directory = { count, until: now + Math.min(count, CROWD_PAUSE_MS) };
    return { type: "presence", count };
  }

  #broadcast(name: string, room: BoardRoom): void {
    const { node, broadcast: tell } = this.deps;
    if (!tell) return;
    const changes = room.mine.changes();
    const here = room.asked ? room.mine.people(Number.POSITIVE_INFINITY) : changes?.joined;
    const total = room.asked && here ? { total: here.length } : {};
    room.asked = false;
    const at = (this.#statements += 1);
    if (here && here.length > 0) {
      tell(name, { kind: "here", node, at, ...total, people: here });
    }
    const ids = changes?.left.map(({ id }) => id) ?? [];
    if (ids.length > 0) tell(name, { kind: "gone", node, at, ids });
  }

  #mark(name: string): void {
    if (this.#moved.size === 0) this.deps.schedule(() => this.tick());
    this.#moved.add(name);
  }
}

/** Who came and who went; everyone, where the room had more people than are listed until now. */
function company(room: BoardRoom): Presence | null {
  const changes = room.all.changes();
  if (!changes && !room.directory) return null;
  const { count } = room.all;
  const joined = room.directory ? room.all.people(count) : (changes?.joined ?? []);
  room.directory = null;
  return { type: "presence", joined, left: changes?.left ?? [], count };
}
