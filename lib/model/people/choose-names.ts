import type { Bearer, NamedBearer, NameWant } from "./name-leases.ts";
import { NAME_LIMIT } from "./person.ts";
import { skeletonKey, skeletonKeys } from "./skeleton.ts";

/** Numbers that are looked through from 2 on: later ones are given out in turn. */
const FEW = 9;
/** Numbers of later windows, at least. */
const WINDOW = 8;
/** Names whose last number is remembered. */
const MOST_HINTS = 10_000;

/** One way in which a name that is borne can look. */
export interface Holding extends Bearer {
  readonly key: string;
  readonly owns: boolean;
}

export interface NameLookup {
  /** Who bears names with these skeleton keys in these rooms. */
  holdings(keys: readonly { room: string; key: string }[]): Promise<readonly Holding[]>;
  /** Whose accounts have names with these skeleton keys, by key. */
  owners(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** What the person is called in the room now; empty: nothing. */
  current(bearer: Bearer): string;
}

/** The last number that was given out, by `room` and skeleton key: where to look for the next. */
export type NumberHints = Map<string, number>;

/** What someone bears after the wants were served. */
export interface Bearing extends NamedBearer {
  readonly owns: boolean;
}

export interface Choices {
  /** As in `NameUpdate`. */
  readonly names: readonly (string | null)[];
  /** Everyone who was given a name or lost theirs, once. */
  readonly bearings: readonly Bearing[];
}

/**
 * Serves the wants in order. A name that is taken is given with the first number from 2 to 9 that is
 * free and that is nobody's account, then with the next number that was not given out yet; someone
 * who bears the name with a number already keeps that. Costs one lookup for all wants, and few more
 * where names are taken, however many bear them.
 */
export async function chooseNames(
  wants: readonly NameWant[],
  lookup: NameLookup,
  hints: NumberHints,
): Promise<Choices> {
  const table = new Table(lookup);
  const names = wants.map((): string | null => null);
  let open = wants.map((want, index) => ({ want, index }));
  await table.load(wants.map(({ room, name }) => ({ room, name })));
  open = open.filter(({ want, index }) => {
    const name = table.isFree(want, want.name) ? want.name : keptNumber(want, table.current(want));
    if (name === null) return want.mayNumber;
    names[index] = name;
    table.give(want, name);
    return false;
  });
  const windows = new Map<string, { from: number; size: number }>();
  for (let round = 1; open.length > 0; round += 1) {
    const sizes = Map.groupBy(open, ({ want }) => groupOf(want));
    for (const [group, members] of sizes) {
      const last = windows.get(group);
      const from = last ? Math.max(last.from + last.size, (hints.get(group) ?? FEW) + 1) : 2;
      const size = last ? Math.max(WINDOW, members.length) * 2 ** (round - 2) : FEW - 1;
      windows.set(group, { from, size });
    }
    const variants = (want: NameWant) => {
      const { from, size } = windows.get(groupOf(want)) ?? { from: 2, size: 0 };
      return Array.from({ length: size }, (_, at) => numbered(want.name, from + at));
    };
    const byName = new Map(open.map(({ want }) => [`${want.room}\0${want.name}`, want]));
    const all = [...byName.values()].flatMap((want) =>
      variants(want).map((name) => ({ room: want.room, name })),
    );
    await table.load(all);
    await table.loadOwners(all.map(({ name }) => name));
    /** By room and name: the numbers that are known to be taken. */
    const tried = new Map<string, number>();
    open = open.filter(({ want, index }) => {
      const kept = keptNumber(want, table.current(want));
      if (kept !== null) {
        names[index] = kept;
        return false;
      }
      const same = `${want.room}\0${want.name}`;
      const { from, size } = windows.get(groupOf(want)) ?? { from: 2, size: 0 };
      for (let number = tried.get(same) ?? from; number < from + size; number += 1) {
        tried.set(same, number + 1);
        const name = numbered(want.name, number);
        if (!table.isFree(want, name) || table.isOwned(want, name)) continue;
        names[index] = name;
        table.give(want, name);
        if (number > FEW) remember(hints, groupOf(want), number);
        return false;
      }
      return true;
    });
  }
  return { names, bearings: table.bearings };
}

/** A name with a number that tells it from others; as it is with the first. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const suffix = `-${number}`;
  const base = [...name].slice(0, NAME_LIMIT - suffix.length).join("");
  return `${base.trimEnd()}${suffix}`;
}

/** What they are called now, where that is the name they want with a number; else null. */
function keptNumber({ name, mayNumber }: NameWant, current: string): string | null {
  const [, number] = /-([1-9]\d{0,8})$/.exec(current) ?? [];
  return mayNumber && number !== undefined && numbered(name, Number(number)) === current
    ? current
    : null;
}

function groupOf({ room, name }: NameWant): string {
  return `${room}\0${skeletonKey(name)}`;
}

function remember(hints: NumberHints, group: string, number: number): void {
  if (hints.size >= MOST_HINTS) hints.clear();
  hints.set(group, Math.max(number, hints.get(group) ?? 0));
}

/** What is held, as it was looked up, and what has been given since. */
class Table {
  /** By room and key. */
  readonly #holdings = new Map<string, Holding[]>();
  readonly #owners = new Map<string, string>();
  readonly #keys = new Map<string, readonly string[]>();
  /** Of those who were given a name or lost theirs, by room and person. */
  readonly #given = new Map<string, Bearing>();

