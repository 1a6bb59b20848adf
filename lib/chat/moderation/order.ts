import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { Author } from "../../model/people/person.ts";
import type { Store } from "../../model/store.ts";
import type { CommandParts } from "./commands.ts";
import { type Crowd, Finder, type Present } from "./finder.ts";
import type { Nameplates } from "../live/name-registry.ts";
import { Moderate, type ModerateParts } from "./moderate.ts";
import { Reports } from "./reports.ts";
import { Rooms } from "./rooms.ts";
import { Standings } from "./access.ts";

export interface OrderParts extends ModerateParts {
  readonly store: Store;
  readonly crowd: () => Crowd;
  readonly names: Nameplates;
  readonly people: (room: string) => { readonly people: readonly Author[]; readonly count: number };
}

/** The verbs of people, rooms and order, put together. */
export interface Order {
  readonly standings: Standings;
  readonly rooms: Rooms;
  readonly commands: Omit<CommandParts, "link">;
}

export function openOrder(parts: OrderParts): Order {
  const { records, store, post, now, crowd, people, names } = parts;
  const moderate = new Moderate(parts);
  const rooms = new Rooms(moderate, (room) => store.head(room));
  const reports = new Reports(moderate);
  const finder = new Finder(records, store, crowd, (room) => people(room).people);
  const standings = new Standings(records, now, (room, rules) => post.slow.learn(room, rules));
  const here = (room: string) => withOthers(people(room), crowd().inRoom(room));
  return { standings, rooms, commands: { moderate, rooms, reports, finder, people: here, names } };
}

/** Who is in a room, with those of whom nothing is told: the plain-text sockets of this node. */
function withOthers(
  { people, count }: ReturnType<OrderParts["people"]>,
  present: readonly Present[],
): ReturnType<OrderParts["people"]> {
  const told = new Set(people.map(({ id }) => id));
  for (const { author, isTold } of present) if (isTold) told.add(author.id);
  const others = new Map<string, Author>();
  for (const { author } of present) if (!told.has(author.id)) others.set(author.id, author);
  const all = [...people, ...others.values()].slice(0, PEOPLE_LIMIT);
  return { people: all, count: count + others.size };
}
