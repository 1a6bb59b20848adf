import { cutText } from "../../model/text/text.ts";
import { Refusal } from "../../model/base/errors.ts";
import { type Author, isBot, RAW_NAME_LIMIT, type Role } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import type { RoomRules } from "../../model/rooms/rules.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import { skeletonKeys } from "../../model/people/skeleton.ts";
import type { Store } from "../../model/store.ts";
import type { AccessLookup } from "./access.ts";

/** Someone who is in a room through a socket of this node. */
export interface Present {
  /** The person as others see them there. */
  readonly author: Author;
  /** The role in every room. */
  readonly role: Role;
  readonly network: string;
  readonly room: string;
  /** Whether presence frames include them: true for `chat.v1`. */
  readonly isTold: boolean;
}

/** The open sockets, as seen by moderation. */
export interface ConnectionDirectory {
  /** One entry for each connection. */
  all(): readonly Present[];
  inRoom(room: string): readonly Present[];
  /**
   * The network someone is connected from, preferably in this room; for a guest who has left, the
   * last one. Null if this node does not know.
   */
  networkOf(person: string, room: string): string | null;
  /** The ids of guests connected from a network, each once. */
  guestsAt(network: string): readonly string[];
  /** Sends a text to one person, if they are in the room on this node. */
  tell(person: string, room: string, author: Author, text: string): void;
}

/** The person an action is applied to. */
export interface Target extends Author {
  /** The role in the room. */
  readonly role: Role;
  readonly isGuest: boolean;
  /** Their present or last network; null if this node does not know. */
  readonly network: string | null;
}

/** A candidate, with the skeleton keys of their name. */
interface Known {
  readonly author: Author;
  readonly keys: readonly string[];
}

const RECENT = 100;
const MOST_WORDS = 8;

/**
 * Finds people by a name as it looks, or by `#id`: in the room, with an account, or among the
 * authors of the last hundred messages.
 */
export class Finder {
  constructor(
    readonly records: Records,
    readonly store: Pick<Store, "before">,
    readonly accessLookup: AccessLookup,
    readonly directory: ConnectionDirectory,
    /** The people in a room, on any node. */
    readonly people: (room: string) => readonly Author[],
  ) {}

  /** The person at the start of `text`, and the rest of it; names may contain spaces. */
  async resolve(
    text: string,
    room: string,
    rules: RoomRules,
  ): Promise<{ target: Target; rest: string } | Refusal> {
    const words = text.trim().split(/\s+/u);
    if (words[0] === "" || words[0] === undefined) {
      return new Refusal("whom");
    }
    const known = await this.#around(room);
    for (let count = Math.min(words.length, MOST_WORDS); count > 0; count -= 1) {
      const found = await this.#named(words.slice(0, count).join(" "), known);
      if (found.length === 0) continue;
      const [only, another] = found;
      if (!only || another) return ambiguous(found);
      return { target: await this.target(only, rules, room), rest: words.slice(count).join(" ") };
    }
    return new Refusal("nobodyCalled", { name: cutText(words[0], 64) });
  }

  /**
   * The person with this id: present, with an account or a role in the room, the author of a
   * message here, or banned.
   */
  async byId(id: string, room: string, rules: RoomRules): Promise<Target | Refusal> {
    // A program counts as a person if it has a name of its own.
    const { accounts } = this.records;
    const author = isBot(id) ? await accounts.byId(id) : await this.#known(id, room);
    if (author) return this.target({ id, name: author.name }, rules, room);
    return new Refusal("nobodyCalled", { name: `#${id}` });
  }

  async #known(id: string, room: string): Promise<Pick<Author, "name"> | null> {
    const present = [
      ...this.people(room),
      ...this.directory.inRoom(room).map(({ author }) => author),
    ];
    const here = present.find((author) => author.id === id);
    if (here) return here;
    const { accounts, rooms, sanctions } = this.records;
    const known = (await accounts.byId(id)) ?? (await rooms.membership(room, id));
    if (known) return known;
    const [last] = await rooms.messagesOf(id, room, 1);
    const page = last ? await this.store.before(room, last.seq + 1, 1) : null;
    const author = page?.messages.find((message) => message.author.id === id)?.author;
    if (author) return author;
    const inForce = await sanctions.inForce([personSubject(id)], room, this.accessLookup.now());
    return inForce[0] ?? null;
  }

  async target(author: Author, rules: RoomRules, room: string): Promise<Target> {
    const { account, role } = await this.accessLookup.standing(author.id, room, rules);
    return {
      id: author.id,
      name: account?.name ?? author.name,
      role,
      isGuest: account === null,
      network: this.directory.networkOf(author.id, room),
    };
  }

  async #around(room: string): Promise<readonly Known[]> {
    const { messages } = await this.store.before(room, Number.MAX_SAFE_INTEGER, RECENT);
    const people = new Map<string, Author>();
    for (const { author } of messages) people.set(author.id, author);
    for (const author of this.people(room)) people.set(author.id, author);
    for (const { author } of this.directory.inRoom(room)) people.set(author.id, author);
    const persons = [...people.values()].filter(({ id }) => !isBot(id));
    return persons.map((author) => ({ author, keys: skeletonKeys(author.name) }));
  }

  async #named(text: string, known: readonly Known[]): Promise<readonly Author[]> {
    if (text.length > RAW_NAME_LIMIT) return [];
    if (text.startsWith("#")) {
      const id = text.slice(1);
      const found = known.find(({ author }) => author.id === id);
      const account = found?.author ?? (await this.records.accounts.byId(id));
      return account ? [account] : [];
    }
    const wanted = skeletonKeys(text.replace(/^@/, ""));
    const [exact = ""] = wanted;
    if (exact === "") return [];
    const account = await this.records.accounts.bySkeletonKey(exact);
    if (account) return [account];
    const named = known.filter(({ author }) => author.name !== "");
    const same = named.filter(({ keys }) => keys[0] === exact);
    // As read by someone who does not know the exact spelling.
    const alike = () => named.filter(({ keys }) => keys.some((key) => wanted.includes(key)));
    return (same.length > 0 ? same : alike()).map(({ author }) => author);
  }
}

function ambiguous(found: readonly Author[]): Refusal {
  const ids = found.map(({ id }) => `#${id}`).join(", ");
  return new Refusal("severalCalled", { ids });
}
