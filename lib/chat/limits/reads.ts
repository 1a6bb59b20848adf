import type { Refusal } from "../../model/base/errors.ts";
import { NetworkRates, Rates } from "./rates.ts";
import { FairScheduler } from "./fair-scheduler.ts";

/** Reads of one person at once, and then each second. */
const PERSON = { burst: 50, perSecond: 20 };
/** Reads of one network, for all its people and for callers without a cookie. */
const NETWORK = { burst: 200, perSecond: 40 };
/** An answer counts once more for each of this many bytes. */
const UNIT_BYTES = 16 * 1024;
const LEAST_WAIT_MS = 50;

/** Who reads, and from which network. */
export interface Reader {
  readonly person: string;
  readonly network: string;
}

/**
 * Limits reads of the log: pages, searches, starts of sockets and streams. Counts their number and
 * size by person and network, and runs them in turns.
 */
export class Reads {
  readonly #people: Rates;
  readonly #networks: NetworkRates;
  readonly #turns = new FairScheduler();

  constructor(isLimited: boolean, now: () => number) {
    this.#people = new Rates(isLimited ? PERSON : null, now);
    this.#networks = new NetworkRates(isLimited ? NETWORK : null, now);
  }

  /** Counts one read, or refuses it. */
  consume({ person, network }: Reader): Refusal | null {
    return this.#people.consume(person) ?? this.#networks.consume(network);
  }

  /** Counts the start of a socket or stream, by network only: a person may have many. */
  consumeStart(network: string): Refusal | null {
    return this.#networks.consume(network);
  }

  /** Runs the other work of a start when it is the network's turn. */
  takeTurn<T>(network: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(network, work);
  }

  /** Runs a counted read when it is the network's turn, and counts the size of its answer. */
  async inTurn<T>(reader: Reader, read: () => Promise<T>): Promise<T> {
    const answer = await this.#turns.run(reader.network, read);
    const units = Math.floor(jsonBytes(answer) / UNIT_BYTES);
    if (units > 0) {
      this.#people.charge(reader.person, units);
      this.#networks.charge(reader.network, units);
    }
    return answer;
  }

  /** Continues a read that has begun: like `inTurn`, as soon as a further read is allowed. */
  async goOn<T>(reader: Reader, read: () => Promise<T>): Promise<T> {
    for (let refusal; (refusal = this.consume(reader));) {
      const { retryAfterMs = LEAST_WAIT_MS } = refusal;
      await new Promise((resolve) => setTimeout(resolve, Math.max(retryAfterMs, LEAST_WAIT_MS)));
    }
    return this.inTurn(reader, read);
  }
}

/** The size of a value as JSON; a string is JSON already. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}
