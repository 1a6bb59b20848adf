import { NetworkRates } from "../../chat/limits/rates.ts";
import { Refusal } from "../../model/base/errors.ts";
import { consume, charge, type Rate } from "../../model/base/rate.ts";
import { NETWORK_FRAMES, SOCKET_FRAMES } from "../../model/wire/limits.ts";

/** A socket's token buckets, as the times at which they will be full again. */
export interface FrameMeter {
  frames: number;
  bytes: number;
  strikes: number;
  /** When it was last told that it sends too much. */
  toldAt: number;
  /** When others were last told that it types. */
  typedAt: number;
}

export function newMeter(): FrameMeter {
  return { frames: 0, bytes: 0, strikes: 0, toldAt: 0, typedAt: 0 };
}

/** The least interval between two refusals to a socket that sends too much. */
const TELL_MS = 1_000;
const TYPING_MS = 1_000;

/**
 * Bounds what sockets send before any of it is read: frames and bytes, by socket and by network.
 * Excess and invalid frames are strikes; a socket with too many strikes is closed.
 */
export class FrameLimits {
  readonly #frames: NetworkRates;
  readonly #bytes: NetworkRates;
  readonly #strikes: NetworkRates;

  constructor(
    /** Whether there are limits at all. */
    readonly on: boolean,
    readonly now: () => number,
  ) {
    const of = (rate: Rate) => new NetworkRates(on ? rate : null, now);
    this.#frames = of(NETWORK_FRAMES.frames);
    this.#bytes = of(NETWORK_FRAMES.bytes);
    this.#strikes = of(NETWORK_FRAMES.strikes);
  }

  /** Counts one frame. If refused, the frame must not be read. */
  refuse(meter: FrameMeter, network: string, bytes: number): Refusal | null {
    if (!this.on) return null;
    const now = this.now();
    const frames = consume(SOCKET_FRAMES.frames, meter.frames, now);
    const size = consume(SOCKET_FRAMES.bytes, meter.bytes, now, bytes);
    if (frames <= 0 || size <= 0) {
      return new Refusal("rateLimited", {}, Math.ceil(-Math.min(frames, size)));
    }
    const refusal = this.#frames.consume(network) ?? this.#bytes.consume(network, bytes);
    if (refusal) return refusal;
    meter.frames = frames;
    meter.bytes = size;
    return null;
  }

  /** Counts the further elements of an admitted array. */
  count(meter: FrameMeter, network: string, more: number): void {
    if (!this.on || more <= 0) return;
    meter.frames = charge(SOCKET_FRAMES.frames, meter.frames, this.now(), more);
    this.#frames.charge(network, more);
  }

  /** Counts one strike; true if the socket has too many. */
  strike(meter: FrameMeter, network: string): boolean {
    if (!this.on) return false;
    const strikes = consume(SOCKET_FRAMES.strikes, meter.strikes, this.now());
    if (strikes > 0) meter.strikes = strikes;
    this.#strikes.charge(network, 1);
    return strikes <= 0;
  }

  /** Whether to tell the socket now that it sends too much. */
  shouldReport(meter: FrameMeter): boolean {
    const now = this.now();
    if (now - meter.toldAt < TELL_MS) return false;
    meter.toldAt = now;
    return true;
  }

  /** Whether others are to be told that it types: once a second is enough for anyone. */
  mayType(meter: FrameMeter): boolean {
    const now = this.now();
    if (now - meter.typedAt < TYPING_MS) return false;
    meter.typedAt = now;
    return true;
  }

  /** Why a network may not open sockets at present: too many of its frames were invalid. */
  refuseOpen(network: string): Refusal | null {
    return this.#strikes.consume(network, 0);
  }
}
