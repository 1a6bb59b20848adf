import { MultiMap } from "../../model/base/multimap.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { InboxReader, InboxRecords } from "../../model/inbox/inbox.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import { networkSubject, parseSubject, personSubject } from "../../model/rooms/sanction.ts";
import { type Control, EVERYWHERE } from "../../model/wire/control.ts";
import type { InboxFrame, RoomHead } from "../../model/wire/inbox.ts";
import type { AccessLookup, Principal } from "../moderation/access.ts";
import { Feed, type InboxListener } from "./feed.ts";
import { InboxRights } from "./rights.ts";

/** Inboxes read concurrently. */
const AT_ONCE = 8;
/** The wait after a failure of the database. */
const RETRY_MS = 1_000;
/** The most rooms whose last head is remembered, for inboxes being read. */
const RECENT = 1_000;

/** Sends a room's head to everyone on this node subscribed to it, except streams. */
export interface HeadAudience {
  pushHead(room: string, frame: InboxFrame): void;
}

export interface FeedDeps {
  readonly inbox: InboxRecords;
  readonly accessLookup: AccessLookup;
  readonly audience: HeadAudience;
  readonly observer: Observer;
  readonly now: () => number;
}

/**
 * The inboxes open on this node. Each is read when it is opened; when a node announces a change,
 * the difference is read. Nothing is sent of a room that the person may not enter.
 */
export class InboxFeeds {
  readonly #all = new Set<Feed>();
  readonly #byPerson = new MultiMap<Feed>();
  readonly #byRoom = new MultiMap<Feed>();
  /** Those that are sent each head individually. */
  readonly #streams = new MultiMap<Feed>();
  readonly #stale = new Set<Feed>();
  readonly #recent = new Map<string, number>();
  #reading = 0;

  readonly #rights: InboxRights;

  constructor(readonly deps: FeedDeps) {
    this.#rights = new InboxRights(deps.accessLookup, deps.now);
  }

  /** Sends the inbox, or the changes since a version, and every change from then on. */
  open(listener: InboxListener, since: number): Feed {
    const feed = new Feed(listener, since);
    this.#all.add(feed);
    this.#byPerson.add(feed.person, feed);
    this.#refresh(feed);
    const { inbox, now, observer } = this.deps;
    inbox.visited(feed.person, now()).catch((fault: unknown) => {
      observer.log("warn", "visit not recorded", { fault: String(fault) });
    });
    return feed;
  }

