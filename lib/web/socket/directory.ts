import type { ConnectionDirectory, Present } from "../../chat/moderation/finder.ts";
import type { Connection } from "./connection.ts";

/** Guests who have left whose address is still known: banning one who has just gone needs it. */
const REMEMBERED = 10_000;

/** The open sockets, as those who keep order see them. */
export class SocketDirectory implements ConnectionDirectory {
  /** Those who are connected; the sockets add and remove them. */
  readonly open = new Set<Connection>();
  readonly #left = new Map<string, string>();

  inRoom(room: string): readonly Present[] {
    return this.all().filter((present) => present.room === room);
  }

  all(): readonly Present[] {
    const present = ({ author, ticket: { person, network, room, json } }: Connection) => {
      return { author, person, network, room, isTold: json };
    };
    return [...this.open].map(present);
  }

  lastNetwork(person: string): string | null {
    const here = [...this.open].find(({ author }) => author.id === person);
    return here?.ticket.network ?? this.#left.get(person) ?? null;
  }

  /** To be told of every socket that closes. */
  closed({ ticket: { person, network } }: Connection): void {
    if (person.role !== "guest") return;
    this.#left.delete(person.id);
    this.#left.set(person.id, network);
    const [oldest] = this.#left.keys();
    if (this.#left.size > REMEMBERED && oldest !== undefined) this.#left.delete(oldest);
  }
}
