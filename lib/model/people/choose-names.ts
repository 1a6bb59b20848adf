import type { NameHolder, HeldName, NameRequest } from "./name-leases.ts";
import { NAME_LIMIT } from "./person.ts";
import { skeletonKey, skeletonKeys } from "./skeleton.ts";

/** The highest number that is always tried in order, starting at 2. */
const FEW = 9;
/** The least size of a later window of numbers. */
const WINDOW = 8;
/** The most names whose last number is remembered. */
const MOST_HINTS = 10_000;

/** One skeleton key of a name that is held. */
export interface KeyHolding extends NameHolder {
  readonly key: string;
  readonly owns: boolean;
}

export interface NameLookup {
  /** The holders of names with these skeleton keys in these rooms. */
  holdings(keys: readonly { room: string; key: string }[]): Promise<readonly KeyHolding[]>;
  /** The owners of accounts whose names have these skeleton keys, by key. */
  owners(keys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The person's current name in the room; empty: none. */
  current(holder: NameHolder): string;
}

/** The last number assigned, by room and skeleton key: the search for the next one starts there. */
export type NumberHints = Map<string, number>;

/** A person's name after the requests were served; empty: they lost it. */
export interface NameAssignment extends HeldName {
  readonly owns: boolean;
}

export interface ChosenNames {
  /** As in `NameUpdate`. */
  readonly names: readonly (string | null)[];
  /** Everyone who gained or lost a name, once. */
  readonly assignments: readonly NameAssignment[];
}

/**
 * Serves the requests in order. A taken name is assigned with the first number from 2 to 9 that is
 * free and belongs to no account, otherwise with the next number not yet assigned. A person who
 * already holds the name with a number keeps it. Takes one lookup for all requests, and a few more
 * if names are taken, however many people hold them.
 */
export async function chooseNames(
  requests: readonly NameRequest[],
  lookup: NameLookup,
  hints: NumberHints,
): Promise<ChosenNames> {
  const table = new NameTable(lookup);
  const names = requests.map((): string | null => null);
  let open = requests.map((request, index) => ({ request, index }));
  await table.load(requests.map(({ room, name }) => ({ room, name })));
  open = open.filter(({ request, index }) => {
    const name = table.isFree(request, request.name)
      ? request.name
      : keptNumber(request, table.current(request));
    if (name === null) return request.mayNumber;
    names[index] = name;
    table.assign(request, name);
    return false;
  });
  const windows = new Map<string, { from: number; size: number }>();
  for (let round = 1; open.length > 0; round += 1) {
    const sizes = Map.groupBy(open, ({ request }) => groupOf(request));
    for (const [group, members] of sizes) {
      const last = windows.get(group);
      const from = last ? Math.max(last.from + last.size, (hints.get(group) ?? FEW) + 1) : 2;
      const size = last ? Math.max(WINDOW, members.length) * 2 ** (round - 2) : FEW - 1;
      windows.set(group, { from, size });
    }
    const variants = (request: NameRequest) => {
      const { from, size } = windows.get(groupOf(request)) ?? { from: 2, size: 0 };
      return Array.from({ length: size }, (_, at) => numbered(request.name, from + at));
    };
    const byName = new Map(
      open.map(({ request }) => [`${request.room}\0${request.name}`, request]),
    );
    const all = [...byName.values()].flatMap((request) =>
      variants(request).map((name) => ({ room: request.room, name })),
    );
    await table.load(all);
    await table.loadOwners(all.map(({ name }) => name));
    /** The next number to try, by room and name. */
    const tried = new Map<string, number>();
    open = open.filter(({ request, index }) => {
      const kept = keptNumber(request, table.current(request));
      if (kept !== null) {
        names[index] = kept;
        return false;
      }
      const same = `${request.room}\0${request.name}`;
      const { from, size } = windows.get(groupOf(request)) ?? { from: 2, size: 0 };
      for (let number = tried.get(same) ?? from; number < from + size; number += 1) {
        tried.set(same, number + 1);
        const name = numbered(request.name, number);
        if (!table.isFree(request, name) || table.isOwned(request, name)) continue;
        names[index] = name;
        table.assign(request, name);
        if (number > FEW) remember(hints, groupOf(request), number);
        return false;
      }
      return true;
    });
  }
  return { names, assignments: table.assignments };
}

/** A name with a number; number 1 leaves it unchanged. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const suffix = `-${number}`;
  const base = [...name].slice(0, NAME_LIMIT - suffix.length).join("");
  return `${base.trimEnd()}${suffix}`;
}

/** Their current name, if it is the requested one with a number; otherwise null. */
function keptNumber({ name, mayNumber }: NameRequest, current: string): string | null {
  const [, number] = /-([1-9]\d{0,8})$/.exec(current) ?? [];
  return mayNumber && number !== undefined && numbered(name, Number(number)) === current
    ? current
    : null;
}

function groupOf({ room, name }: NameRequest): string {
  return `${room}\0${skeletonKey(name)}`;
}

function remember(hints: NumberHints, group: string, number: number): void {
  if (hints.size >= MOST_HINTS) hints.clear();
  hints.set(group, Math.max(number, hints.get(group) ?? 0));
}

/** The names held, as looked up, with the assignments made since. */
class NameTable {
  /** By room and key. */
  readonly #holdings = new Map<string, KeyHolding[]>();
  readonly #owners = new Map<string, string>();
  readonly #keys = new Map<string, readonly string[]>();
  /** By room and person, of those who gained or lost a name. */
  readonly #given = new Map<string, NameAssignment>();

