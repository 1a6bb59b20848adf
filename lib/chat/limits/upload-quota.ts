import { Refusal } from "../../model/base/errors.ts";
import { UPLOADS_AT_ONCE, uploadRate, uploadsPerDay } from "../../model/wire/limits.ts";
import { NetworkRates, Rates } from "./rates.ts";

export interface UploadQuotaDeps {
  /** The most bytes of an upload. */
  readonly largest: number;
  /** The most bytes of all uploads together. */
  readonly total: number;
  /** Whether rates are limited. */
  readonly isLimited: boolean;
  readonly now: () => number;
}

/** Reserved capacity for an upload, or a form of them. Release it once. */
export interface Reservation {
  readonly release: () => void;
}

/** The least cost of a file: even a small one may be a large picture to decode. */
const LEAST_COST = 128 * 1024;

/**
 * Limits uploads: concurrent ones by network, bytes over time by person and network, and bytes in
 * total. Checked and counted in one synchronous call, so that concurrent requests cannot exceed
 * them.
 */
export class UploadQuota {
  /** Bytes of all stored uploads, as far as this node knows. */
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

  /** Bytes of admitted uploads that have not finished. */
  get coming(): number {
    return this.#coming;
  }

  /** Reserves `size` bytes, or refuses them. */
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
