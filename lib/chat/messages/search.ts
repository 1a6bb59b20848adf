import { Refusal } from "../../model/base/errors.ts";
import type { Page, Store } from "../../model/store.ts";
import type { NetworkRates } from "../limits/rates.ts";
import type { FairQueue } from "../limits/fair-queue.ts";

/** The most UTF-16 units in a question. */
const QUESTION_LIMIT = 1_000;
/** How much of the log is indexed before a search, so that recent messages are found. */
const CATCH_UP = { parts: 4, events: 256 };

/** Searches the messages of rooms. */
export class Search {
  constructor(
    readonly store: Pick<Store, "index" | "search">,
    readonly rates: NetworkRates,
    readonly turns: FairQueue,
  ) {}

  /**
   * Like `Store.search`, including everything posted so far. Searches of one `network` run one
   * after another; refused if too many wait, or were made recently.
   */
  async find(
    network: string,
    room: string,
    question: string,
    before: number,
    limit: number,
  ): Promise<Page | Refusal> {
    if (question.length > QUESTION_LIMIT) {
      return new Refusal("questionTooLong", { count: QUESTION_LIMIT });
    }
    const slow = this.turns.refuse(network) ?? this.rates.consume(network);
    if (slow) return slow;
    return this.turns.run(network, async () => {
      for (let part = 0; part < CATCH_UP.parts; part += 1) {
        if (!(await this.store.index(CATCH_UP.events, room))) break;
      }
      return this.store.search(room, question, before, limit);
    });
  }
}
