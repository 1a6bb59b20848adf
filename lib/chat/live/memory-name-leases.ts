import type { Accounts } from "../../model/people/account.ts";
import { chooseNames, type Holding, type NumberHints } from "../../model/people/choose-names.ts";
import type {
  Bearer,
  NamedBearer,
  NameLeases,
  NameRenewal,
  NameUpdate,
  NameWant,
} from "../../model/people/name-leases.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";

interface Room {
  /** By person. */
  readonly names: Map<string, { readonly name: string; readonly owns: boolean }>;
  /** By skeleton key: those who bear it. */
  readonly holders: Map<string, readonly string[]>;
}

/** The names of the only node there is. */
export class MemoryNameLeases implements NameLeases {
  readonly #rooms = new Map<string, Room>();
  readonly #hints: NumberHints = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly accounts: Pick<Accounts, "ownersOf">) {}

  update(wants: readonly NameWant[], released: readonly Bearer[]): Promise<NameUpdate> {
    return this.#inTurn(async () => {
      for (const bearer of released) this.#drop(bearer);
      const { names, bearings } = await this.#choose(wants);
      const lost: Bearer[] = [];
      for (const { room, person, name, owns } of bearings) {
        this.#drop({ room, person });
        if (name === "") lost.push({ room, person });
        else this.#hold({ room, person, name }, owns);
      }
      return { names, lost, elsewhere: [] };
    });
  }

  preview(want: NameWant): Promise<string | null> {
    return this.#inTurn(async () => (await this.#choose([want])).names[0] ?? null);
  }

  async bearersOf(name: string): Promise<readonly NamedBearer[]> {
    const found = new Map<string, NamedBearer>();
    for (const [room, { names, holders }] of this.#rooms) {
      for (const key of skeletonKeys(name)) {
        for (const person of holders.get(key) ?? []) {
          found.set(`${room}\0${person}`, { room, person, name: names.get(person)?.name ?? "" });
        }
      }
    }
    return [...found.values()];
  }

  async renew(): Promise<NameRenewal> {
    return { lapsed: false, changes: [] };
  }

  async close(): Promise<void> {
    this.#rooms.clear();
  }

  /** One at a time: what is being looked up does not change meanwhile. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #choose(wants: readonly NameWant[]) {
    const lookup = {
      holdings: async (keys: readonly { room: string; key: string }[]) =>
        keys.flatMap(({ room, key }) => this.#holdings(room, key)),
      owners: (keys: readonly string[]) => this.accounts.ownersOf(keys),
      current: ({ room, person }: Bearer) => this.#rooms.get(room)?.names.get(person)?.name ?? "",
    };
    return chooseNames(wants, lookup, this.#hints);
  }

  #holdings(name: string, key: string): Holding[] {
    const room = this.#rooms.get(name);
    const holders = room?.holders.get(key) ?? [];
    return holders.map((person) => {
      return { room: name, key, person, owns: room?.names.get(person)?.owns ?? false };
    });
  }

  #hold({ room: place, person, name }: NamedBearer, owns: boolean): void {
    const room = this.#rooms.get(place) ?? { names: new Map(), holders: new Map() };
    this.#rooms.set(place, room);
    room.names.set(person, { name, owns });
    for (const key of skeletonKeys(name)) {
      room.holders.set(key, [...(room.holders.get(key) ?? []), person]);
    }
  }

  #drop({ room: place, person }: Bearer): void {
    const room = this.#rooms.get(place);
    const bearing = room?.names.get(person);
    if (!room || !bearing) return;
    room.names.delete(person);
    for (const key of skeletonKeys(bearing.name)) {
      const left = (room.holders.get(key) ?? []).filter((other) => other !== person);
      if (left.length > 0) room.holders.set(key, left);
      else room.holders.delete(key);
    }
    if (room.names.size === 0) this.#rooms.delete(place);
  }
}