  constructor(readonly lookup: NameLookup) {}

  get assignments(): readonly NameAssignment[] {
    return [...this.#given.values()];
  }

  async load(names: readonly { room: string; name: string }[]): Promise<void> {
    const missing = new Map<string, { room: string; key: string }>();
    for (const { room, name } of names) {
      for (const key of this.#keysOf(name)) {
        const id = `${room}\0${key}`;
        if (!this.#holdings.has(id)) missing.set(id, { room, key });
      }
    }
    for (const id of missing.keys()) this.#holdings.set(id, []);
    for (const holding of await this.lookup.holdings([...missing.values()])) {
      this.#holdings.get(`${holding.room}\0${holding.key}`)?.push(holding);
    }
  }

  async loadOwners(names: readonly string[]): Promise<void> {
    const keys = new Set(names.flatMap((name) => this.#keysOf(name)));
    for (const [key, person] of await this.lookup.owners([...keys])) this.#owners.set(key, person);
  }

  current(holder: NameHolder): string {
    return this.#given.get(`${holder.room}\0${holder.person}`)?.name ?? this.lookup.current(holder);
  }

  isFree(request: NameRequest, name: string): boolean {
    return this.#rivals(request, name).every(({ owns }) => request.owns && !owns);
  }

  /** Whether the name belongs to another person's account, or looks like it. */
  isOwned({ person }: NameRequest, name: string): boolean {
    return this.#keysOf(name).some((key) => (this.#owners.get(key) ?? person) !== person);
  }

  /** Assigns a free name. Holders who do not own it lose it. */
  assign(request: NameRequest, name: string): void {
    const { room, person, owns } = request;
    for (const rival of this.#rivals(request, name)) {
      const lost = { room, person: rival.person, name: "", owns: false };
      this.#given.set(`${room}\0${rival.person}`, lost);
    }
    this.#given.set(`${room}\0${person}`, { room, person, name, owns });
    for (const key of this.#keysOf(name)) {
      this.#holdings.get(`${room}\0${key}`)?.push({ room, key, person, owns });
    }
  }

  #rivals({ room, person }: NameRequest, name: string): KeyHolding[] {
    return this.#keysOf(name).flatMap((key) =>
      (this.#holdings.get(`${room}\0${key}`) ?? []).filter(
        (holding) => holding.person !== person && this.#isCurrent(holding),
      ),
    );
  }

  /** Whether the holding still applies. */
  #isCurrent({ room, person, key }: KeyHolding): boolean {
    const given = this.#given.get(`${room}\0${person}`);
    return !given || (given.name !== "" && this.#keysOf(given.name).includes(key));
  }

  #keysOf(name: string): readonly string[] {
    const known = this.#keys.get(name) ?? skeletonKeys(name);
    this.#keys.set(name, known);
    return known;
  }
}
