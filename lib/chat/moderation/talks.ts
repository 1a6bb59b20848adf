import { Refusal } from "../../model/base/errors.ts";
import { TALK_LIMIT } from "../../model/inbox/inbox.ts";
import { allows, type Grant } from "../../model/people/grant.ts";
import type { Author } from "../../model/people/person.ts";
import { OPEN_ROOM } from "../../model/rooms/rules.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import type { Appended, Draft } from "../../model/store.ts";
import { EVERYWHERE } from "../../model/wire/control.ts";
import { secretHash } from "../accounts/secrets.ts";
import type { TalkRequests } from "../limits/limits.ts";
import type { Actor, Moderate } from "./moderate.ts";

/** Someone who asks for a private talk. */
export interface Talker {
  readonly author: Author;
  readonly isGuest: boolean;
  /** The permissions of their token, if they have one. */
  readonly grant?: Grant | null | undefined;
  /** The people around them, with or without an inbox. */
  readonly around?: readonly Author[];
}

/** A private talk, identified by its people. The name of its room is not shown. */
export interface TalkPlace {
  readonly room: string;
  /** Without the asker. */
  readonly people: readonly Author[];
  /** Whether it has just begun. */
  readonly isNew: boolean;
}

/**
 * Private talks of two to `TALK_LIMIT` people. A set of people has one talk; adding someone makes
 * another, so nobody reads what was written before they came.
 */
export class Talks {
  constructor(
    readonly moderate: Moderate,
    readonly requests: TalkRequests,
  ) {}

  /** The room of a talk, begun or not. */
  roomOf(person: string, others: readonly string[]): string {
    const ids = [...new Set([person, ...others])].sort().join(" ");
    return `direct-${secretHash(ids).slice(0, 32)}`;
  }

  /** Opens the talk with these people, by their ids, beginning it if necessary. */
  async open(
    { author, isGuest, grant, around = [] }: Talker,
    others: readonly string[],
  ): Promise<TalkPlace | Refusal> {
    if (grant && !allows(grant, "post")) return new Refusal("tokenScope", { scope: "post" });
    if (grant && grant.rooms.length > 0) return new Refusal("tokenRooms");
    const ids = [...new Set(others)];
    if (ids.length === 0 || ids.includes(author.id)) return new Refusal("yourself");
    if (ids.length >= TALK_LIMIT) return new Refusal("talkLimit", { count: TALK_LIMIT });
    const people = await this.#known(ids, around);
    if (people instanceof Refusal) return people;
    const room = this.roomOf(author.id, ids);
    const { records, broadcast } = this.moderate.deps;
    if ((await records.rooms.rules(room)) !== null) return { room, people, isNew: false };
    const slow = this.requests.from.consume(author.id);
    if (slow) return slow;
    if (!(await records.inbox.mayBegin(author.id, isGuest, ids))) return new Refusal("notReached");
    const members = [author, ...people].map(
      ({ id, name }) => ({ id, name, role: "guest" }) as const,
    );
    const [first = null] = people;
    const refusal = await records.rooms.changeRoom(
      room,
      ({ isNew }) => (isNew ? { rules: { kind: "direct" }, members } : null),
      this.moderate.entry(
        { author, room },
        "direct",
        first,
        ids.length > 1 ? `${ids.length + 1} people` : "",
      ),
    );
    if (refusal) return refusal;
    await broadcast(room, { action: "rules" });
    // Their inboxes have a new room.
    const subjects = members.map(({ id }) => personSubject(id));
    await broadcast(EVERYWHERE, { action: "recheck", subjects });
    return { room, people, isNew: true };
  }

  /** The other people of a talk, under their present names. */
  async othersIn(room: string, person: string): Promise<readonly Author[]> {
    const { rooms, inbox } = this.moderate.deps.records;
    const others = (await rooms.members(room)).filter(({ id }) => id !== person);
    const names = await inbox.names(others.map(({ id }) => id));
    return others.map(({ id, name }) => ({ id, name: names.get(id) || name }));
  }

  /** The people of these ids: with an account, with an inbox, or around. */
  async #known(
    ids: readonly string[],
    around: readonly Author[],
  ): Promise<readonly Author[] | Refusal> {
    const known = await this.moderate.deps.records.inbox.names(ids);
    const people = ids.flatMap((id) => {
      const name = known.get(id) || around.find((each) => each.id === id)?.name;
      return name === undefined && !known.has(id) ? [] : [{ id, name: name ?? "" }];
    });
    return people.length === ids.length ? people : new Refusal("noSuchPerson");
  }

  /** Posts in a talk, for one of its people who is in another room. */
  async say(
    { author, access }: Pick<Actor, "author" | "access">,
    said: Said,
  ): Promise<Refusal | null> {
    const { records, post, now } = this.moderate.deps;
    const { room, id, text } = said;
    const isRefused = await records.inbox.isRefused(room, author.id);
    const rules = { ...OPEN_ROOM, kind: "direct" } as const;
    const theirs = { ...access, rules, role: "guest", admitted: true, isRefused } as const;
    const draft = { type: "message", id, room, author, text, at: now() } as const;
    const result = await new Promise<Appended | Refusal>((resolve) => {
      const settled = (_: Draft, result: Appended | Refusal) => resolve(result);
      post.post(draft, { access: theirs, settled, notice: () => undefined });
    });
    return result instanceof Refusal ? result : null;
  }
}

/** A message for a talk. */
export interface Said {
  readonly room: string;
  readonly id: string;
  readonly text: string;
}
