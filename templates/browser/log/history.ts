import type { Message } from "../../../lib/model/wire/event.ts";
import type { Connection } from "../net/connection.ts";
import type { LogView } from "./log.ts";
import type { Timeline } from "./timeline.ts";

/** Messages in one request. */
const PAGE = 50;
/** The range of `seq` requested downwards, which contains at most as many messages. */
const AHEAD = 100;

/** Loads what the timeline lacks: above, below, or elsewhere. */
export class History {
  #busy = false;
  /** The timeline is complete up to this `seq`, if it does not reach the room's end. */
  #reached = 0;
  readonly #single = new Map<number, Message | null>();

  constructor(
    readonly connection: Connection,
    readonly timeline: Timeline,
    readonly view: () => LogView,
  ) {}

  async older(): Promise<void> {
    const first = this.timeline.first;
    if (!first) return;
    await this.#alone(async () => {
      const page = await this.#read(first.seq, PAGE);
      if (page) this.view().shifted(this.timeline.prepend(page.messages, page.more));
    });
  }

  async newer(): Promise<void> {
    await this.#alone(async () => {
      const upTo = this.#reached + AHEAD;
      const page = await this.#read(upTo + 1, AHEAD);
      if (!page) return;
      this.#reached = upTo;
      this.timeline.append(page.messages, upTo);
      this.view().changed();
    });
  }

  /** Shows a message, wherever it is; false if there is none with this number. */
  async show(seq: number): Promise<boolean> {
    if (this.view().show(seq)) return true;
    const upTo = seq + PAGE / 2;
    const page = await this.#read(upTo + 1, PAGE);
    if (!page?.messages.some((message) => message.seq === seq)) return false;
    this.#start(page.messages, page.more, upTo);
    return this.view().show(seq);
  }

  /** Returns to the room's end. */
  async latest(): Promise<void> {
    if (this.timeline.after) {
      const upTo = this.timeline.head;
      const page = await this.#read(upTo + 1, PAGE);
      if (page) this.#start(page.messages, page.more, upTo);
    }
    this.view().toEnd();
  }

  /** A message by its number, for a quote: what is known now; the rest is loaded. */
  one(seq: number): Message | undefined {
    const known = this.timeline.find(seq) ?? this.#single.get(seq);
    if (known !== undefined || this.#single.has(seq)) return known ?? undefined;
    this.#single.set(seq, null);
    void this.#read(seq + 1, 1).then((page) => {
      const [found] = page?.messages ?? [];
      if (found?.seq !== seq) return;
      this.#single.set(seq, found);
      this.view().changed();
    });
    return undefined;
  }

  #start(messages: readonly Message[], more: boolean, upTo: number): void {
    this.#reached = upTo;
    this.timeline.reset(messages, more, upTo < this.timeline.head);
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await work();
    this.#busy = false;
  }

  /** Null if the connection is lost, or the request was refused. */
  async #read(before: number, limit: number) {
    const answer = await this.connection.ask({ type: "history", before, limit });
    if (answer?.type === "history") return answer;
    // Includes the wait after a rate limit, so that callers do not retry at once.
    if (answer?.type === "error")
      await new Promise((go) => setTimeout(go, answer.retryAfterMs ?? 500));
    return null;
  }
}
