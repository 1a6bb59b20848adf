import type { HandlerFault, Incoming, Said } from "../../model/handler.ts";

/** A module of the handlers folder. */
export interface HandlerFile {
  /** The file's name without its ending. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Its name in the cells: the same for as long as the server runs, from 1. */
  readonly number: number;
}

/** What the server sends to the handlers' thread; `start` comes first, and once. */
export type ToThread =
  | { readonly kind: "start"; readonly cells: Int32Array; readonly root: string }
  /** Load these, in this order, in the place of what is loaded. */
  | { readonly kind: "load"; readonly files: readonly HandlerFile[] }
  | {
      readonly kind: "run";
      readonly call: number;
      readonly message: Incoming;
      /** Names of handlers that must not see the message. */
      readonly skip: readonly string[];
    }
  /** Shows by its effect on `CELL.progress` that the thread's event loop turns. */
  | { readonly kind: "ping" };

/** What the thread answers. */
export type FromThread =
  | {
      readonly kind: "loaded";
      /** Names of the handlers that run from now on. */
      readonly names: readonly string[];
      readonly faults: readonly HandlerFault[];
    }
  | ({ readonly kind: "ran"; readonly call: number } & Ran)
  /** What a handler started has failed outside any call. */
  | { readonly kind: "failed"; readonly fault: HandlerFault };

/** What became of one message. */
export interface Ran {
  readonly text: string;
  readonly refuse?: string;
  readonly replies: readonly Said[];
  readonly said: readonly Said[];
  readonly faults: readonly HandlerFault[];
}

/**
 * Numbers in memory that both threads see, so that the server knows what the handlers' thread does
 * while that one answers nothing. A handler goes by its file's number; 0 is none.
 */
export const CELL = {
  /** Changes whenever the thread does anything. */
  progress: 0,
  /** The handler whose code runs now, up to its first wait. */
  running: 1,
  /** The call it runs for; 0 for none. */
  call: 2,
  /** The handler that was last given a message. */
  last: 3,
  /** The handler that is being loaded. */
  loading: 4,
  /** MiB of the thread's heap after a collection; 0 while it is within its limit. */
  heap: 5,
} as const;
export const CELLS = 6;
