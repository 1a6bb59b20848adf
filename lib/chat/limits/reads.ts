import type { Refusal } from "../../model/base/errors.ts";
import { NetworkRates, Rates } from "./rates.ts";
import { FairScheduler } from "./fair-scheduler.ts";

/** What one person may read back at once, and then each second. */
const PERSON = { burst: 50, perSecond: 20 };
/** All people of one network, and those who come without a cookie. */
const NETWORK = { burst: 200, perSecond: 40 };
/** Bytes beyond which an answer counts as one more. */
const UNIT_BYTES = 16 * 1024;
const LEAST_WAIT_MS = 50;

/** Who reads, and from where. */
export interface Reader {
  readonly person: string;
  readonly network: string;
}

/**
 * What reading back costs: pages of the log, searches, starts of sockets and streams. It is counted
 * by person and by network, by how often and by how much, and done in turns.
 */
export class Reads {
  readonly #people: Rates;
  readonly #networks: NetworkRates;
  readonly #turns = new FairScheduler();

  constructor(isLimited: boolean, now: () => number) {
    this.#people = new Rates(isLimited ? PERSON : null, now);
    this.#networks = new NetworkRates(isLimited ? NETWORK : null, now);
  }

  /** Counts one read, or says how long to wait. */
  consume({ person, network }: Reader): Refusal | null {
    return this.#people.consume(person) ?? this.#networks.consume(network);
  }

  /** Counts the start of a socket or a stream, by the network alone: a person may have many. */
  consumeStart(network: string): Refusal | null {
    return this.#networks.consume(network);
  }

  /** Does what a start needs beside its log, when it is the network's turn. */
  takeTurn<T>(network: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.run(network, work);
  }

  /** Does a read that was counted, when it is the network's turn, and counts how long its answer is. */
  async inTurn<T>(reader: Reader, read: () => Promise<T>): Promise<T> {
    const answer = await this.#turns.run(reader.network, read);
    const units = Math.floor(jsonBytes(answer) / UNIT_BYTES);
    if (units > 0) {
      this.#people.charge(reader.person, units);
      this.#networks.charge(reader.network, units);
    }
    return answer;
  }

  /** Reads on for someone who has begun: as `inTurn`, as soon as one more read is allowed. */
  async goOn<T>(reader: Reader, read: () => Promise<T>): Promise<T> {
    for (let refusal; (refusal = this.consume(reader));) {
      const { retryAfterMs = LEAST_WAIT_MS } = refusal;
      await new Promise((resolve) => setTimeout(resolve, Math.max(retryAfterMs, LEAST_WAIT_MS)));
    }
    return this.inTurn(reader, read);
  }
}

/** Bytes of a value as JSON; of a text, which is JSON already, its own. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}
