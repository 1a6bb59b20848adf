import type { AuditEntry } from "../../model/people/audit.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Message } from "../../model/wire/event.ts";
import { type Action, may, type Standing } from "../../model/rooms/authorize.ts";
import type { Author } from "../../model/people/person.ts";
import type { Records } from "../../model/records.ts";
import {
  isPersonal,
  type NewSanction,
  personSubject,
  placeSubject,
  type Sanction,
} from "../../model/rooms/sanction.ts";
import { look } from "../../model/people/skeleton.ts";
import type { Store } from "../../model/store.ts";
import type { Target } from "./finder.ts";
import type { Post } from "../messages/post.ts";

/** Who does something in a room. */
export interface Doer {
  readonly author: Author;
  readonly room: string;
  readonly standing: Standing;
}

export interface ModerateParts {
  readonly records: Records;
  readonly store: Pick<Store, "before">;
  readonly post: Post;
  /** To every node, this one included. */
  readonly tell: (room: string, control: Control) => void;
  readonly now: () => number;
}

export const REASON_LIMIT = 200;
/** Messages of one person deleted by one order. */
const DELETE_LIMIT = 10_000;

/**
 * Order: every verb asks `may`, writes what it does together with an entry in the audit log, then
 * tells every node, which looks at its open sockets again.
 */
export class Moderate {
  constructor(readonly parts: ModerateParts) {}

  async kick(doer: Doer, target: Target, reason: string): Promise<Refusal | null> {
    const refusal = this.#ask(doer, "kick", target);
    if (refusal) return refusal;
    await this.parts.records.audit.add(this.entry(doer, "kick", target, reason));
    this.parts.tell(doer.room, { action: "kick", person: target.id, reason });
    return null;
  }

  /** Until `until` (ms since 1970), or for good. A banned guest's address is banned with them. */
  async sanction(
    doer: Doer,
    what: Sanction["what"],
    target: Target,
    until: number | null,
    reason: string,
    everywhere = false,
  ): Promise<Refusal | null> {
    const refusal = this.#ask(doer, what, target);
    if (refusal) return refusal;
    if (everywhere && doer.standing.role !== "admin") {
      return new Refusal("not_allowed", "Only an administrator can do this everywhere.");
    }
    const room = everywhere ? "" : doer.room;
    const base = { what, room, reason, by: doer.author, at: this.parts.now(), until };
    const subjects = [personSubject(target.id)];
    if (target.isGuest && target.place !== null) subjects.push(placeSubject(target.place));
    const sanctions = subjects.map((subject): NewSanction => {
      return { ...base, subject, name: target.name };
    });
    const entry = { ...this.entry(doer, what, target, reason), room };
    await this.parts.records.sanctions.impose(sanctions, entry);
    this.parts.tell(everywhere ? EVERYWHERE : room, { action: "recheck", subjects });
    return null;
  }

  /** Whom something in force here was done to, by their name or `#id`. */
  async named(doer: Doer, what: Sanction["what"], name: string): Promise<Author | null> {
    const wanted = look(name.replace(/^@/, ""));
    const isIt = (each: Sanction) =>
      isPersonal(each) &&
      (each.subject === `person:${name.slice(1)}` || look(each.name) === wanted);
    const found = (await this.#inForce(doer, what)).find(isIt);
    return found ? { id: found.subject.slice("person:".length), name: found.name } : null;
  }

  /** Lifts what is in force on a person in this room, and what came with it for their address. */
  async lift(doer: Doer, what: Sanction["what"], target: Author): Promise<Refusal | null> {
    const refusal = this.#ask(doer, what);
    if (refusal) return refusal;
    const list = await this.#inForce(doer, what);
    const own = list.filter(({ subject }) => subject === personSubject(target.id));
    if (own.length === 0) return new Refusal("not_found", `There is no ${what} on them here.`);
    const cameWith = (each: Sanction) =>
      own.some(({ at, by, name }) => at === each.at && by.id === each.by.id && name === each.name);
    const ids = list.filter(cameWith).map(({ id }) => id);
    return this.liftAll(doer, ids, `un${what}`, { id: target.id, name: target.name });
  }

  /** By their ids, as a list shows them. */
  async liftAll(
    doer: Doer,
    ids: readonly number[],
    action: string,
    target: Author,
  ): Promise<Refusal | null> {
    const { sanctions } = this.parts.records;
    const lifted = await sanctions.lift(ids, this.entry(doer, action, target, ""));
    const subjects = [...new Set(lifted.map(({ subject }) => subject))];
    if (subjects.length > 0) this.parts.tell(EVERYWHERE, { action: "recheck", subjects });
    return subjects.length > 0 ? null : new Refusal("not_found", "It is not in force any more.");
  }

  /** Deletes a message, one's own or, with the right to, another's. */
  async remove(doer: Doer, seq: number, reason: string): Promise<Refusal | null> {
    const message = await this.message(doer.room, seq);
    if (!message) return NO_MESSAGE;
    const isOwn = message.author.id === doer.author.id;
    const refusal = this.#ask(doer, isOwn ? "delete" : "delete-any");
    if (refusal) return refusal;
    const result = await this.#delete(doer, doer.room, seq);
    if (result) return result;
    if (!isOwn) {
      await this.parts.records.audit.add(this.entry(doer, "delete", message.author, reason));
    }
    return null;
  }

  /** Everything someone wrote in the room that still has its text; resolves to how many. */
  async removeAll(doer: Doer, target: Target, reason: string): Promise<number | Refusal> {
    const refusal = this.#ask(doer, "delete-any", target);
    if (refusal) return refusal;
    const { keeping, audit } = this.parts.records;
    const messages = await keeping.messagesOf(target.id, doer.room, DELETE_LIMIT);
    await audit.add(this.entry(doer, "delete-all", target, reason));
    const results = await Promise.all(
      messages.map(({ room, seq }) => this.#delete(doer, room, seq)),
    );
    return results.filter((result) => result === null).length;
  }

  /** The message as it now stands; null where there is none, or it was deleted. */
  async message(room: string, seq: number): Promise<Message | null> {
    const { messages } = await this.parts.store.before(room, seq + 1, 1);
    const [message] = messages;
    return message?.seq === seq && !message.deleted ? message : null;
  }

  entry(doer: Doer, action: string, target: Author | null, reason: string): AuditEntry {
    return {
      at: this.parts.now(),
      by: doer.author,
      action,
      room: doer.room,
      subject: target?.id ?? "",
      subjectName: target?.name ?? "",
      reason: reason.slice(0, REASON_LIMIT),
    };
  }

  /** In this room; for an administrator also everywhere. */
  async #inForce(doer: Doer, what: Sanction["what"]): Promise<readonly Sanction[]> {
    const { sanctions } = this.parts.records;
    const page = { what, query: "", now: this.parts.now(), offset: 0, limit: 1_000 };
    const here = await sanctions.list({ ...page, room: doer.room });
    if (doer.standing.role !== "admin") return here;
    return [...here, ...(await sanctions.list({ ...page, room: "" }))];
  }

  #ask({ standing, author }: Doer, action: Action, target?: Target): Refusal | null {
    if (target && target.id === author.id) return new Refusal("invalid", "That is you.");
    return may(standing, action, this.parts.now(), target?.role);
  }

  async #delete(doer: Doer, room: string, target: number): Promise<Refusal | null> {
    const draft = { type: "deleted", room, author: doer.author, target, anyone: true } as const;
    const result = await this.parts.post.order({ ...draft, at: this.parts.now() });
    return result instanceof Refusal ? result : null;
  }
}

export const NO_MESSAGE = new Refusal("not_found", "There is no such message in this room.");
