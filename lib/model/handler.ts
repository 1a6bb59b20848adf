import type { Author } from "./people/person.ts";

/** A message on its way in, before it is stored. */
export interface Incoming {
  readonly room: string;
  readonly author: Author;
  readonly text: string;
  /** How many files come with it; its text may then be empty. */
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * What a handler wants; every part may be left out, and nothing at all leaves the message as it is.
 * `text` replaces the text, for the handlers after it too. `refuse` gives the reason, and ends it.
 * `reply` goes to the sender alone, and is not stored. `say` goes to the room after the message, as
 * a message of a bot with the handler's name.
 */
export interface Outcome {
  readonly text?: string;
  readonly refuse?: string;
  readonly reply?: string;
  readonly say?: string;
}

/**
 * The default export of a module in the handlers folder. Modules run in the order of their file
 * names, one message of a room at a time.
 */
export type Handler = (message: Incoming) => Outcome | void | Promise<Outcome | void>;

/** A handler that takes longer for one message has failed, whether it waits or computes. */
export const HANDLER_TIMEOUT_MS = 1_000;
/** The same for a module that is being loaded. */
export const LOAD_TIMEOUT_MS = 5_000;

/** What all handlers together made of one message. */
export interface Handled {
  readonly text: string;
  readonly replies: readonly Said[];
  readonly said: readonly Said[];
}
export interface Said {
  readonly handler: string;
  readonly text: string;
}

/** How a handler failed, for the log. */
export interface HandlerFault {
  readonly handler: string;
  readonly fault: string;
  /** `FILE:LINE:COLUMN` of the operator's code, where the fault tells it. */
  readonly at?: string;
}

/** A module of the handlers folder as it now stands. */
export interface HandlerState {
  /** The file's name without its ending. */
  readonly name: string;
  readonly state: "loaded" | "failed" | "off";
}
