import type { Observer } from "../../model/base/observer.ts";
import type { Asked } from "../../model/handlers/handler.ts";
import type { Question, ToThread } from "./protocol.ts";

export interface HandlerSettings {
  readonly folder: string;
  /** Whether a message is refused that a handler could not judge; it goes through otherwise. */
  readonly failClosed: boolean;
}
export interface HandlersDeps extends HandlerSettings {
  readonly observer: Observer;
  /** Milliseconds that never go back. */
  readonly elapsed: () => number;
  /** Does what a handler asks for outside its calls. */
  readonly perform: (asked: Asked) => void;
  /** Answers a question about values. Never rejects. */
  readonly answer: (question: Question) => Promise<Extract<ToThread, { kind: "answer" }>>;
}
