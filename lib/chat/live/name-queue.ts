import type { Observer } from "../../model/base/observer.ts";
import type {
  NameHolder,
  NameLeases,
  NameUpdate,
  NameRequest,
} from "../../model/people/name-leases.ts";

/** Requests in one update, so that a join storm reaches the database in short transactions. */
const BATCH = 500;

interface Claim {
  readonly request: NameRequest;
  /** Applies the assigned name; null: it is taken. */
  readonly apply: (name: string | null) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Sends this node's requests to the leases, one update at a time; what arrives meanwhile is the
 * next update. Results are applied in the order of the requests, those of one update together.
 */
export class NameQueue {
  #claims: Claim[] = [];
  /** By room and person. */
  readonly #released = new Map<string, NameHolder>();
  #flushing: Promise<void> | null = null;

  constructor(
    readonly leases: NameLeases,
    readonly observer: Pick<Observer, "log">,
    /** Called with each update after its names are applied. */
    readonly updated: (update: NameUpdate) => void,
  ) {}

  /**
   * Resolves to whether a name was assigned, after `apply` was called; rejects if the database
   * fails.
   */
  claim(request: NameRequest, apply: (name: string) => void): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const applied = (name: string | null) => {
      if (name !== null) apply(name);
      resolve(name !== null);
    };
    this.#claims.push({ request, apply: applied, reject });
    this.flush();
    return promise;
  }

  /** Releases someone's name as soon as possible. */
  release(holder: NameHolder): void {
    this.#released.set(holderKey(holder), holder);
    this.flush();
  }

  /** They are back: cancels a release that was not sent yet. */
  cancelRelease(holder: NameHolder): void {
    this.#released.delete(holderKey(holder));
  }

  /** Sends what waits; call periodically, for releases that failed. */
  flush(): void {
    if (this.#claims.length + this.#released.size === 0) return;
    this.#flushing ??= this.#run().then((ok) => {
      this.#flushing = null;
      if (ok || this.#claims.length > 0) this.flush();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  /** Returns whether everything was carried out. */
  async #run(): Promise<boolean> {
    // Requests of one turn of the event loop go together.
    await Promise.resolve();
    while (this.#claims.length + this.#released.size > 0) {
      const batch = this.#claims.splice(0, BATCH);
      const released = [...this.#released.values()];
      this.#released.clear();
      try {
        const requests = batch.map(({ request }) => request);
        const update = await this.leases.update(requests, released);
        for (const [index, { apply }] of batch.entries()) apply(update.names[index] ?? null);
        this.updated(update);
      } catch (fault) {
        for (const { reject } of batch) reject(fault);
        const back = new Set(this.#claims.map(({ request }) => holderKey(request)));
        for (const holder of released) {
          const key = holderKey(holder);
          if (!back.has(key)) this.#released.set(key, holder);
        }
        this.observer.log("warn", "names not changed", { fault: String(fault) });
        return false;
      }
    }
    return true;
  }
}

export function holderKey({ room, person }: NameHolder): string {
  return `${room}\0${person}`;
}
