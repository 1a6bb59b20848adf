import type { Task } from "../../model/handlers/handler.ts";

/** How long a message that stopped a handler is kept from it. */
const REMEMBERED_MS = 10 * 60 * 1000;
const MOST_REMEMBERED = 1_000;
/** A handler is switched off that stops the thread so often within `REMEMBERED_MS`. */
const MOST_STOPS = 3;
/** All are, where nobody knows which of them stops it. */
const MOST_UNKNOWN_STOPS = 5;

/** Which handlers stopped their thread, and with what. A handler is known by its name. */
export class Strikes {
  /** By handler; of the thread as a whole under the empty name. */
  readonly #stops = new Map<string, number[]>();
  /** Until when a message is kept from a handler, oldest first. */
  readonly #poison = new Map<string, number>();

  /** `now` is milliseconds that never go back. */
  constructor(readonly now: () => number) {}

  /** Counts a stop of this handler; true where it is one too many. */
  stopped(handler: string): boolean {
    return this.#count(handler, MOST_STOPS);
  }

  /** Counts a stop that may be any handler's; true where it is one too many. */
  stoppedByUnknown(): boolean {
    return this.#count("", MOST_UNKNOWN_STOPS);
  }

  poison(handler: string, task: Task): void {
    const key = keyOf(handler, task);
    this.#poison.delete(key);
    this.#poison.set(key, this.now() + REMEMBERED_MS);
    if (this.#poison.size <= MOST_REMEMBERED) return;
    for (const [oldest] of this.#poison.entries().take(1)) this.#poison.delete(oldest);
  }

  /** Whether this message, or one like it, has stopped the handler a short time ago. */
  isPoison(handler: string, task: Task): boolean {
    if (this.#poison.size === 0) return false;
    return (this.#poison.get(keyOf(handler, task)) ?? 0) > this.now();
  }

  /** The handler is another one now. */
  forget(handler: string): void {
    this.#stops.delete(handler);
    this.#stops.delete("");
    for (const key of this.#poison.keys()) {
      if (key.startsWith(`${handler}\n`)) this.#poison.delete(key);
    }
  }

  #count(name: string, most: number): boolean {
    const since = this.now() - REMEMBERED_MS;
    const stops = (this.#stops.get(name) ?? []).filter((at) => at > since);
    stops.push(this.now());
    this.#stops.set(name, stops);
    return stops.length >= most;
  }
}

/** By its text, whoever sends it: who has no cookie is someone else on each connection. */
function keyOf(handler: string, task: Task): string {
  return `${handler}\n${task.on}\n${Bun.hash(whatOf(task)).toString(36)}`;
}

function whatOf(task: Task): string {
  if (task.on === "command") return `${task.command} ${task.rest}`;
  if ("text" in task && task.text !== "") return task.text;
  return `${task.room} ${task.person.id}`;
}
