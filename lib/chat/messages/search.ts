import { Refusal } from "../../model/base/errors.ts";
import type { Page, Store } from "../../model/store.ts";
import type { NetworkRates } from "../limits/rates.ts";
import type { FairQueue } from "../limits/fair-queue.ts";

/** UTF-16 units of a question. */
const QUESTION_LIMIT = 1_000;
/** Parts of the log a question waits for to be indexed, so that what was just said is found. */
const CATCH_UP = { parts: 4, events: 256 };

/** Which messages of a room hold some words. */
export class Search {
  constructor(
    readonly store: Pick<Store, "index" | "search">,
    readonly rates: NetworkRates,
    readonly turns: FairQueue,
  ) {}

  /**
   * As `Store.search`, of what has been said until now. Searches of one `network` follow one after
   * another; refused where too many of them wait, or were asked for lately.
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
