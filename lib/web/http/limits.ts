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

/** Bounds the number of requests before their senders are identified. */
export class RequestLimits {
  readonly #rates = new Map<LimitClass, NetworkRates>();

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
   * Sets the fields of draft-ietf-httpapi-ratelimit-headers-09: the network's quota (`q`) in a window of `w`
   * seconds, the requests that remain (`r`), and the seconds until the whole quota is available (`t`).
   */
  report(kind: LimitClass, network: string, headers: Headers): void {
    const left = this.#rates.get(kind)?.available(network);
    if (!left || kind === "none") return;
    const { burst, perSecond } = RATES[kind];
    headers.set("ratelimit-policy", `"${kind}";q=${burst};w=${Math.ceil(burst / perSecond)}`);
    const wait = Math.ceil(left.fullInMs / 1000);
    headers.set("ratelimit", `"${kind}";r=${left.count};t=${wait}`);
  }
}

/** Bytes of bodies in memory at once, of all networks and of one: one form may have 31 MiB. */
const BODIES = { total: 36 * 1024 * 1024, network: 32 * 1024 * 1024 };
const RETRY_MS = 1_000;

/** A body that comes into memory. */
export interface HeldBody extends Disposable {
  /** Counts more bytes of it; a refusal where that is too much for its network. */
  grow(bytes: number): Refusal | null;
  /** Rejects with a `Refusal` where its memory is needed for others. */
  readonly cut: Promise<never>;
}

interface Held {
  bytes: number;
  readonly cut: (refusal: Refusal) => void;
}

/**
 * Bounds the memory of bodies. They are counted as they come: what a request says of its length fills
 * nothing. Where all together are too much, the largest one of the network that has most is ended.
 */
export class BodyMemory {
  readonly #networks = new Map<string, { bytes: number; readonly bodies: Set<Held> }>();
  #total = 0;

  constructor(
    /** Whether there are limits at all. */
    readonly on: boolean,
  ) {}

  hold(network: string): HeldBody {
    const { promise: cut, reject } = Promise.withResolvers<never>();
    cut.catch(() => undefined);
    const body: Held = { bytes: 0, cut: reject };
    return {
      cut,
      grow: (bytes) => this.#grow(network, body, bytes),
      [Symbol.dispose]: () => this.#release(network, body),
    };
  }

  #grow(network: string, body: Held, bytes: number): Refusal | null {
    const own = this.#networks.get(network) ?? { bytes: 0, bodies: new Set() };
    if (this.on && own.bytes + bytes > BODIES.network) {
      return new Refusal("rateLimited", {}, RETRY_MS);
    }
    this.#networks.set(network, own);
    own.bodies.add(body);
    body.bytes += bytes;
    own.bytes += bytes;
    this.#total += bytes;
    while (this.on && this.#total > BODIES.total) this.#cutLargest();
    return null;
  }

  #cutLargest(): void {
    let [network, most] = ["", 0];
    for (const [each, { bytes }] of this.#networks)
      if (bytes > most) [network, most] = [each, bytes];
    let largest: Held | null = null;
    for (const body of this.#networks.get(network)?.bodies ?? []) {
      if (body.bytes > (largest?.bytes ?? -1)) largest = body;
    }
    if (!largest) return;
    largest.cut(new Refusal("rateLimited", {}, RETRY_MS));
    this.#release(network, largest);
  }

  #release(network: string, body: Held): void {
    const own = this.#networks.get(network);
    if (!own?.bodies.delete(body)) return;
    own.bytes -= body.bytes;
    this.#total -= body.bytes;
    if (own.bodies.size === 0) this.#networks.delete(network);
  }
}