  close(feed: Feed): void {
    if (!this.#all.delete(feed)) return;
    this.#stale.delete(feed);
    this.#byPerson.delete(feed.person, feed);
    for (const room of feed.rooms) this.#unlisten(feed, room);
  }

  /** Sends the changes since a version again. */
  reopen(feed: Feed, since: number): void {
    feed.again(since);
    this.#refresh(feed);
  }

  /** The inboxes of these people have changed, on any node. */
  changed(people: readonly string[]): void {
    for (const person of people) {
      for (const feed of this.#byPerson.get(person)) this.#refresh(feed);
    }
  }

  /** Rooms have new messages, on any node. */
  heads(heads: readonly RoomHead[]): void {
    for (const head of heads) {
      const { room } = head;
      this.#recent.delete(room);
      this.#recent.set(room, head.head);
      if (this.#byRoom.count(room) === 0) continue;
      const frame: InboxFrame = { type: "inbox", rooms: [head] };
      if (isDirectName(room)) {
        // A private talk has few people, who are sent unread counts.
        for (const feed of this.#byRoom.get(room)) this.#refresh(feed, room);
        continue;
      }
      this.deps.audience.pushHead(room, frame);
      for (const feed of this.#streams.get(room)) feed.listener.send(frame);
    }
    for (const room of this.#recent.keys()) {
      if (this.#recent.size <= RECENT) break;
      this.#recent.delete(room);
    }
  }

  /** Rights have changed: reads the affected inboxes again. */
  receive(room: string, control: Control): void {
    switch (control.action) {
      case "recheck":
        for (const feed of this.#of(control.subjects)) this.#again(feed);
        return;
      case "rules":
      case "everything":
        if (room === EVERYWHERE) for (const feed of this.#all) this.#again(feed);
        else for (const feed of this.#byRoom.get(room)) this.#refresh(feed, room);
    }
  }

  /** Recovers what the broker may have lost. Never rejects. */
  async recover(): Promise<void> {
    try {
      const people = [...new Set([...this.#all].map(({ person }) => person))];
      const versions = await this.deps.inbox.versions(people);
      for (const feed of this.#all) {
        if ((versions.get(feed.person) ?? 0) > feed.version) this.#refresh(feed);
      }
    } catch (fault) {
      this.deps.observer.log("warn", "inboxes not recovered", { fault: String(fault) });
    }
  }

  /** What someone may see of their inbox, for a single answer. */
  async read(principal: Principal, since: number): Promise<InboxFrame> {
    const state = await this.deps.inbox.read(this.#reader(principal), since);
    const rooms = await this.#rights.rooms(principal, state.rooms);
    const items = await this.#rights.items(principal, state.items, rooms);
    const full = since === 0 ? { full: true as const } : {};
    const settings = state.settings === undefined ? {} : { settings: state.settings };
    return { type: "inbox", version: state.version, ...full, rooms, items, ...settings };
  }

  #of(subjects: readonly string[]): ReadonlySet<Feed> {
    const found = new Set<Feed>();
    for (const { kind, value } of subjects.map(parseSubject)) {
      if (kind === "person") for (const feed of this.#byPerson.get(value)) found.add(feed);
      else for (const feed of this.#all) if (feed.network === value) found.add(feed);
    }
    return found;
  }

  #again(feed: Feed): void {
    feed.again(0);
    this.#refresh(feed);
  }

  #refresh(feed: Feed, room?: string): void {
    if (room !== undefined) feed.asked.add(room);
    this.#stale.add(feed);
    this.#start();
  }

  #start(): void {
    for (const feed of this.#stale) {
      if (this.#reading >= AT_ONCE) return;
      if (feed.isReading) continue;
      this.#stale.delete(feed);
      feed.isReading = true;
      this.#reading += 1;
      void this.#tell(feed).finally(() => {
        feed.isReading = false;
        this.#reading -= 1;
        this.#start();
      });
    }
  }

  async #tell(feed: Feed): Promise<void> {
    const { inbox, observer } = this.deps;
    const { principal } = feed.listener;
    const asked = feed.takeAsked();
    const { version } = feed;
    const isFull = version === 0;
    try {
      const reader = this.#reader(principal);
      const state = isFull
        ? await inbox.read(reader, 0)
        : await inbox.readRooms(reader, version, asked);
      const rooms = await this.#rights.rooms(principal, state.rooms);
      const items = await this.#rights.items(principal, state.items, rooms);
      // It was closed, or will be read again.
      if (!this.#all.has(feed) || feed.version !== version) return;
      const followed = new Set(rooms.flatMap((each) => (each.followed ? [each.room] : [])));
      const left = isFull ? [...feed.rooms] : rooms.map(({ room }) => room);
      for (const room of left) if (!followed.has(room)) this.#unlisten(feed, room);
      for (const room of followed) this.#listen(feed, room);
      feed.send({ ...state, items }, rooms, isFull);
      // Heads that were sent after a room was read, and before its subscription.
      for (const each of rooms) {
        const isBehind = each.followed && (this.#recent.get(each.room) ?? 0) > each.head;
        if (isBehind) this.#refresh(feed, each.room);
      }
    } catch (fault) {
      for (const room of asked) feed.asked.add(room);
      observer.log("warn", "inbox not read", { fault: String(fault) });
      setTimeout(() => this.#all.has(feed) && this.#refresh(feed), RETRY_MS).unref();
    }
  }

  #reader({ person, network }: Principal): InboxReader {
    const subjects = [personSubject(person.id), networkSubject(network)];
    return { person: person.id, subjects, now: this.deps.now() };
  }

  #listen(feed: Feed, room: string): void {
    if (feed.rooms.has(room)) return;
    feed.rooms.add(room);
    this.#byRoom.add(room, feed);
    if (!feed.listener.listen(room)) this.#streams.add(room, feed);
  }

  #unlisten(feed: Feed, room: string): void {
    if (!feed.rooms.delete(room)) return;
    this.#byRoom.delete(room, feed);
    this.#streams.delete(room, feed);
    feed.listener.unlisten(room);
  }
}
