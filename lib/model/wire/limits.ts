import { NAME_LIMIT } from "../people/person.ts";
import { TEXT_LIMIT } from "../text/text.ts";
import type { Rate } from "../base/rate.ts";

export interface Limits {
  /** Characters in a message. */
  readonly text: number;
  /** Bytes in a frame from a client; a larger one closes the socket with 1009. */
  readonly frame: number;
  /** Characters in a name. */
  readonly name: number;
  /** Bytes in an upload. */
  readonly upload: number;
  /** Messages of one person; null: no limit. */
  readonly messages: Rate | null;
  /** Open sockets of one address; null: no limit. */
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

/** `--limits off`: what protects the format stays, what protects from people goes. */
export const NO_LIMITS: Limits = { ...DEFAULT_LIMITS, messages: null, sockets: null };

/** Uploads of one person, and of one address, in bytes: eight of the largest at once, then 128 KiB/s. */
export function uploadRate(largest: number): Rate {
  return { burst: 8 * largest, perSecond: 128 * 1024 };
}
/** Uploads of one person, and of one address, in bytes a day: a gigabyte and four with 25 MiB a file. */
export function uploadsPerDay(largest: number): { readonly person: Rate; readonly network: Rate } {
  const daily = (files: number) => ({
    burst: files * largest,
    perSecond: (files * largest) / (24 * 60 * 60),
  });
  return { person: daily(40), network: daily(160) };
}
/** Uploads of one address at the same time. */
export const UPLOADS_AT_ONCE = 8;
/** An upload that has not been sent by then is erased. */
export const UNSENT_MS = 24 * 60 * 60 * 1000;

/** How much may come in before any of it is read. */
export interface FrameRates {
  /** Frames, each element of an array counted. */
  readonly frames: Rate;
  /** Bytes of frames. */
  readonly bytes: Rate;
  /** Frames that make no sense, and frames beyond the other two rates: more of them end the socket. */
  readonly strikes: Rate;
}
/**
 * A page that sends 20 messages at once, types, reads and reacts stays below a quarter of this; 20
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

/** Bytes of unsent frames after which a reader is cut off (promise 5). */
export const BACKPRESSURE_LIMIT = 1024 * 1024;
/**
 * Bytes of the events or messages in one start, page or answer, as JSON; one alone may have more. With
 * what goes around them, at most 200 people among it, nothing that is sent at once is longer than
 * 256 KiB. It is what a reader who reads nothing makes the server hold.
 */
export const PIECE_BYTES = 96 * 1024;
/** The most events a resume sends; a client that missed more starts afresh. */
export const RESUME_LIMIT = 1_000;
/** Messages in a fresh `welcome`. */
export const WELCOME_MESSAGES = 50;
/** The most messages in one answer to `history`. */
export const HISTORY_LIMIT = 100;
/** In a room of more people than this, presence is only a count. */
export const PEOPLE_LIMIT = 200;
