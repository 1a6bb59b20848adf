import { cutText } from "../../model/text/text.ts";
import type { AuditEntry } from "../../model/people/audit.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Message } from "../../model/wire/event.ts";
import { REASON_LIMIT } from "../../model/wire/moderation.ts";
import { type Action, authorize, type Access } from "../../model/rooms/authorize.ts";
import { type Author, RAW_NAME_LIMIT, type Role } from "../../model/people/person.ts";
import { rank } from "../../model/people/role.ts";
import type { Records } from "../../model/records.ts";
import {
  isPersonal,
  type NewSanction,
  personSubject,
  networkSubject,
  type Sanction,
} from "../../model/rooms/sanction.ts";
import { skeletonKey } from "../../model/people/skeleton.ts";
import type { Store } from "../../model/store.ts";
import type { AccessLookup } from "./access.ts";
import type { Target } from "./finder.ts";
import type { Post } from "../messages/post.ts";

/** Someone who acts in a room. */
export interface Actor {
  readonly author: Author;
  readonly room: string;
  readonly access: Access;
}

export interface ModerateDeps {
  readonly records: Records;
  readonly store: Pick<Store, "before">;
  readonly post: Post;
  readonly accessLookup: AccessLookup;
  /** Sends a control to every node; resolves when it holds on this one. */
  readonly broadcast: (room: string, control: Control) => Promise<void>;
  /** Announces changed inboxes to every node. */
  readonly tellInboxes: (people: ReadonlySet<string>) => void;
  readonly now: () => number;
}

/** The most messages of one person deleted at once. */
const DELETE_LIMIT = 10_000;

/** The scope of a mute or ban. */
export interface Reach {
  /** In every room; `false`: in this one alone. */
  readonly everywhere?: boolean;
  /** Whether it includes their network, and thus every guest on it. By default only for guests. */
  readonly address?: boolean;
}

/**
 * Moderation. Every verb asks `authorize`, stores its effect together with an audit entry, then
 * announces it to every node, which checks its open sockets again.
 */
export class Moderate {
  constructor(readonly deps: ModerateDeps) {}

  async kick(actor: Actor, target: Target, reason: string): Promise<Refusal | null> {
    const refusal = this.#ask(actor, "kick", target);
    if (refusal) return refusal;
    const entry = this.entry(actor, "kick", target, reason);
    await this.deps.records.audit.add(entry);
    const { at } = entry;
    await this.deps.broadcast(actor.room, { action: "kick", person: target.id, reason, at });
    return null;
  }

  /** Until `until` (ms since 1970), or until it is lifted. */
  async sanction(
    actor: Actor,
    what: Sanction["what"],
    target: Target,
    until: number | null,
    reason: string,
    { everywhere = false, address = target.isGuest }: Reach = {},
  ): Promise<Refusal | null> {
    const refusal = this.#ask(actor, what, target);
    if (refusal) return refusal;
    if (everywhere && actor.access.role !== "admin") {
      return new Refusal("adminsOnlyEverywhere");
    }
    const room = everywhere ? "" : actor.room;
    const by = { by: actor.author, byRole: actor.access.role };
    const base = { what, room, reason, ...by, at: this.deps.now(), until };
    const subjects = [personSubject(target.id)];
    if (address && target.network !== null) subjects.push(networkSubject(target.network));
    const sanctions = subjects.map((subject): NewSanction => {
      return { ...base, subject, name: target.name };
    });
    const entry = { ...this.entry(actor, what, target, reason), room };
    await this.deps.records.sanctions.impose(sanctions, entry);
    await this.deps.broadcast(everywhere ? EVERYWHERE : room, { action: "recheck", subjects });
    return null;
  }