  constructor(readonly lookup: NameLookup) {}

  get bearings(): readonly Bearing[] {
    return [...this.#given.values()];
  }

  async load(names: readonly { room: string; name: string }[]): Promise<void> {
    const missing = new Map<string, { room: string; key: string }>();
    for (const { room, name } of names) {
      for (const key of this.#keysOf(name)) {
        const place = `${room}\0${key}`;
        if (!this.#holdings.has(place)) missing.set(place, { room, key });
      }
    }
    for (const place of missing.keys()) this.#holdings.set(place, []);
    for (const holding of await this.lookup.holdings([...missing.values()])) {
      this.#holdings.get(`${holding.room}\0${holding.key}`)?.push(holding);
    }
  }

  async loadOwners(names: readonly string[]): Promise<void> {
    const keys = new Set(names.flatMap((name) => this.#keysOf(name)));
    for (const [key, person] of await this.lookup.owners([...keys])) this.#owners.set(key, person);
  }

  current(bearer: Bearer): string {
    return this.#given.get(`${bearer.room}\0${bearer.person}`)?.name ?? this.lookup.current(bearer);
  }

  isFree(want: NameWant, name: string): boolean {
    return this.#rivals(want, name).every(({ owns }) => want.owns && !owns);
  }

  /** Whether the name is, or looks like, that of another's account. */
  isOwned({ person }: NameWant, name: string): boolean {
    return this.#keysOf(name).some((key) => (this.#owners.get(key) ?? person) !== person);
  }

  /** To be called where it is free: whoever bears it without owning it loses it. */
  give(want: NameWant, name: string): void {
    const { room, person, owns } = want;
    for (const rival of this.#rivals(want, name)) {
      const lost = { room, person: rival.person, name: "", owns: false };
      this.#given.set(`${room}\0${rival.person}`, lost);
    }
    this.#given.set(`${room}\0${person}`, { room, person, name, owns });
    for (const key of this.#keysOf(name)) {
      this.#holdings.get(`${room}\0${key}`)?.push({ room, key, person, owns });
    }
  }

  #rivals({ room, person }: NameWant, name: string): Holding[] {
    return this.#keysOf(name).flatMap((key) =>
      (this.#holdings.get(`${room}\0${key}`) ?? []).filter(
        (holding) => holding.person !== person && this.#holds(holding),
      ),
    );
  }

  /** Whether it is still so. */
  #holds({ room, person, key }: Holding): boolean {
    const given = this.#given.get(`${room}\0${person}`);
    return !given || (given.name !== "" && this.#keysOf(given.name).includes(key));
  }

  #keysOf(name: string): readonly string[] {
    const known = this.#keys.get(name) ?? skeletonKeys(name);
    this.#keys.set(name, known);
    return known;
  }
}
