import { type Batchable, takeBatch } from "./batch.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import type { Access } from "../../model/rooms/authorize.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Author } from "../../model/people/person.ts";
import type { Appended, Draft, Store } from "../../model/store.ts";

/** The author of a change, who is told its result. */
export interface Sender {
  /** Their access to the room; kept up to date. */
  readonly access: Access;
  /** Called once for each draft, after it is on disk and published, or refused. */
  settled(draft: Draft, result: Appended | Refusal, ref: string | undefined): void;
  /** An answer for the sender alone. */
  notice(author: Author, text: string): void;
}

/** The part of a sender that the committer needs; without an access, it is the chat itself. */
export type Outcomes = Pick<Sender, "settled"> & Partial<Pick<Sender, "access">>;

interface Waiting extends Batchable {
  readonly sender: Outcomes;
  readonly ref: string | undefined;
}

function settle({ draft, sender, ref }: Waiting, result: Appended | Refusal): void {
  sender.settled(draft, result, ref);
}

/** The most drafts waiting for the database: about 50 MB of typical messages. */
const WAITING_LIMIT = 100_000;

/**
 * Group commit: what arrives within one turn of the event loop is written in one transaction.
 * Batches grow with the load; a single message waits for one commit. A node has one transaction
 * under way at a time, so a network's drafts are stored and published in the order of `submit`.
 */
export class Committer {
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #scheduled = false;
  /** Answers to repeated messages, which wait until this node has delivered the original. */
  readonly #answers = new Set<Promise<void>>();

  constructor(
    readonly store: Pick<Store, "append">,
    /** Called with a room's new events, in `seq` order, once they are on disk. */
    readonly publish: (room: string, events: readonly RoomEvent[]) => void,
    readonly observer: Observer,
    readonly now: () => number,
    /** Delivers what another node stored; a repeated message may be new to this node. */
    readonly catchUp: (room: string, seq: number) => Promise<void>,
  ) {}

  submit(draft: Draft, sender: Outcomes, ref: string | undefined): void {
    if (this.#waiting.length + this.#answers.size >= WAITING_LIMIT) {
      const retry = new Refusal("roomBusy", {}, 1_000);
      sender.settled(draft, retry, ref);
      return;
    }
    this.#waiting.push({ draft, sender, ref, network: sender.access?.network ?? "" });
    this.#schedule();
  }

  /** Resolves when everything submitted so far is settled. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running) {
      await (this.#running ?? new Promise((resolve) => setImmediate(resolve)));
    }
    await Promise.all(this.#answers);
  }

  #schedule(): void {
    if (this.#scheduled || this.#running) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#running = this.#flush().finally(() => {
        this.#running = null;
        if (this.#waiting.length > 0) this.#schedule();
      });
    });
  }

  async #flush(): Promise<void> {
    const [batch, left] = takeBatch(this.#waiting);
    this.#waiting = left;
    const started = this.now();
    let results: readonly (Appended | Refusal)[];
    try {
      results = await this.store.append(batch.map(({ draft }) => draft));
    } catch (fault) {
      const id = crypto.randomUUID();
      this.observer.log("error", "commit failed", {
        id,
        fault: String(fault),
        drafts: batch.length,
      });
      const refusal = new Refusal("notStored", { id });
      results = batch.map(() => refusal);
    }
    this.observer.time("commit", this.now() - started);
    this.#publish(batch, results);
    for (const [index, waiting] of batch.entries()) {
      const result = results[index];
      if (!result) continue;
      if (result instanceof Refusal || !result.again) settle(waiting, result);
      else this.#answerAgain(waiting, result);
    }
  }

  /**
   * Settles a repeated message once this node has delivered the original. Nothing else waits for
   * that.
   */
  #answerAgain(waiting: Waiting, result: Appended): void {
    const answer = this.catchUp(waiting.draft.room, result.event.seq)
      // It is stored, and will be delivered when the database is back.
      .catch(() => undefined)
      .then(() => settle(waiting, result));
    this.#answers.add(answer);
    void answer.finally(() => this.#answers.delete(answer));
  }

  #publish(batch: readonly Waiting[], results: readonly (Appended | Refusal)[]): void {
    const grown = new Map<string, RoomEvent[]>();
    let stored = 0;
    for (const [index, result] of results.entries()) {
      const room = batch[index]?.draft.room;
      if (room === undefined || result instanceof Refusal || result.again) continue;
      stored += 1;
      const events = grown.get(room);
      if (events) events.push(result.event);
      else grown.set(room, [result.event]);
    }
    this.observer.count("events", stored);
    for (const [room, events] of grown) this.publish(room, events);
  }
}
