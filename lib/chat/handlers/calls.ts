import type { Handled, Task } from "../../model/handlers/handler.ts";

/** Attempts of a task whose handlers' thread ends again and again through no fault of its own. */
const MOST_TRIES = 3;

/** Calls under way, beyond which handlers are not told of what has only happened. */
const MOST_WITH_NEWS = 10_000;

/** A task in the handlers' hands. */
export interface Call {
  readonly id: number;
  readonly task: Task;
  /** Files whose handlers must not see it. */
  readonly skip: Set<string>;
  /** Whether a handler that should have seen it could not. */
  isUnjudged: boolean;
  tries: number;
  readonly settle: (handled: Handled) => void;
}

/** Calls that wait for a thread, and those that are in one. */
export class Calls {
  readonly #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  /** How many of the next calls are run alone, to learn which of them ended the thread. */
  #alone = 0;
  #last = 0;

  /** Whether handlers are not told of this: a crowd that comes and goes must not fill the memory. */
  isTooMuch({ on }: Task): boolean {
    const isNews = on === "join" || on === "leave" || on === "reaction";
    return isNews && this.#waiting.length + this.#sent.size >= MOST_WITH_NEWS;
  }

  add(call: Omit<Call, "id" | "tries">): void {
    this.#last = (this.#last % 0x7fff_ffff) + 1;
    this.#waiting.push({ ...call, id: this.#last, tries: 0 });
  }

  /** The next call that may go to the thread now; it is then in it. */
  next(): Call | undefined {
    if (this.#alone > 0 && this.#sent.size > 0) return undefined;
    const call = this.#waiting.shift();
    if (call) this.#sent.set(call.id, call);
    return call;
  }

  /** A call that is in the thread. */
  find(id: number): Call | undefined {
    return this.#sent.get(id);
  }

  /** The thread has answered the call. */
  answered(id: number): void {
    if (this.#sent.delete(id) && this.#alone > 0) this.#alone -= 1;
  }

  /** The calls that were in a thread that has ended. */
  lost(): readonly Call[] {
    const calls = [...this.#sent.values()];
    this.#sent.clear();
    return calls;
  }

  /**
   * Hands calls to the next thread, before all others; one at a time with `alone`. Returns those that
   * have had tries enough.
   */
  again(calls: readonly Call[], alone: boolean): readonly Call[] {
    for (const call of calls) call.tries += 1;
    const left = calls.filter(({ tries }) => tries <= MOST_TRIES);
    this.#waiting.unshift(...left);
    this.#alone = alone ? left.length : 0;
    return calls.filter((call) => !left.includes(call));
  }

  /** All of them, taken out. */
  take(): readonly Call[] {
    return [...this.lost(), ...this.#waiting.splice(0)];
  }
}
