import type { Accounts } from "../../model/people/account.ts";
import { chooseNames, type KeyHolding, type NumberHints } from "../../model/people/choose-names.ts";
import type {
  NameHolder,
  HeldName,
  NameLeases,
  NameRenewal,
  NameUpdate,
  NameRequest,
} from "../../model/people/name-leases.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";

interface Room {
  /** By person. */
  readonly names: Map<string, { readonly name: string; readonly owns: boolean }>;
  /** By skeleton key, the people who hold it. */
  readonly holders: Map<string, readonly string[]>;
}

/** Name leases of a single node. */
export class MemoryNameLeases implements NameLeases {
  readonly #rooms = new Map<string, Room>();
  readonly #hints: NumberHints = new Map();
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly accounts: Pick<Accounts, "ownersOf">) {}

  update(requests: readonly NameRequest[], released: readonly NameHolder[]): Promise<NameUpdate> {
    return this.#inTurn(async () => {
      for (const holder of released) this.#drop(holder);
      const { names, assignments } = await this.#choose(requests);
      const lost: NameHolder[] = [];
      for (const { room, person, name, owns } of assignments) {
        this.#drop({ room, person });
        if (name === "") lost.push({ room, person });
        else this.#hold({ room, person, name }, owns);
      }
      return { names, lost, elsewhere: [] };
    });
  }

  preview(request: NameRequest): Promise<string | null> {
    return this.#inTurn(async () => (await this.#choose([request])).names[0] ?? null);
  }

  async holdersOf(name: string): Promise<readonly HeldName[]> {
    const found = new Map<string, HeldName>();
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

  /** One at a time, so that lookups stay valid. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #choose(requests: readonly NameRequest[]) {
    const lookup = {
      holdings: async (keys: readonly { room: string; key: string }[]) =>
        keys.flatMap(({ room, key }) => this.#holdings(room, key)),
      owners: (keys: readonly string[]) => this.accounts.ownersOf(keys),
      current: ({ room, person }: NameHolder) =>
        this.#rooms.get(room)?.names.get(person)?.name ?? "",
    };
    return chooseNames(requests, lookup, this.#hints);
  }

  #holdings(name: string, key: string): KeyHolding[] {
    const room = this.#rooms.get(name);
    const holders = room?.holders.get(key) ?? [];
    return holders.map((person) => {
      return { room: name, key, person, owns: room?.names.get(person)?.owns ?? false };
    });
  }

  #hold({ room: place, person, name }: HeldName, owns: boolean): void {
    const room = this.#rooms.get(place) ?? { names: new Map(), holders: new Map() };
    this.#rooms.set(place, room);
    room.names.set(person, { name, owns });
    for (const key of skeletonKeys(name)) {
      room.holders.set(key, [...(room.holders.get(key) ?? []), person]);
    }
  }

  #drop({ room: place, person }: NameHolder): void {
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
