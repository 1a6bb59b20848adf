import type { NameClaim } from "../../model/people/bearer.ts";
import type { Signal } from "../../model/wire/broker.ts";
import type { Presence } from "../../model/wire/frame.ts";
import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { Author } from "../../model/people/person.ts";
import { Roster } from "../../model/wire/presence.ts";
import type { Audience } from "./hub.ts";
import type { NameRegistry } from "./name-registry.ts";

/** A node says this often who is in its rooms … */
export const BEAT_MS = 20_000;
/** … and is believed for this long; both together are under the minute after which a dead one is gone. */
const LEASE_MS = 35_000;

/** The number of a directory is told again after as many milliseconds as it has people, and after this. */
const CROWD_PAUSE_MS = 30_000;

interface Guest {
  readonly bearer: NameClaim;
  /** When it is no longer believed, in milliseconds of `now`. */
  until: number;
}

interface BoardRoom {
  /** Who is here by any node: what everyone is shown. */
  readonly all: Roster;
  /** Who is here by this node; the same one where there is no other. */
  readonly mine: Roster;
  /** By node, by person: on lease. */
  readonly others: Map<string, Map<string, Guest>>;
  /** Another node has asked who is here. */
  asked: boolean;
  /** Of a room of more people than are listed: what was told last, and when to tell the next. */
  directory: { readonly count: number; readonly until: number } | null;
}

export interface BoardDeps {
  readonly audience: Audience;
  /** Calls back once, a little later. */
  readonly schedule: (tick: () => void) => void;
  /** Tells the other nodes; null where there can be none. */
  readonly tell: ((room: string, signal: Signal) => void) | null;
  /** This node, among all. */
  readonly node: string;
  readonly now: () => number;
  /** Says by what claim this node's people are called what, and is told of other nodes'. */
  readonly names: Pick<NameRegistry, "bearer" | "came" | "went" | "lost">;
}

/**
 * Who is in which room. Joins and leaves go out as differences, together, at most once a tick and
 * room. In a room of more than 200 people only their number does, and the more seldom the more they
 * are: however many come and go, some thousand of those who are there are told in a second. Each node tells the others of its own people, and again every 20 s: one
 * that dies is forgotten within the minute, and a signal that was lost is made good by the next.
 */
export class PresenceBoard {
  readonly #rooms = new Map<string, BoardRoom>();
  readonly #moved = new Set<string>();

  constructor(readonly deps: BoardDeps) {}

  enter(name: string, author: Author): void {
    let room = this.#rooms.get(name);
    if (!room) {
      const { tell, node } = this.deps;
      const all = new Roster();
      room = {
        all,
        mine: tell ? new Roster() : all,
        others: new Map(),
        asked: false,
        directory: null,
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

  people(name: string): { people: readonly Author[]; count: number } {
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
        for (const bearer of signal.people) this.#believe(name, room, signal.node, bearer);
        break;
      case "gone":
        for (const id of signal.ids) this.#forget(name, room, signal.node, id);
    }
    this.#mark(name);
  }

  /** To be called every `BEAT_MS`: renews this node's leases, and ends those of nodes that are dead. */
  beat(): void {
    const now = this.deps.now();
    for (const [name, room] of this.#rooms) {
      room.asked = true;
      for (const [node, guests] of room.others) {
        for (const [id, { until }] of guests) if (until <= now) this.#forget(name, room, node, id);
      }
      this.#mark(name);
    }
  }

  /** Where signals may have been lost: tells the others who is here, and asks who is there. */
  refresh(): void {
    const { tell, node } = this.deps;
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
      this.#tell(name, room);
      if (room.mine.count === 0) {
        this.#rooms.delete(name);
        this.deps.names.lost(name);
        continue;
      }
      const frame = room.all.count > PEOPLE_LIMIT ? this.#directory(name, room) : company(room);
      if (frame) this.deps.audience.push(name, frame);
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

  #tell(name: string, room: BoardRoom): void {
    const { node, tell } = this.deps;
    if (!tell) return;
    const changes = room.mine.changes();
    const here = room.asked ? room.mine.people(Number.POSITIVE_INFINITY) : changes?.joined;
    room.asked = false;
    if (here && here.length > 0) {
      const people = here.map((author) => this.#bearer(name, author));
      tell(name, { kind: "here", node, people });
    }
    const ids = changes?.left.map(({ id }) => id) ?? [];
    if (ids.length > 0) tell(name, { kind: "gone", node, ids });
  }

  #bearer(room: string, { id, name }: Author): NameClaim {
    const bearer = this.deps.names.bearer(room, id);
    if (bearer?.name === name) return bearer;
    return { id, name, asked: name, since: this.deps.now(), owns: false };
  }

  #believe(name: string, room: BoardRoom, node: string, bearer: NameClaim): void {
    const guests = room.others.get(node) ?? new Map<string, Guest>();
    room.others.set(node, guests);
    const until = this.deps.now() + LEASE_MS;
    const known = guests.get(bearer.id);
    guests.set(bearer.id, { bearer, until });
    if (known && isSame(known.bearer, bearer)) return;
    if (known?.bearer.name !== bearer.name) {
      room.all.enter({ id: bearer.id, name: bearer.name });
      if (known) room.all.leave(bearer.id);
    }
    this.deps.names.came(name, node, bearer);
  }

  #forget(name: string, room: BoardRoom, node: string, id: string): void {
    const guests = room.others.get(node);
    if (!guests?.delete(id)) return;
    room.all.leave(id);
    this.deps.names.went(name, node, id);
    if (guests.size === 0) room.others.delete(node);
  }

  #mark(name: string): void {
    if (this.#moved.size === 0) this.deps.schedule(() => this.tick());
    this.#moved.add(name);
  }
}

function isSame(one: NameClaim, other: NameClaim): boolean {
  const isCalled = one.name === other.name && one.asked === other.asked;
  return isCalled && one.since === other.since && one.owns === other.owns;
}

/** Who came and who went; of those whom a directory has left behind, everyone. */
function company(room: BoardRoom): Presence | null {
  const changes = room.all.changes();
  if (!changes) return null;
  const { count } = room.all;
  const joined = room.directory ? room.all.people(count) : changes.joined;
  room.directory = null;
  return { type: "presence", joined, left: changes.left, count };
}
