import type { Task } from "../../model/handlers/handler.ts";

/** How long a handler is not given a message that stopped it. */
const REMEMBERED_MS = 10 * 60 * 1000;
const MOST_REMEMBERED = 1_000;
/** The number of stops within `REMEMBERED_MS` after which a handler is switched off. */
const MOST_STOPS = 3;
/** The number of stops of unknown cause after which all are. */
const MOST_UNKNOWN_STOPS = 5;

/**
 * Records which handlers stopped their thread, and on which messages. Handlers are identified by
 * name.
 */
export class Strikes {
  /** By handler; the empty name stands for the thread as a whole. */
  readonly #stops = new Map<string, number[]>();
  /** The time until which a handler is not given a message, oldest first. */
  readonly #poison = new Map<string, number>();

  /** `now`: monotonic milliseconds. */
  constructor(readonly now: () => number) {}

  /** Counts a stop of this handler; true if there were too many. */
  stopped(handler: string): boolean {
    return this.#count(handler, MOST_STOPS);
  }

  /** Counts a stop of unknown cause; true if there were too many. */
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

  /** Whether this message, or an equal one, has recently stopped the handler. */
  isPoison(handler: string, task: Task): boolean {
    if (this.#poison.size === 0) return false;
    return (this.#poison.get(keyOf(handler, task)) ?? 0) > this.now();
  }

  /** The handler was replaced. */
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

/** By its text, not its author: without a cookie every connection is a new author. */
function keyOf(handler: string, task: Task): string {
  return `${handler}\n${task.on}\n${Bun.hash(whatOf(task)).toString(36)}`;
}

function whatOf(task: Task): string {
  if (task.on === "command") return `${task.command} ${task.rest}`;
  if ("text" in task && task.text !== "") return task.text;
  return `${task.room} ${task.person.id}`;
}
