import { PEOPLE_LIMIT } from "../../model/wire/limits.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Author } from "../../model/people/person.ts";
import type { Store } from "../../model/store.ts";
import { PersonCards } from "./cards.ts";
import type { HandlerGate } from "../handlers/gate.ts";
import type { CommandDeps } from "./commands.ts";
import type { RequestDeps } from "./requests.ts";
import { type ConnectionDirectory, Finder, type Present } from "./finder.ts";
import type { RateLimits } from "../limits/limits.ts";
import { Moderate, type ModerateDeps } from "./moderate.ts";
import { Reports } from "./reports.ts";
import { Talks } from "./talks.ts";
import { Rooms } from "./rooms.ts";
import { AccessLookup } from "./access.ts";

export interface ModerationDeps extends Omit<ModerateDeps, "accessLookup"> {
  readonly store: Store;
  readonly publish: (room: string, events: readonly RoomEvent[]) => void;
  readonly directory: ConnectionDirectory;
  readonly handlers: HandlerGate;
  readonly limits: RateLimits;
  readonly people: (room: string) => { readonly people: readonly Author[]; readonly count: number };
}

/** Moderation, rooms, private talks and reports. */
export interface Moderation {
  readonly accessLookup: AccessLookup;
  readonly rooms: Rooms;
  readonly talks: Talks;
  readonly commands: Omit<CommandDeps & RequestDeps, "link">;
}

export function createModeration(deps: ModerationDeps): Moderation {
  const { records, store, post, publish, now, directory, people, limits } = deps;
  const accessLookup = new AccessLookup(records, now, (room, rules) =>
    post.slow.learn(room, rules),
  );
  const moderate = new Moderate({ ...deps, accessLookup });
  const rooms = new Rooms(moderate, (room) => store.head(room), limits);
  const talks = new Talks(moderate, limits.talkRequests);
  const reports = new Reports(moderate, publish);
  const around = (room: string) => people(room).people;
  const finder = new Finder(records, store, accessLookup, directory, around);
  const isHere = (room: string, person: string) =>
    [...around(room), ...directory.inRoom(room).map(({ author }) => author)].some(
      ({ id }) => id === person,
    );
  const cards = new PersonCards(moderate, finder, directory, isHere);
  const here = (room: string) => withOthers(people(room), directory.inRoom(room));
  return {
    accessLookup,
    rooms,
    talks,
    commands: {
      moderate,
      talks,
      rooms,
      reports,
      finder,
      cards,
      people: here,
      talkRequests: limits.talkRequests,
      handlers: deps.handlers,
    },
  };
}

/** The people in a room, including this node's plain-text sockets, which presence omits. */
function withOthers(
  { people, count }: ReturnType<ModerationDeps["people"]>,
  present: readonly Present[],
): ReturnType<ModerationDeps["people"]> {
  const told = new Set(people.map(({ id }) => id));
  for (const { author, isTold } of present) if (isTold) told.add(author.id);
  const others = new Map<string, Author>();
  for (const { author } of present) if (!told.has(author.id)) others.set(author.id, author);
  const all = [...people, ...others.values()].slice(0, PEOPLE_LIMIT);
  return { people: all, count: count + others.size };
}
