import type { Observer } from "../../model/base/observer.ts";
import { Refusal } from "../../model/base/errors.ts";
import { BLOCK_LIMIT, type InboxChange, type InboxRecords } from "../../model/inbox/inbox.ts";
import type { Author } from "../../model/people/person.ts";
import { authorize } from "../../model/rooms/authorize.ts";
import { personSubject } from "../../model/rooms/sanction.ts";
import type { Store } from "../../model/store.ts";
import type { Broker } from "../../model/wire/broker.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Choose, InboxFrame, Mark, MarkAll } from "../../model/wire/inbox.ts";
import type { AccessLookup, Principal } from "../moderation/access.ts";
import { type HeadAudience, InboxFeeds } from "./feeds.ts";
import { Heads } from "./heads.ts";
import { Mentions } from "./mentions.ts";
import { InboxWriter } from "./writer.ts";

/** The absence after which a guest's inbox is deleted. */
const GUEST_MS = 90 * 24 * 60 * 60 * 1000;
/** Inboxes deleted at a time. */
const FORGOTTEN = 500;

export interface IntakeDeps {
  readonly inbox: InboxRecords;
  readonly broker: Broker;
  /** The people in a room now, on any node. */
  readonly present: (room: string) => readonly Author[];
  readonly observer: Observer;
  /** Called when deliveries may have been queued. */
  readonly queued: () => void;
}

/** Records what is posted in inboxes. */
export class InboxIntake {
  readonly writer: InboxWriter;
  readonly mentions: Mentions;
  readonly #heads: Heads;

  constructor({ inbox, broker, present, observer, queued }: IntakeDeps) {
    const tell = (people: ReadonlySet<string>) => {
      if (people.size > 0) broker.publish(EVERYWHERE, { kind: "inbox", people: [...people] });
    };
    this.writer = new InboxWriter(inbox, tell, observer);
    this.mentions = new Mentions(inbox, present, tell, observer, queued);
    this.#heads = new Heads((heads) => broker.publish(EVERYWHERE, { kind: "heads", heads }));
  }

  /** Call with what this node has stored of a room, in order. */
  said(room: string, events: readonly RoomEvent[]): void {
    this.writer.said(room, events);
    this.mentions.said(room, events);
    this.#heads.said(room, events);
  }

  async close(): Promise<void> {
    this.#heads.close();
    await this.mentions.close();
    await this.writer.close();
  }
}

export interface InboxDeps {
  readonly inbox: InboxRecords;
  readonly store: Pick<Store, "head">;
  readonly accessLookup: AccessLookup;
  readonly audience: HeadAudience;
  readonly observer: Observer;
  readonly now: () => number;
  /** Announces a change of rights to every node; resolves when it holds on this one. */
  readonly broadcast: (room: string, control: Control) => Promise<void>;
}

/** The inboxes: rooms followed, read positions, items; the same on all devices of a person. */
export class Inbox {
  readonly feeds: InboxFeeds;

  constructor(
    readonly intake: InboxIntake,
    readonly deps: InboxDeps,
  ) {
    this.feeds = new InboxFeeds(deps);
  }

  /** The present inbox, including changes that wait to be written; or the changes since `since`. */
  async read(principal: Principal, since: number): Promise<InboxFrame> {
    await this.intake.writer.flush();
    return this.feeds.read(principal, since);
  }

  /**
   * How far someone has read a room they follow, including changes that wait; null: they do not
   * follow it.
   */
  async readTo(person: string, room: string): Promise<number | null> {
    const stored = await this.deps.inbox.readTo(person, room);
    return stored === null ? null : Math.max(stored, this.intake.writer.reading(person, room));
  }

  /** Records that someone has read a room up to `seq`. */
  hasRead(person: string, room: string, seq: number): void {
    this.intake.writer.soon({ kind: "read", person, room, seq });
  }

  /** Rejects if the database fails. */
  async mark(
    principal: Principal,
    name: string,
    mark: Mark | MarkAll | Choose,
  ): Promise<Refusal | null> {
    const { writer } = this.intake;
    const person = principal.person.id;
    if (!("all" in mark) && !("room" in mark)) return this.#choose(person, mark);
    if ("all" in mark) {
      await writer.flush();
      if (await this.deps.inbox.readAll(person)) writer.tell(new Set([person]));
      return null;
    }
    const { room, read, unread, follow, level, quietUntil } = mark;
    const { store, accessLookup, now } = this.deps;
    const changes: InboxChange[] = [];
    if (follow === true) {
      const refusal = authorize(await accessLookup.of(principal, room), "enter", now());
      if (refusal) return refusal;
      const head = await store.head(room);
      changes.push({ kind: "follow", person, room, name, read: head, at: now() });
    }
    if (unread !== undefined) changes.push({ kind: "unread", person, room, seq: unread });
    if (read !== undefined) changes.push({ kind: "read", person, room, seq: read });
    if (level !== undefined || quietUntil !== undefined) {
      const wanted = {
        ...(level === undefined ? {} : { level }),
        ...(quietUntil === undefined ? {} : { quietUntil }),
      };
      changes.push({ kind: "level", person, room, ...wanted });
    }
    if (follow === false) changes.push({ kind: "leave", person, room });
    if (changes.length > 0) await writer.now(changes);
    return null;
  }

  async #choose(person: string, choice: Choose): Promise<Refusal | null> {
    const { writers, block, on = true, done } = choice;
    const { inbox, now, broadcast } = this.deps;
    const { tell } = this.intake.writer;
    if (writers !== undefined) await inbox.setWriters(person, writers, now());
    if (done !== undefined) await inbox.finishItem(done, person);
    if (block !== undefined) {
      if (block === person) return new Refusal("yourself");
      const name = (await inbox.names([block])).get(block) ?? "";
      if (!(await inbox.block(person, { id: block, name }, on, now()))) {
        return new Refusal("blockLimit", { count: BLOCK_LIMIT });
      }
      // Blocking changes who may write in a private talk.
      await broadcast(EVERYWHERE, { action: "recheck", subjects: [personSubject(block)] });
    }
    tell(new Set([person]));
    return null;
  }

  /** Deletes some inboxes of guests who have been absent. Never rejects. */
  async forget(): Promise<void> {
    try {
      await this.deps.inbox.forgetGuests(this.deps.now() - GUEST_MS, FORGOTTEN);
    } catch (fault) {
      this.deps.observer.log("warn", "old inboxes not deleted", { fault: String(fault) });
    }
  }
}