  /** The person under a sanction in force here, by name or `#id`. */
  async named(actor: Actor, what: Sanction["what"], name: string): Promise<Author | null> {
    if (name.length > RAW_NAME_LIMIT) return null;
    const wanted = skeletonKey(name.replace(/^@/, ""));
    const isIt = (each: Sanction) =>
      isPersonal(each) &&
      (each.subject === `person:${name.slice(1)}` || skeletonKey(each.name) === wanted);
    const found = (await this.#inForce(actor, what)).find(isIt);
    return found ? { id: found.subject.slice("person:".length), name: found.name } : null;
  }

  /** Lifts a person's sanctions in this room, and those of their network that came with them. */
  async lift(actor: Actor, what: Sanction["what"], target: Author): Promise<Refusal | null> {
    const refusal = this.#ask(actor, what);
    if (refusal) return refusal;
    const list = await this.#inForce(actor, what);
    const own = list.filter(({ subject }) => subject === personSubject(target.id));
    if (own.length === 0) return new Refusal("noSanction", { what });
    for (const each of own) {
      if (rank(await this.imposedAs(each, actor)) > rank(actor.access.role)) return OUTRANKED;
    }
    const cameWith = (each: Sanction) =>
      own.some(({ at, by, name }) => at === each.at && by.id === each.by.id && name === each.name);
    const ids = list.filter(cameWith).map(({ id }) => id);
    return this.liftAll(actor, ids, `un${what}`, { id: target.id, name: target.name });
  }

  /** Lifts sanctions by their ids. */
  async liftAll(
    actor: Actor,
    ids: readonly number[],
    action: string,
    target: Author,
  ): Promise<Refusal | null> {
    const { sanctions } = this.deps.records;
    const lifted = await sanctions.lift(ids, this.entry(actor, action, target, ""));
    const subjects = [...new Set(lifted.map(({ subject }) => subject))];
    if (subjects.length === 0) return new Refusal("notInForce");
    await this.deps.broadcast(EVERYWHERE, { action: "recheck", subjects });
    return null;
  }

  /**
   * Deletes a message: one's own or, with the right to, another person's, which is recorded. Every
   * door calls this: the sockets' frame, the HTTP API, `/delete` and handlers.
   */
  async remove(actor: Actor, seq: number, reason: string): Promise<Refusal | null> {
    if (this.#ask(actor, "delete-any")) return this.#removeOwn(actor, seq);
    const message = await this.message(actor.room, seq);
    if (!message) return NO_MESSAGE;
    const refusal = await this.refuseDeletion(actor, message.author);
    if (refusal) return refusal;
    if (message.author.id === actor.author.id) return this.#delete(actor, actor.room, seq);
    const entry = this.entry(actor, "delete", message.author, reason);
    return this.#delete(actor, actor.room, seq, entry);
  }

  /** In the room's order: the message may not be stored yet, so the store compares its author. */
  async #removeOwn(actor: Actor, target: number): Promise<Refusal | null> {
    const refusal = this.#ask(actor, "delete");
    if (refusal) return refusal;
    const { author, room, access } = actor;
    const draft = { type: "deleted", room, author, target, anyone: false } as const;
    const result = await this.deps.post.delete({ ...draft, at: this.deps.now() }, access);
    return result instanceof Refusal ? result : null;
  }

  /** Why someone may not delete a message of `author`, or null if they may. */
  async refuseDeletion(actor: Actor, author: Author): Promise<Refusal | null> {
    if (author.id === actor.author.id) return this.#ask(actor, "delete");
    const { room, access } = actor;
    const { role } = await this.deps.accessLookup.standing(author.id, room, access.rules);
    return this.#ask(actor, "delete-any", { id: author.id, role });
  }

  /**
   * Deletes everything someone wrote in the room that still has its text; resolves to how many
   * messages.
   */
  async removeAll(actor: Actor, target: Target, reason: string): Promise<number | Refusal> {
    const refusal = this.#ask(actor, "delete-any", target);
    if (refusal) return refusal;
    const { rooms, audit } = this.deps.records;
    const messages = await rooms.messagesOf(target.id, actor.room, DELETE_LIMIT);
    // First, so that deletions cut short by a crash are on record too.
    await audit.add(this.entry(actor, "delete-all", target, reason));
    const deletions = messages.map(({ room, seq }) => this.#delete(actor, room, seq));
    return (await Promise.all(deletions)).filter((refusal) => refusal === null).length;
  }

  /** The message as it now stands; null if there is none, or it was deleted. */
  async message(room: string, seq: number): Promise<Message | null> {
    const { messages } = await this.deps.store.before(room, seq + 1, 1);
    const [message] = messages;
    return message?.seq === seq && !message.deleted ? message : null;
  }

  entry(
    actor: Pick<Actor, "author" | "room">,
    action: string,
    target: Author | null,
    reason: string,
  ): AuditEntry {
    return {
      at: this.deps.now(),
      by: actor.author,
      action,
      room: actor.room,
      subject: target?.id ?? "",
      subjectName: target?.name ?? "",
      reason: cutText(reason, REASON_LIMIT),
    };
  }

  /** Sanctions in force in this room; for an administrator also those everywhere. */
  async #inForce(actor: Actor, what: Sanction["what"]): Promise<readonly Sanction[]> {
    const { sanctions } = this.deps.records;
    const page = { what, query: "", now: this.deps.now(), offset: 0, limit: 1_000 };
    const here = await sanctions.list({ ...page, room: actor.room });
    if (actor.access.role !== "admin") return here;
    return [...here, ...(await sanctions.list({ ...page, room: "" }))];
  }

  /** The role of a sanction's author at the time; their present role if that was not recorded. */
  async imposedAs({ byRole, by }: Sanction, { room, access }: Actor): Promise<Role> {
    if (byRole !== null) return byRole;
    return (await this.deps.accessLookup.standing(by.id, room, access.rules)).role;
  }

  #ask(
    { access, author }: Actor,
    action: Action,
    target?: Pick<Target, "id" | "role">,
  ): Refusal | null {
    if (target && target.id === author.id) return new Refusal("yourself");
    return authorize(access, action, this.deps.now(), target?.role);
  }

  async #delete(
    { author }: Actor,
    room: string,
    target: number,
    entry?: AuditEntry,
  ): Promise<Refusal | null> {
    const draft = { type: "deleted", room, author, target, anyone: true, entry } as const;
    const result = await this.deps.post.postAuthorized({ ...draft, at: this.deps.now() });
    return result instanceof Refusal ? result : null;
  }
}

const OUTRANKED = new Refusal("sanctionOutranks");
export const NO_MESSAGE = new Refusal("noSuchMessage");
