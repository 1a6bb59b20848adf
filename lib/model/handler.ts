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
 * names, one message of a room at a time. One that throws, or takes longer than `HANDLER_TIMEOUT_MS`,
 * is logged, and the message goes on as if it had returned nothing.
 */
export type Handler = (message: Incoming) => Outcome | void | Promise<Outcome | void>;

export const HANDLER_TIMEOUT_MS = 1_000;

/** A loaded handler: `name` is its file's, without the ending. */
export interface NamedHandler {
  readonly name: string;
  readonly run: Handler;
}
