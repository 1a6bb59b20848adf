import type { Observer } from "../../model/base/observer.ts";
import type { Asked } from "../../model/handlers/handler.ts";
import type { Question, ToThread } from "./protocol.ts";

export interface HandlerSettings {
  readonly folder: string;
  /** Whether messages are refused that a handler failed to judge. */
  readonly failClosed: boolean;
}
export interface HandlersDeps extends HandlerSettings {
  readonly observer: Observer;
  /** Monotonic milliseconds. */
  readonly elapsed: () => number;
  /** Performs an action requested outside a call. */
  readonly perform: (asked: Asked) => void;
  /** Answers a query for values. Never rejects. */
  readonly answer: (question: Question) => Promise<Extract<ToThread, { kind: "answer" }>>;
}
