import type { ConnectionDirectory, Present } from "../../chat/moderation/finder.ts";
import { UnreadLimit } from "../../chat/limits/unread.ts";
import { MultiMap } from "../../model/base/multimap.ts";
import { globalRole } from "../../model/rooms/authorize.ts";
import { networkSubject, parseSubject } from "../../model/rooms/sanction.ts";
import type { Author } from "../../model/people/person.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import type { Connection } from "./connection.ts";

/** The keys of an open connection. They never change. */
export interface Located {
  readonly room: string;
  /** The id of the person. */
  readonly person: string;
  readonly network: string;
}

/** Indexes open connections by room, person and network, so that no search scans all of them. */
export class Directory<T extends Located> implements Iterable<T> {
  readonly #all = new Set<T>();
  readonly #byRoom = new MultiMap<T>();
  readonly #byPerson = new MultiMap<T>();
  readonly #byNetwork = new MultiMap<T>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#all.values();
  }

  add(one: T): void {
    this.#all.add(one);
    this.#byRoom.add(one.room, one);
    this.#byPerson.add(one.person, one);
    this.#byNetwork.add(one.network, one);
  }

  /** Whether it was present. */
  delete(one: T): boolean {
    if (!this.#all.delete(one)) return false;
    this.#byRoom.delete(one.room, one);
    this.#byPerson.delete(one.person, one);
    this.#byNetwork.delete(one.network, one);
    return true;
  }

  /** All connections in a room, or with `EVERYWHERE` in all. */
  of(room: string): readonly T[] {
    return room === EVERYWHERE ? [...this.#all] : this.#byRoom.get(room);
  }

  countIn(room: string): number {
    return this.#byRoom.count(room);
  }

  /** A person's connections in a room, or with `EVERYWHERE` in all. */
  ofPerson(person: string, room: string): readonly T[] {
    return this.#byPerson.get(person).filter((one) => room === EVERYWHERE || one.room === room);
  }

  /** Connections matching any of the subjects, in a room or `EVERYWHERE`; each once. */
  ofSubjects(subjects: readonly string[], room: string): ReadonlySet<T> {
    const found = subjects.map(parseSubject).flatMap(({ kind, value }) => {
      return kind === "person" ? this.#byPerson.get(value) : this.#byNetwork.get(value);
    });
    return new Set(found.filter((one) => room === EVERYWHERE || one.room === room));
  }
}

/** Guests who have left whose network is still known, for bans that come just after. */
const REMEMBERED = 10_000;

/** The open sockets of this node. */
export class SocketDirectory extends Directory<Connection> implements ConnectionDirectory {
  /** Sockets that are still joining, which cannot be found by their names. */
  readonly joining = new Set<Connection>();
  readonly #left = new Map<string, string>();

  constructor(
    /** What waits for them, and for the readers of event streams. */
    readonly unread: UnreadLimit = new UnreadLimit(),
  ) {
    super();
  }

  override add(connection: Connection): void {
    super.add(connection);
    this.unread.add(connection);
    this.joining.add(connection);
  }

  override delete(connection: Connection): boolean {
    this.joining.delete(connection);
    this.unread.delete(connection);
    if (!super.delete(connection)) return false;
    if (!connection.access.account) this.#remember(connection);
    return true;
  }

  inRoom(room: string): readonly Present[] {
    return this.of(room).map(presentOf);
  }

  all(): readonly Present[] {
    return this.inRoom(EVERYWHERE);
  }

  networkOf(person: string, room: string): string | null {
    const [here] = this.ofPerson(person, room);
    const [elsewhere] = here ? [here] : this.ofPerson(person, EVERYWHERE);
    return elsewhere?.network ?? this.#left.get(person) ?? null;
  }

  guestsAt(network: string): readonly string[] {
    const guests = [...this.ofSubjects([networkSubject(network)], EVERYWHERE)];
    return [...new Set(guests.filter(({ access }) => !access.account).map(({ person }) => person))];
  }

  tell(person: string, room: string, author: Author, text: string): void {
    for (const connection of this.ofPerson(person, room)) connection.notice(author, text);
  }

  #remember({ person, network }: Connection): void {
    this.#left.delete(person);
    this.#left.set(person, network);
    const [oldest] = this.#left.keys();
    if (this.#left.size > REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
  }
}

function presentOf({ author, access, room, network, ticket }: Connection): Present {
  return { author, role: globalRole(access), network, room, isTold: ticket.json };
}
