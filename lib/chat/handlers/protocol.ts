import type { Asked, HandlerFault, LoadedHandler, Task } from "../../model/handlers/handler.ts";

/** A module of the handlers folder. */
export interface ModuleFile {
  /** The file's name without its extension. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Identifies it in the cells, from 1, until the server stops. */
  readonly number: number;
}

/** Messages from the server to the handlers' thread; `start` is the first, and sent once. */
export type ToThread =
  | { readonly kind: "start"; readonly cells: Int32Array; readonly root: string }
  /** Load these in this order, replacing what is loaded. */
  | { readonly kind: "load"; readonly files: readonly ModuleFile[] }
  | {
      readonly kind: "run";
      readonly call: number;
      readonly task: Task;
      /** Names of files whose handlers are skipped. */
      readonly skip: readonly string[];
    }
  /** The answer to a query for values: JSON, or an error. */
  | {
      readonly kind: "answer";
      readonly question: number;
      readonly value?: string;
      readonly fault?: string;
    }
  /** Changes `CELL.progress`, which shows that the thread's event loop is running. */
  | { readonly kind: "ping" }
  /** Run the handlers' end hooks, and report when that is done. */
  | { readonly kind: "stop" };

/** Messages from the thread. */
export type FromThread =
  | {
      readonly kind: "loaded";
      readonly handlers: readonly LoadedHandler[];
      readonly faults: readonly HandlerFault[];
    }
  | ({ readonly kind: "ran"; readonly call: number } & Ran)
  /** Code of a handler failed outside any call. */
  | { readonly kind: "failed"; readonly fault: HandlerFault }
  /** An action requested after a call, or outside any. */
  | ({ readonly kind: "act" } & Asked)
  | Question
  | { readonly kind: "stopped" };

/** A query for a handler's values. `value` is JSON. */
export interface Question {
  readonly kind: "question";
  readonly question: number;
  readonly handler: string;
  readonly about: "get" | "set" | "delete" | "keys";
  readonly key: string;
  readonly value?: string;
}

/** The result of one task. */
export interface Ran {
  readonly text: string;
  readonly refuse?: string;
  readonly actions: readonly Asked[];
  readonly faults: readonly HandlerFault[];
  /** The time each handler took, by its file's name. */
  readonly times: readonly { readonly file: string; readonly ms: number }[];
}

/**
 * Memory shared by both threads, from which the server can see what a blocked thread is doing.
 * Handlers are identified by their file's number; 0 is none.
 */
export const CELL = {
  /** Changes with any activity of the thread. */
  progress: 0,
  /** The handler whose code is running, up to its first `await`. */
  running: 1,
  /** The call it runs for; 0 for none, `UNKNOWN_CALL` if unknown. */
  call: 2,
  /** The handler that last received a task. */
  last: 3,
  /** The handler being loaded. */
  loading: 4,
  /** MiB of the thread's heap after a collection; 0 while it is within its limit. */
  heap: 5,
} as const;
export const CELLS = 6;
export const UNKNOWN_CALL = -1;
