import type { Observer } from "../../model/base/observer.ts";
import type { FoundMention, InboxRecords, PendingMention } from "../../model/inbox/inbox.ts";
import { calledNames } from "../../model/people/mention.ts";
import type { Author } from "../../model/people/person.ts";
import { isDirectName } from "../../model/rooms/rules.ts";
import type { RoomEvent } from "../../model/wire/event.ts";

/** Messages in one transaction. */
const BATCH = 100;
/** The most people mentioned in one message. */
const MOST_CALLED = 50;
/** How long to wait for further messages. */
const PAUSE_MS = 20;
/** The wait after a failure of the database. */
const RETRY_MS = 1_000;

/**
 * Finds mentions in messages and puts them into inboxes. Messages are queued in the transaction
 * that stores them, so if a node ends early, this or another one continues.
 */
export class Mentions {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> | null = null;
  #hasMore = false;
  #isClosed = false;

  constructor(
    readonly inbox: InboxRecords,
    /** The people in a room now, on any node. */
    readonly present: (room: string) => readonly Author[],
    readonly tell: (people: ReadonlySet<string>) => void,
    readonly observer: Observer,
    /** Called when deliveries may have been queued. */
    readonly queued: () => void,
  ) {}

  said(room: string, events: readonly RoomEvent[]): void {
    const isTalk = isDirectName(room);
    const calls = (event: RoomEvent) =>
      event.type === "message" && (isTalk || event.text.includes("@"));
    if (events.some(calls)) this.nudge();
  }

  /** The queue may contain messages. */
  nudge(): void {
    this.#hasMore = true;
    if (this.#isClosed || this.#running) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#running = this.#run();
    }, PAUSE_MS);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      while (this.#hasMore && !this.#isClosed) {
        this.#hasMore = false;
        const pending = await this.inbox.pendingMentions(BATCH);
        if (pending.length === 0) continue;
        this.#hasMore = true;
        const found: FoundMention[] = [];
        const spokenTo: FoundMention[] = [];
        for (const message of pending) {
          for (const person of await this.#calledIn(message)) found.push({ message, person });
          for (const person of await this.#spokenTo(message)) spokenTo.push({ message, person });
        }
        this.tell(await this.inbox.settleMentions(pending, found, spokenTo));
        this.queued();
      }
    } catch (fault) {
      this.observer.log("warn", "mentions not delivered", { fault: String(fault) });
      this.#hasMore = false;
      setTimeout(() => this.nudge(), RETRY_MS).unref();
    }
    this.#running = null;
    if (this.#hasMore && !this.#isClosed) this.nudge();
  }

  /** In a private talk everyone else, except those who have blocked the author. */
  async #spokenTo({ room, author }: PendingMention): Promise<readonly Author[]> {
    if (!isDirectName(room)) return [];
    const others = await this.inbox.talkPeople(room, author.id);
    const blockers = await this.inbox.blockers(author.id);
    return others.filter(({ id }) => !blockers.has(id));
  }

  /** For each `@`, the people with the longest name that matches. */
  async #calledIn({ room, author, text }: PendingMention): Promise<readonly Author[]> {
    const calls = calledNames(text);
    const names = new Set(calls.flat());
    if (names.size === 0) return [];
    const here = this.present(room).filter(({ name }) => names.has(name.toLowerCase()));
    const known = await this.inbox.called(room, [...names], MOST_CALLED);
    const bearers = Map.groupBy([...here, ...known], ({ name }) => name.toLowerCase());
    const blockers = bearers.size === 0 ? new Set() : await this.inbox.blockers(author.id);
    const called = new Map<string, Author>();
    for (const call of calls) {
      const name = call.find((each) => bearers.has(each)) ?? "";
      for (const person of bearers.get(name) ?? []) {
        const isOther = person.id !== author.id && !person.id.includes(":");
        if (isOther && !blockers.has(person.id) && called.size < MOST_CALLED)
          called.set(person.id, person);
      }
    }
    return [...called.values()];
  }
}
