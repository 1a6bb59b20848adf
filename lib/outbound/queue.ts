import type { Observer } from "../model/base/observer.ts";
import type { Deliveries, Delivery } from "../model/outbound/delivery.ts";

/** Deliveries that are made at the same time by one node. */
const AT_ONCE = 8;
/** Longer than any carrier takes: after it, another node makes the delivery. */
const CLAIM_MS = 60_000;
/** The database is asked at least this often what other nodes have left. */
const LOOK_MS = 15_000;
/** What fails is tried again for a day. */
const EXPIRY_MS = 24 * 60 * 60 * 1000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60 * 60 * 1000;

/** `done`: sent, or of no use any more. `failed`: tried again later. */
export type Outcome =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      readonly reason: string;
      /** The target asks to wait this long. */
      readonly afterMs?: number;
    };

/** By the kind of delivery. */
export type Carriers = Readonly<Record<string, Carrier>>;

/** Makes the deliveries of one kind. */
export interface Carrier {
  /** Should take far less than a minute. A rejection is a failure. */
  carry(delivery: Delivery): Promise<Outcome>;
  /** It failed for a day, and is not tried again. */
  gaveUp?(delivery: Delivery, reason: string): Promise<void>;
}

export interface QueueDeps {
  readonly deliveries: Deliveries;
  readonly observer: Observer;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly newId: () => string;
}

/**
 * Milliseconds until try number `attempts`, which counts from 1: twice as long after each failure,
 * up to an hour, and shortened by up to a half at random.
 */
export function retryMs(attempts: number, random: number): number {
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.round(longest * (1 - random / 2));
}

/**
 * Makes the deliveries that wait, from any node: each at least once, those of one target in order.
 * What fails is tried again with growing pauses for a day.
 */
export class DeliveryQueue {
  readonly #running = new Set<Promise<void>>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #isClaiming = false;
  #isAgain = false;
  #isClosed = false;
  /** Null: not started. */
  #carriers: Carriers | null = null;

  constructor(readonly deps: QueueDeps) {}

  /** Makes deliveries from now on; call once. */
  start(carriers: Carriers): void {
    this.#carriers = carriers;
    this.nudge();
  }

  /** There may be deliveries that are due. */
  nudge(): void {
    this.#isAgain = true;
    if (!this.#carriers || this.#isClosed || this.#isClaiming) return;
    this.#isClaiming = true;
    this.#track(this.#claim());
  }

  /** Resolves when the deliveries that were begun are made. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }

  async #claim(): Promise<void> {
    const { deliveries, now, newId, observer } = this.deps;
    let waitMs = LOOK_MS;
    try {
      while (this.#isAgain && !this.#isClosed) {
        this.#isAgain = false;
        // This claim itself is among what runs.
        const free = AT_ONCE + 1 - this.#running.size;
        if (free <= 0) break;
        const time = now();
        const claimed = await deliveries.claim(newId(), time, time + CLAIM_MS, free);
        for (const delivery of claimed) this.#track(this.#make(delivery));
      }
      const next = await deliveries.nextAt();
      if (next !== null) waitMs = Math.min(LOOK_MS, Math.max(next - now(), 50));
    } catch (fault) {
      observer.log("warn", "deliveries not read", { fault: String(fault) });
    }
    this.#isClaiming = false;
    if (this.#isClosed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.nudge(), waitMs);
  }

  /** Never rejects: a delivery that could not be finished is made again when its claim ends. */
  async #make(delivery: Delivery): Promise<void> {
    const { deliveries, observer, now, random } = this.deps;
    try {
      const outcome = await this.#carry(delivery);
      if (outcome.kind === "done") {
        observer.count("deliveries_made");
        await deliveries.finish(delivery);
      } else {
        const { reason, afterMs = 0 } = outcome;
        const { kind, attempts, at } = delivery;
        observer.count("deliveries_failed");
        observer.log("info", "delivery failed", { kind, attempts, reason });
        const dueAt = now() + Math.max(afterMs, retryMs(attempts + 1, random()));
        if (dueAt < at + EXPIRY_MS) await deliveries.postpone(delivery, dueAt);
        else {
          observer.log("warn", "delivery given up", { kind, attempts, reason });
          await this.#carriers?.[kind]?.gaveUp?.(delivery, reason);
          await deliveries.finish(delivery);
        }
      }
    } catch (fault) {
      observer.log("warn", "delivery not finished", { fault: String(fault) });
    }
    // The target may have more.
    queueMicrotask(() => this.nudge());
  }

  async #carry(delivery: Delivery): Promise<Outcome> {
    const carrier = this.#carriers?.[delivery.kind];
    // One of a newer version of the program.
    if (!carrier) return { kind: "failed", reason: "no carrier" };
    try {
      return await carrier.carry(delivery);
    } catch (fault) {
      return { kind: "failed", reason: String(fault) };
    }
  }
}
