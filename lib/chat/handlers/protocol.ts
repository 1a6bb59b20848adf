import type { Asked, HandlerFault, LoadedHandler, Task } from "../../model/handlers/handler.ts";

/** A module of the handlers folder. */
export interface ModuleFile {
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
  | { readonly kind: "load"; readonly files: readonly ModuleFile[] }
  | {
      readonly kind: "run";
      readonly call: number;
      readonly task: Task;
      /** Names of files whose handlers must not see it. */
      readonly skip: readonly string[];
    }
  /** To a question about values: JSON of the result, or why there is none. */
  | {
      readonly kind: "answer";
      readonly question: number;
      readonly value?: string;
      readonly fault?: string;
    }
  /** Shows by its effect on `CELL.progress` that the thread's event loop turns. */
  | { readonly kind: "ping" }
  /** Run what handlers want to run at their end, and say when that is done. */
  | { readonly kind: "stop" };

/** What the thread answers. */
export type FromThread =
  | {
      readonly kind: "loaded";
      readonly handlers: readonly LoadedHandler[];
      readonly faults: readonly HandlerFault[];
    }
  | ({ readonly kind: "ran"; readonly call: number } & Ran)
  /** What a handler started has failed outside any call. */
  | { readonly kind: "failed"; readonly fault: HandlerFault }
  /** A handler asks for something after its call, or outside any. */
  | ({ readonly kind: "act" } & Asked)
  | Question
  | { readonly kind: "stopped" };

/** About the values of a handler. `value` is JSON. */
export interface Question {
  readonly kind: "question";
  readonly question: number;
  readonly handler: string;
  readonly about: "get" | "set" | "delete" | "keys";
  readonly key: string;
  readonly value?: string;
}

/** What became of one task. */
export interface Ran {
  readonly text: string;
  readonly refuse?: string;
  readonly actions: readonly Asked[];
  readonly faults: readonly HandlerFault[];
  /** How long each handler took, by its file's name. */
  readonly times: readonly { readonly file: string; readonly ms: number }[];
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
  /** The call it runs for; 0 for none, `UNKNOWN_CALL` where nobody knows. */
  call: 2,
  /** The handler that was last given a task. */
  last: 3,
  /** The handler that is being loaded. */
  loading: 4,
  /** MiB of the thread's heap after a collection; 0 while it is within its limit. */
  heap: 5,
} as const;
export const CELLS = 6;
export const UNKNOWN_CALL = -1;
