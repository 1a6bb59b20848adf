import type { Signal } from "../../model/wire/broker.ts";
import type { Presence } from "../../model/wire/frame.ts";
import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { Author } from "../../model/people/person.ts";
import { type PeopleList, differenceFor, Roster } from "../../model/wire/presence.ts";
import type { Audience } from "./hub.ts";
import { RemotePeople } from "./remote-people.ts";

/**
 * The interval at which a node repeats who is in its rooms. With the lease, a dead node is
 * forgotten within 55 s.
 */
export const BEAT_MS = 20_000;

/**
 * In a room of more people than are listed, the count is sent at intervals of as many milliseconds
 * as there are people, and at most this.
 */
const CROWD_PAUSE_MS = 30_000;

/** Someone who was sent the list of people between two ticks. */
interface Joiner {
  readonly seen: PeopleList;
  readonly begin: (difference: Presence | null) => void;
}

interface BoardRoom {
  /** People on any node, as sent to everyone. */
  readonly all: Roster;
  /** People on this node; the same roster if it is the only one. */
  readonly mine: Roster;
  readonly others: RemotePeople;
  /** Whether another node has asked who is here. */
  asked: boolean;
  /**
   * Set while the room has more people than are listed: the count sent last (null: it differed
   * between readers), and the earliest time for the next.
   */
  directory: { readonly count: number | null; readonly until: number } | null;
  /** Joiners to be updated at the next tick. */
  joiners: Joiner[];
}

export interface PresenceBoardDeps {
  readonly audience: Audience;
  /** Calls back once, a little later. */
  readonly schedule: (tick: () => void) => void;
  /** Sends to the other nodes; null if there can be none. */
  readonly broadcast: ((room: string, signal: Signal) => void) | null;
  /** The id of this node. */
  readonly node: string;
  readonly now: () => number;
}

/**
 * The people in each room. Everyone who follows a room is sent the same differences, at most one a
 * tick, so that all show the same people; in a room of more than 200 only their number, at
 * intervals that grow with it. Each node sends its own people to the others, and repeats them every
 * 20 s: so a dead node is forgotten within a minute, and lost, repeated or reordered signals are
 * corrected within two intervals.
 */
export class PresenceBoard {
  readonly #rooms = new Map<string, BoardRoom>();
  readonly #moved = new Set<string>();
  /** The number of statements sent to other nodes. */
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
   * For someone in the room who was sent `seen`: calls `begin` at the next tick with the changes
   * since. Every frame pushed to the room later is for them too, and none that was pushed before.
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

  /** People in rooms on this node; someone in two rooms counts twice. */
  get count(): number {
    let count = 0;
    for (const { mine } of this.#rooms.values()) count += mine.count;
    return count;
  }

  /** Receives another node's statement; ignores rooms without people here. */
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

  /** Call every `BEAT_MS`: renews this node's leases, and expires those of dead nodes. */
  beat(): void {
    const now = this.deps.now();
    for (const [name, room] of this.#rooms) {
      room.asked = true;
      room.others.expire(now);
      this.#mark(name);
    }
  }

  /**
   * After signals may have been lost: sends this node's people to the others, and asks for theirs.
   */
  refresh(): void {
    const { broadcast: tell, node } = this.deps;
    for (const [name, room] of this.#rooms) {
      room.asked = true;
      tell?.(name, { kind: "who", node });
      this.#mark(name);
    }
  }

  /** Sends pending changes now. */
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

  /** The number of people, or null if it is unchanged or sent later. */
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

/** The changes; everyone, if the room had more people than are listed until now. */
function company(room: BoardRoom): Presence | null {
  const changes = room.all.changes();
  if (!changes && !room.directory) return null;
  const { count } = room.all;
  const joined = room.directory ? room.all.people(count) : (changes?.joined ?? []);
  room.directory = null;
  return { type: "presence", joined, left: changes?.left ?? [], count };
}
