import type { Handled, Task } from "../../model/handlers/handler.ts";

/** Attempts of a task whose thread keeps ending for other reasons. */
const MOST_TRIES = 3;

/** The number of calls under way beyond which notifications are dropped. */
const MOST_WITH_NEWS = 10_000;

/** A task being handled. */
export interface Call {
  readonly id: number;
  readonly task: Task;
  /** Files whose handlers are skipped. */
  readonly skip: Set<string>;
  /** Whether a handler that should have judged it could not. */
  isUnjudged: boolean;
  tries: number;
  readonly settle: (handled: Handled) => void;
}

/** Calls that wait for a thread, and those running in one. */
export class Calls {
  readonly #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  /** The number of next calls to run alone, to find the one that ended the thread. */
  #alone = 0;
  #last = 0;

  /** Whether to drop a notification, so that a crowd coming and going does not fill the memory. */
  isTooMuch({ on }: Task): boolean {
    const isNews = on === "join" || on === "leave" || on === "reaction";
    return isNews && this.#waiting.length + this.#sent.size >= MOST_WITH_NEWS;
  }

  add(call: Omit<Call, "id" | "tries">): void {
    this.#last = (this.#last % 0x7fff_ffff) + 1;
    this.#waiting.push({ ...call, id: this.#last, tries: 0 });
  }

  /** The next call for the thread, which counts as running from now on. */
  next(): Call | undefined {
    if (this.#alone > 0 && this.#sent.size > 0) return undefined;
    const call = this.#waiting.shift();
    if (call) this.#sent.set(call.id, call);
    return call;
  }

  /** A running call. */
  find(id: number): Call | undefined {
    return this.#sent.get(id);
  }

  /** A call was answered. */
  answered(id: number): void {
    if (this.#sent.delete(id) && this.#alone > 0) this.#alone -= 1;
  }

  /** The running calls of a thread that has ended. */
  lost(): readonly Call[] {
    const calls = [...this.#sent.values()];
    this.#sent.clear();
    return calls;
  }

  /**
   * Puts calls before all others of the next thread; one at a time with `alone`. Returns those that
   * had enough attempts.
   */
  again(calls: readonly Call[], alone: boolean): readonly Call[] {
    for (const call of calls) call.tries += 1;
    const left = calls.filter(({ tries }) => tries <= MOST_TRIES);
    this.#waiting.unshift(...left);
    this.#alone = alone ? left.length : 0;
    return calls.filter((call) => !left.includes(call));
  }

  /** Removes and returns all calls. */
  take(): readonly Call[] {
    return [...this.lost(), ...this.#waiting.splice(0)];
  }
}
