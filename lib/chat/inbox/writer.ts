import type { Observer } from "../../model/base/observer.ts";
import type { InboxChange, InboxRecords } from "../../model/inbox/inbox.ts";
import type { RoomEvent } from "../../model/wire/event.ts";

/** How long a change waits for others, to be written together. */
const PAUSE_MS = 250;
/** Changes in one transaction. */
const BATCH = 500;
/** The most changes that wait; beyond it, read positions are dropped. */
const WAITING_LIMIT = 50_000;
/** The wait after a failure of the database. */
const RETRY_MS = 1_000;
/** The number of authors known to follow the room they post in. */
const KNOWN_LIMIT = 50_000;

/**
 * Writes frequent changes of inboxes, read positions and rooms posted in, a quarter of a second
 * later in batches, once for each person and room.
 */
export class InboxWriter {
  readonly #waiting = new Map<string, InboxChange>();
  readonly #speakers = new Map<string, Map<string, string>>();
  #known = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(
    readonly inbox: Pick<InboxRecords, "change">,
    /** Announces changed inboxes to every node. */
    readonly tell: (people: ReadonlySet<string>) => void,
    readonly observer: Observer,
  ) {}

  /** Writes a change soon. A later position of a person in a room replaces an earlier one. */
  soon(change: InboxChange): void {
    const key = `${change.kind} ${change.person} ${change.room}`;
    const before = this.#waiting.get(key);
    const isBehind = before?.kind === "read" && change.kind === "read" && before.seq >= change.seq;
    if (isBehind || (!before && this.#waiting.size >= WAITING_LIMIT)) return;
    this.#waiting.set(key, change);
    this.#schedule(PAUSE_MS);
  }

  /** The read position that waits to be written; 0: none. */
  reading(person: string, room: string): number {
    const waiting = this.#waiting.get(`read ${person} ${room}`);
    return waiting?.kind === "read" ? waiting.seq : 0;
  }

  /** Writes changes now, after all that wait. Rejects if the database fails. */
  async now(changes: readonly InboxChange[]): Promise<void> {
    await this.flush();
    for (const { kind, person, room } of changes) {
      if (kind === "leave") this.#speakers.get(room)?.delete(person);
    }
    this.tell(await this.inbox.change(changes));
  }

  /** New messages of a room: their authors follow it from now on. */
  said(room: string, events: readonly RoomEvent[]): void {
    let speakers = this.#speakers.get(room);
    for (const event of events) {
      if (event.type !== "message") continue;
      const { author, seq, at } = event;
      // Programs have no inbox.
      if (speakers?.get(author.id) === author.name || author.id.includes(":")) continue;
      if (!speakers) {
        if (this.#known > KNOWN_LIMIT) this.#forget();
        speakers = new Map();
        this.#speakers.set(room, speakers);
      }
      speakers.set(author.id, author.name);
      this.#known += 1;
      const { id: person, name } = author;
      this.soon({ kind: "follow", person, room, name, read: seq, at });
    }
  }

  /** Resolves when what waits is written, or the database has failed. */
  flush(): Promise<void> {
    this.#running = this.#running.then(() => this.#flush());
    return this.#running;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.flush();
  }

  #forget(): void {
    this.#speakers.clear();
    this.#known = 0;
  }

  #schedule(ms: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, ms);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      for (const [key] of batch) this.#waiting.delete(key);
      try {
        this.tell(await this.inbox.change(batch.map(([, change]) => change)));
      } catch (fault) {
        this.observer.log("warn", "inboxes not written", { fault: String(fault) });
        for (const [key, change] of batch) {
          if (!this.#waiting.has(key)) this.#waiting.set(key, change);
        }
        this.#schedule(RETRY_MS);
        return;
      }
    }
  }
}
