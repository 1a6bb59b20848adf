import { type Author, NAME_LIMIT } from "../model/person.ts";
import { look, looks } from "../model/skeleton.ts";

interface Plate {
  readonly person: string;
  /** Sockets of theirs in the room that go by this name. */
  sockets: number;
}

interface Hall {
  /** By look: those with a socket of this node. */
  readonly here: Map<string, Plate>;
  /** By look: the id of someone whom another node has told of. */
  readonly elsewhere: Map<string, string>;
  /** By `look`: the last number that was given to someone who came with it. */
  readonly numbers: Map<string, number>;
}

/** Numbers that are looked through for one that was given back. */
const FEW = 9;

/**
 * Which names are borne in which room, by how they look: of two who are there, one cannot be taken
 * for the other. Costs the same in a room of any size; who has no name costs nothing. What other
 * nodes tell of their people counts too, so two who come by two nodes within the same tenth of a
 * second may still have one name.
 */
export class Nameplates {
  readonly #halls = new Map<string, Hall>();

  /** Whether someone else in the room is called that, or looks like it. */
  isTaken(room: string, name: string, person: string): boolean {
    const hall = this.#halls.get(room);
    if (!hall || name === "") return false;
    return looks(name).some((each) => {
      const bearer = hall.here.get(each)?.person ?? hall.elsewhere.get(each) ?? person;
      return bearer !== person;
    });
  }

  /** To be called for each socket that comes in, whatever its protocol. */
  take(room: string, { id, name }: Author): void {
    if (name === "") return;
    const { here } = this.#hall(room);
    const own = looks(name);
    const known = own.map((each) => here.get(each)).find((plate) => plate?.person === id);
    const plate = known ?? { person: id, sockets: 0 };
    plate.sockets += 1;
    for (const each of own) if (!here.has(each)) here.set(each, plate);
  }

  /** To be called for each that leaves, with the name it came in by. */
  free(room: string, { id, name }: Author): void {
    const hall = this.#halls.get(room);
    if (!hall || name === "") return;
    const own = looks(name).filter((each) => hall.here.get(each)?.person === id);
    const plate = hall.here.get(own[0] ?? "");
    if (!plate) return;
    plate.sockets -= 1;
    if (plate.sockets === 0) for (const each of own) hall.here.delete(each);
    this.#close(room, hall);
  }

  /**
   * Takes a name for someone who comes in: theirs or, where another bears it, the same with the first
   * number that is free, and that nobody owns.
   */
  async settle(
    room: string,
    author: Author,
    isOwned: (name: string) => Promise<boolean>,
  ): Promise<Author> {
    if (author.name === "") return author;
    for (let number = 1; ; number = this.#after(room, author.name, number)) {
      const name = number === 1 ? author.name : numbered(author.name, number);
      if (this.isTaken(room, name, author.id)) continue;
      const settled = { id: author.id, name };
      this.take(room, settled);
      if (number === 1 || !(await isOwned(name))) return settled;
      this.free(room, settled);
    }
  }

  /** The name someone speaks by who has no socket: as `settle`, but it is theirs for this once. */
  async speaker(
    room: string,
    author: Author,
    isOwned: (name: string) => Promise<boolean>,
  ): Promise<Author> {
    const settled = await this.settle(room, author, isOwned);
    this.free(room, settled);
    return settled;
  }

  /** What another node tells of its people. */
  came(room: string, { id, name }: Author): void {
    if (name === "") return;
    const { elsewhere } = this.#hall(room);
    for (const each of looks(name)) if (!elsewhere.has(each)) elsewhere.set(each, id);
  }

  went(room: string, { id, name }: Author): void {
    const hall = this.#halls.get(room);
    if (!hall || name === "") return;
    for (const each of looks(name)) {
      if (hall.elsewhere.get(each) === id) hall.elsewhere.delete(each);
    }
    this.#close(room, hall);
  }

  /** Nothing is known of other nodes' people in this room any more. */
  lost(room: string): void {
    const hall = this.#halls.get(room);
    if (!hall) return;
    hall.elsewhere.clear();
    this.#close(room, hall);
  }

  /** The next number to try: few are looked through, so that a thousand of one name cost no more each. */
  #after(room: string, name: string, number: number): number {
    if (number < FEW) return number + 1;
    const { numbers } = this.#hall(room);
    const key = look(name);
    const next = (numbers.get(key) ?? FEW) + 1;
    numbers.set(key, next);
    return next;
  }

  #hall(room: string): Hall {
    const known = this.#halls.get(room);
    if (known) return known;
    const hall: Hall = { here: new Map(), elsewhere: new Map(), numbers: new Map() };
    this.#halls.set(room, hall);
    return hall;
  }

  #close(room: string, { here, elsewhere }: Hall): void {
    if (here.size === 0 && elsewhere.size === 0) this.#halls.delete(room);
  }
}

function numbered(name: string, number: number): string {
  const suffix = `-${number}`;
  const base = [...name].slice(0, NAME_LIMIT - suffix.length).join("");
  return `${base.trimEnd()}${suffix}`;
}
