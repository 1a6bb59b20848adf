import { Refusal } from "../../model/base/errors.ts";
import { UPLOADS_AT_ONCE, uploadRate, uploadsPerDay } from "../../model/wire/limits.ts";
import { NetworkRates, Rates } from "./rates.ts";

export interface UploadQuotaDeps {
  /** Bytes of the largest upload. */
  readonly largest: number;
  /** Bytes of all uploads together. */
  readonly total: number;
  /** Whether what protects from people is on. */
  readonly isLimited: boolean;
  readonly now: () => number;
}

/** Room for one upload, or for one form of them. Must be released once. */
export interface Reservation {
  readonly release: () => void;
}

/** Bytes that the smallest file is counted as: a small one may be a large picture to decode. */
const LEAST_COST = 128 * 1024;

/**
 * What uploads may take of this server: at once by network, for a while and for a day by person and
 * network, and in all. Everything is counted in the call that grants it, so that no number of requests
 * at the same time gets more.
 */
export class UploadQuota {
  /** Bytes of all uploads that are kept, as far as this node knows. */
  stored = 0;
  #coming = 0;
  readonly #running = new Map<string, number>();
  readonly #rates: readonly { readonly people: Rates; readonly networks: NetworkRates }[];

  constructor(readonly deps: UploadQuotaDeps) {
    const { largest, isLimited, now } = deps;
    const { person, network } = uploadsPerDay(largest);
    const short = uploadRate(largest);
    const rates = [
      [short, short],
      [person, network],
    ] as const;
    this.#rates = rates.map(([ofPerson, ofNetwork]) => ({
      people: new Rates(isLimited ? ofPerson : null, now),
      networks: new NetworkRates(isLimited ? ofNetwork : null, now),
    }));
  }

  /** Bytes of the uploads that were granted and have not ended. */
  get coming(): number {
    return this.#coming;
  }

  /** Grants `size` bytes, or says why not. */
  reserve(person: string, network: string, size: number): Reservation | Refusal {
    const { isLimited, total } = this.deps;
    const running = this.#running.get(network) ?? 0;
    if (isLimited && running >= UPLOADS_AT_ONCE) return new Refusal("uploadLimit");
    if (this.stored + this.#coming + size > total) return new Refusal("diskFull");
    const cost = Math.max(size, LEAST_COST);
    for (const { people, networks } of this.#rates) {
      const refusal = networks.consume(network, cost) ?? people.consume(person, cost);
      if (refusal) return refusal;
    }
    this.#running.set(network, running + 1);
    this.#coming += size;
    return { release: () => this.#release(network, size) };
  }

  #release(network: string, size: number): void {
    this.#coming -= size;
    const left = (this.#running.get(network) ?? 1) - 1;
    if (left > 0) this.#running.set(network, left);
    else this.#running.delete(network);
  }
}
