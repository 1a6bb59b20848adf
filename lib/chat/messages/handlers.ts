import { Refusal } from "../../model/base/errors.ts";
import {
  HANDLER_TIMEOUT_MS,
  type Incoming,
  type NamedHandler,
  type Outcome,
} from "../../model/handler.ts";
import type { Observer } from "../../model/base/observer.ts";
import { refuseText } from "../../model/text/text.ts";

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

/**
 * Runs the handlers one after the other. One that throws, is late, or returns what is no outcome is
 * logged and passed over: a handler's fault never costs a message.
 */
export async function runHandlers(
  handlers: readonly NamedHandler[],
  message: Incoming,
  observer: Observer,
): Promise<Handled | Refusal> {
  let { text } = message;
  const replies: Said[] = [];
  const said: Said[] = [];
  for (const { name, run } of handlers) {
    let outcome: Outcome;
    try {
      outcome = checkOutcome(await inTime(run({ ...message, text })));
    } catch (fault) {
      observer.count("handler_faults");
      observer.log("warn", "handler failed", {
        handler: name,
        room: message.room,
        fault: String(fault),
      });
      continue;
    }
    if (outcome.refuse !== undefined) return new Refusal("handlerReason", { text: outcome.refuse });
    if (outcome.text !== undefined) text = outcome.text;
    if (outcome.reply !== undefined) replies.push({ handler: name, text: outcome.reply });
    if (outcome.say !== undefined) said.push({ handler: name, text: outcome.say });
  }
  return { text, replies, said };
}

async function inTime<T>(running: T | Promise<T>): Promise<T> {
  if (!(running instanceof Promise)) return running;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`took longer than ${HANDLER_TIMEOUT_MS} ms`)),
    HANDLER_TIMEOUT_MS,
  );
  try {
    return await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What an operator's code returns is as untrusted as a frame: each part is text a message may hold. */
function checkOutcome(value: unknown): Outcome {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object") throw new TypeError("a handler returns an object or nothing");
  const fields: Record<string, unknown> = { ...value };
  const outcome: { text?: string; refuse?: string; reply?: string; say?: string } = {};
  for (const part of ["text", "refuse", "reply", "say"] as const) {
    const said = fields[part];
    if (said === undefined) continue;
    if (typeof said !== "string") throw new TypeError(`\`${part}\` must be a string`);
    const refusal = refuseText(said);
    if (refusal) throw new TypeError(`\`${part}\`: ${refusal.key}`);
    outcome[part] = said;
  }
  return outcome;
}

/** One queue a key: work of the same key runs in order, that of another does not wait for it. */
export class Queues {
  readonly #tails = new Map<string, Promise<void>>();

  get size(): number {
    return this.#tails.size;
  }

  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }

  /** `work` must not reject. */
  add(key: string, work: () => Promise<void>): void {
    const tail = (this.#tails.get(key) ?? Promise.resolve()).then(work).finally(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    this.#tails.set(key, tail);
  }

  async drain(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
