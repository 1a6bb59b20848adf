import { NetworkRates } from "../../chat/limits/rates.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Rate } from "../../model/base/rate.ts";
import type { LimitClass } from "./router.ts";

/** Requests of one network at once, and then each second. */
const RATES: Readonly<Record<Exclude<LimitClass, "none">, Rate>> = {
  // Allows for a class behind one address, each opening a room on a computer.
  page: { burst: 100, perSecond: 10 },
  form: { burst: 60, perSecond: 5 },
  // A page of pictures is one read for each of them.
  read: { burst: 400, perSecond: 100 },
  write: { burst: 200, perSecond: 50 },
  // Each waits for the disk, and delays everyone's next message.
  upload: { burst: 30, perSecond: 2 },
  stream: { burst: 200, perSecond: 40 },
};

/** Bytes of bodies in memory at once, of all networks together and of one. */
const BODIES = { total: 128 * 1024 * 1024, network: 32 * 1024 * 1024 };
const RETRY_MS = 1_000;

/** Bounds the number and memory of requests before their senders are identified. */
export class RequestLimits {
  readonly #rates = new Map<LimitClass, NetworkRates>();
  readonly #held = new Map<string, number>();
  #total = 0;

  constructor(
    /** Whether there are limits at all. */
    readonly on: boolean,
    now: () => number,
  ) {
    for (const kind of ["page", "form", "read", "write", "upload", "stream"] as const) {
      this.#rates.set(kind, new NetworkRates(on ? RATES[kind] : null, now));
    }
  }

  /** Counts one request, or refuses it. */
  consume(kind: LimitClass, network: string): Refusal | null {
    return this.#rates.get(kind)?.consume(network) ?? null;
  }

  /**
   * Tells a program how many requests of this kind its network has left, by the fields of the IETF's draft
   * (draft-ietf-httpapi-ratelimit-headers-09): the quota `q` in a window of `w` seconds, the requests that
   * remain (`r`), and the seconds until all are there again (`t`).
   */
  tell(kind: LimitClass, network: string, headers: Headers): void {
    const left = this.#rates.get(kind)?.available(network);
    if (!left || kind === "none") return;
    const { burst, perSecond } = RATES[kind];
    headers.set("ratelimit-policy", `"${kind}";q=${burst};w=${Math.ceil(burst / perSecond)}`);
    const wait = Math.ceil(left.fullInMs / 1000);
    headers.set("ratelimit", `"${kind}";r=${left.count};t=${wait}`);
  }

  /** Room for a body that will be in memory, until it is disposed of; or a refusal. */
  hold(network: string, bytes: number): Disposable | Refusal {
    const held = this.#held.get(network) ?? 0;
    const isTooMuch = held + bytes > BODIES.network || this.#total + bytes > BODIES.total;
    if (this.on && isTooMuch) return new Refusal("rateLimited", {}, RETRY_MS);
    this.#count(network, bytes);
    return { [Symbol.dispose]: () => this.#count(network, -bytes) };
  }

  #count(network: string, bytes: number): void {
    this.#total += bytes;
    const held = (this.#held.get(network) ?? 0) + bytes;
    if (held > 0) this.#held.set(network, held);
    else this.#held.delete(network);
  }
}
