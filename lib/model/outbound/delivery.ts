/** Something that is to be sent out of the program. */
export interface NewDelivery {
  /** Who carries it out: the name of a `Carrier`. */
  readonly kind: string;
  /** Where it goes. Deliveries of one target are made one after another, in order. */
  readonly target: string;
  /** While it waits, it is replaced by a newer one of its target and topic; empty: never. */
  readonly topic: string;
  /** JSON for its carrier. It refers to messages and has none of their text. */
  readonly payload: string;
  /** When it was made, and when it is due, in ms since 1970. */
  readonly at: number;
  readonly dueAt: number;
}

/** A delivery that one node is making now. */
export interface Delivery extends Omit<NewDelivery, "dueAt"> {
  readonly id: number;
  /** Failures so far. */
  readonly attempts: number;
  /** The claim under which it is made: nobody else may finish or postpone it. */
  readonly claim: string;
}

/**
 * The deliveries that wait, in the database. Each is made at least once: one whose node ended before
 * it was finished is made again by another. Any method may reject where the database fails.
 */
export interface Deliveries {
  add(deliveries: readonly NewDelivery[]): Promise<void>;
  /**
   * Claims deliveries that are due, the oldest of each target, until the time `until`. A target
   * with a claimed delivery has no other one claimed.
   */
  claim(claim: string, now: number, until: number, limit: number): Promise<readonly Delivery[]>;
  finish(delivery: Delivery): Promise<void>;
  /** It failed, and is due again at `dueAt`. */
  postpone(delivery: Delivery, dueAt: number): Promise<void>;
  /** When the next one may be claimed; null: none waits. */
  nextAt(): Promise<number | null>;
}
