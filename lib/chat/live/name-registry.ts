import type { NameClaim } from "../../model/people/bearer.ts";
import type { Author } from "../../model/people/person.ts";
import { skeletonKey } from "../../model/people/skeleton.ts";
import {
  FEW,
  type NameEntry,
  NO_CLAIM,
  numbered,
  type OnContested,
  RoomNames,
  type Verdict,
} from "./room-names.ts";

interface Room {
  readonly hall: RoomNames;
  /** Those here whose name is to be looked at again. */
  readonly contested: Set<string>;
  /** By `look`: the last number that was given to someone who came with it. */
  readonly numbers: Map<string, number>;
}

export interface NameRegistryDeps {
  /** Calls back once, when what other nodes say just now has been heard. */
  readonly schedule: (look: () => void) => void;
  readonly now: () => number;
}

/**
 * Which names are borne in which room, by how they look: of two who are there, one cannot be taken
 * for the other, and one person has one name. Costs the same in a room of any size; who has no name
 * costs nothing. Two who take one name on two nodes, before either was heard of on the other, are
 * contested: every node comes to the same verdict, and the one it falls on yields.
 */
export class NameRegistry {
  readonly #rooms = new Map<string, Room>();

  constructor(readonly deps: NameRegistryDeps) {}

  /** Whether someone else in the room is called that, or looks like it. */
  isTaken(room: string, name: string, person: string): boolean {
    return name !== "" && (this.#rooms.get(room)?.hall.isTaken(name, person) ?? false);
  }

  /** Who bears a name that looks like this one now, in any room, as far as this node knows. */
  async bearersOf(
    name: string,
  ): Promise<readonly { readonly room: string; readonly person: string }[]> {
    return [...this.#rooms].flatMap(([room, { hall }]) =>
      hall.bearers(name).map(({ id }) => ({ room, person: id })),
    );
  }

  /** What someone with a named socket here is called, and by what claim. */
  bearer(room: string, person: string): NameClaim | null {
    return this.#rooms.get(room)?.hall.here.get(person)?.bearer ?? null;
  }

  /** What must become of the name of someone here, by all that is known; null: it stays. */
  verdict(room: string, person: string): Verdict | null {
    return this.#rooms.get(room)?.hall.verdict(person) ?? null;
  }

  /**
   * To be called for each socket that comes in with a name, which is that of all their named sockets
   * from now on. `isTold`: other nodes are told of it; who is known here alone yields to those who are.
   * `onContested` is called, a little later, whenever the name has to be judged; that of a person's
   * first socket counts.
   */
  register(
    room: string,
    { id, name }: Author,
    owns: boolean,
    isTold: boolean,
    asked = name,
    onContested: OnContested = () => undefined,
  ): void {
    if (name === "") return;
    const { hall } = this.#room(room);
    const now = isTold ? this.deps.now() : NO_CLAIM;
    const bearer = { id, name, asked, owns, since: hall.claim(id, asked, now) };
    const plate = hall.here.get(id);
    if (!plate) hall.here.set(id, { bearer, sockets: 1, onContested });
    else {
      plate.sockets += 1;
      hall.hide(plate.bearer);
      plate.bearer = bearer;
    }
    this.#show(room, hall, bearer);
  }

  /** Another name for all of someone's named sockets. */
  rename(room: string, { id, name }: Author, owns: boolean, asked = name): void {
    const hall = this.#rooms.get(room)?.hall;
    const plate = hall?.here.get(id);
    if (!hall || !plate) return;
    const now = plate.bearer.since === NO_CLAIM ? NO_CLAIM : this.deps.now();
    this.#replace(room, hall, plate, { id, name, asked, owns, since: hall.claim(id, asked, now) });
  }

  /** All of someone's named sockets go by what those on another node go by. */
  follow(room: string, bearer: NameClaim): void {
    const hall = this.#rooms.get(room)?.hall;
    const plate = hall?.here.get(bearer.id);
    if (hall && plate) this.#replace(room, hall, plate, bearer);
  }

  /** To be called for each socket that leaves with a name. */
  free(room: string, { id, name }: Author): void {
    const hall = this.#rooms.get(room)?.hall;
    const plate = hall?.here.get(id);
    if (name === "" || !hall || !plate) return;
    plate.sockets -= 1;
    if (plate.sockets > 0) return;
    hall.hide(plate.bearer);
    hall.here.delete(id);
    this.#close(room, hall);
  }

  /**
   * Finds a name for someone: theirs or, where another bears it, the same with the first number that
   * is free, and that nobody owns. `use` is called in the very step in which it is. So many free ones
   * as `skip` says are left to others, who choose at the same time.
   */
  async settle(
    room: string,
    { id, name }: Author,
    isOwned: (name: string) => Promise<boolean>,
    use: (name: string) => void,
    skip = 0,
  ): Promise<void> {
    let left = skip;
    for (let number = 1; ; number = this.#after(room, name, number)) {
      const called = numbered(name, number);
      if (this.isTaken(room, called, id) || left-- > 0) continue;
      if (number > 1 && ((await isOwned(called)) || this.isTaken(room, called, id))) continue;
      use(called);
      return;
    }
  }

  /** The name someone speaks by who has no socket: as `settle`, but it is theirs for this once. */
  async speaker(
    room: string,
    author: Author,
    isOwned: (name: string) => Promise<boolean>,
  ): Promise<Author> {
    let { name } = author;
    if (name !== "") await this.settle(room, author, isOwned, (free) => void (name = free));
    return { id: author.id, name };
  }

  /** What another node tells of one of its people; again where something about them has changed. */
  came(room: string, node: string, bearer: NameClaim): void {
    const { id, name, asked, since } = bearer;
    this.went(room, node, id);
    if (name === "") return;
    const { hall } = this.#room(room);
    const nodes = hall.elsewhere.get(id) ?? new Map<string, NameClaim>();
    hall.elsewhere.set(id, nodes.set(node, bearer));
    this.#show(room, hall, bearer);
    const plate = hall.here.get(id);
    if (!plate) return;
    const own = plate.bearer;
    // One person on two nodes has one claim, the older.
    if (asked === own.asked && since < own.since) {
      this.#replace(room, hall, plate, { ...own, since });
    }
    if (own.name !== name) this.contest(room, id);
  }

  went(room: string, node: string, person: string): void {
    const hall = this.#rooms.get(room)?.hall;
    const nodes = hall?.elsewhere.get(person);
    const bearer = nodes?.get(node);
    if (!hall || !nodes || !bearer) return;
    nodes.delete(node);
    if (nodes.size === 0) hall.elsewhere.delete(person);
    hall.hide(bearer);
    this.#close(room, hall);
  }

  /** Nothing is known of other nodes' people in this room any more. */
  lost(room: string): void {
    const hall = this.#rooms.get(room)?.hall;
    if (!hall) return;
    for (const nodes of hall.elsewhere.values()) {
      for (const bearer of nodes.values()) hall.hide(bearer);
    }
    hall.elsewhere.clear();
    this.#close(room, hall);
  }

  /** Has the name of someone here looked at, a little later. */
  contest(room: string, person: string): void {
    const { contested, hall } = this.#room(room);
    contested.add(person);
    if (contested.size > 1) return;
    this.deps.schedule(() => {
      const people = [...contested];
      contested.clear();
      for (const each of people) hall.here.get(each)?.onContested(room, each);
    });
  }

  #replace(room: string, hall: RoomNames, plate: NameEntry, bearer: NameClaim): void {
    hall.hide(plate.bearer);
    plate.bearer = bearer;
    this.#show(room, hall, bearer);
  }

  #show(room: string, hall: RoomNames, bearer: NameClaim): void {
    for (const person of hall.show(bearer)) this.contest(room, person);
  }

  /** The next number to try: few are looked through, so that a thousand of one name cost no more each. */
  #after(room: string, name: string, number: number): number {
    if (number < FEW) return number + 1;
    const { numbers } = this.#room(room);
    const key = skeletonKey(name);
    const next = (numbers.get(key) ?? FEW) + 1;
    numbers.set(key, next);
    return next;
  }

  #room(name: string): Room {
    const known = this.#rooms.get(name);
    if (known) return known;
    const room = { hall: new RoomNames(), numbers: new Map(), contested: new Set<string>() };
    this.#rooms.set(name, room);
    return room;
  }

  #close(room: string, hall: RoomNames): void {
    if (hall.isEmpty) this.#rooms.delete(room);
  }
}
