import { NAME_LIMIT } from "../people/person.ts";
import { TEXT_LIMIT } from "../text/text.ts";
import type { Rate } from "../base/rate.ts";

export interface Limits {
  /** The most characters in a message. */
  readonly text: number;
  /** The most bytes in a frame from a client; a larger one closes the socket with 1009. */
  readonly frame: number;
  /** The most characters in a name. */
  readonly name: number;
  /** The most bytes in an upload. */
  readonly upload: number;
  /** Messages of one person; null: no limit. */
  readonly messages: Rate | null;
  /** Open sockets of one network; null: no limit. */
  readonly sockets: number | null;
}

export const DEFAULT_LIMITS: Limits = {
  text: TEXT_LIMIT,
  frame: 64 * 1024,
  name: NAME_LIMIT,
  upload: 25 * 1024 * 1024,
  messages: { burst: 20, perSecond: 5 },
  sockets: 64,
};

/** `--limits off`: removes the limits that protect from people, and keeps those of the format. */
export const NO_LIMITS: Limits = { ...DEFAULT_LIMITS, messages: null, sockets: null };

/**
 * Bytes of uploads of one person, and of one network: eight of the largest size at once, then 128
 * KiB/s.
 */
export function uploadRate(largest: number): Rate {
  return { burst: 8 * largest, perSecond: 128 * 1024 };
}
/** Bytes of uploads a day, of one person and of one network: 1 GB and 4 GB at 25 MiB a file. */
export function uploadsPerDay(largest: number): { readonly person: Rate; readonly network: Rate } {
  const daily = (files: number) => ({
    burst: files * largest,
    perSecond: (files * largest) / (24 * 60 * 60),
  });
  return { person: daily(40), network: daily(160) };
}
/** The most concurrent uploads of one network. */
export const UPLOADS_AT_ONCE = 8;
/** An upload that no message has after this time is erased. */
export const UNSENT_MS = 24 * 60 * 60 * 1000;

/** What may arrive before any of it is read. */
export interface FrameRates {
  /** Frames; each element of an array counts. */
  readonly frames: Rate;
  /** Bytes of frames. */
  readonly bytes: Rate;
  /** Invalid frames, and frames beyond the other two rates. Exceeding this closes the socket. */
  readonly strikes: Rate;
}
/**
 * A page that sends 20 messages at once, types, reads and reacts stays below a quarter of this. 20
 * messages of 8,000 characters of 4 bytes are 640,000 bytes.
 */
export const SOCKET_FRAMES: FrameRates = {
  frames: { burst: 256, perSecond: 64 },
  bytes: { burst: 1024 * 1024, perSecond: 64 * 1024 },
  strikes: { burst: 100, perSecond: 1 },
};
/** All sockets of one network together. */
export const NETWORK_FRAMES: FrameRates = {
  frames: { burst: 1024, perSecond: 256 },
  bytes: { burst: 4 * 1024 * 1024, perSecond: 256 * 1024 },
  strikes: { burst: 400, perSecond: 4 },
};

/** Bytes of unsent frames after which a slow reader is disconnected (promise 5). */
export const BACKPRESSURE_LIMIT = 1024 * 1024;
/** Bytes that may wait for a reader before it is sent the next piece of its start. */
export const BEHIND_BYTES = 16 * 1024;
/**
 * The most bytes of events or messages, as JSON, in one start, page or answer, unless a single one
 * is larger. With everything around them, at most 200 people included, nothing sent at once exceeds
 * 256 KiB. This bounds what a reader who reads nothing makes the server hold.
 */
export const PIECE_BYTES = 64 * 1024;
/** Likewise of the events in each part of a resume, the first one included. */
export const RESUME_PIECE_BYTES = 32 * 1024;
/** The most events of a resume; a client that missed more starts afresh. */
export const RESUME_LIMIT = 1_000;
/** Messages in a fresh `welcome`. */
export const WELCOME_MESSAGES = 50;
/** The most messages in one answer to `history`. */
export const HISTORY_LIMIT = 100;
/** In a room of more people than this, presence is only a count. */
export const PEOPLE_LIMIT = 200;
