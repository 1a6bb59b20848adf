import { HANDLER_TIMEOUT_MS, LOAD_TIMEOUT_MS } from "../../model/handlers/handler.ts";
import { CELL, CELLS, type FromThread, type ToThread, UNKNOWN_CALL } from "./protocol.ts";
import { threadProgram } from "./program.macro.ts" with { type: "macro" };

const PROGRAM = URL.createObjectURL(new Blob([await threadProgram()], { type: "text/javascript" }));
/** The interval at which the thread is checked. */
const TICK_MS = 250;
/** The time a thread may take to start, on a busy machine. */
const START_TIMEOUT_MS = 15_000;
/** The most the process may grow while the thread computes without a pause. */
const GROWTH_LIMIT = 512 * 1024 * 1024;

/** How a thread ended, and in which code. */
export interface ThreadEnd {
  readonly reason: string;
  /** The handler whose code was running or loading; 0 if unknown. */
  readonly handler: number;
  /** The call it ran for; 0 for none, `UNKNOWN_CALL` if unknown. */
  readonly call: number;
  /** The handler that last received a message; 0 for none. */
  readonly last: number;
  readonly wasLoading: boolean;
}

export interface ThreadEvents {
  message(message: FromThread): void;
  /** Called once, unless the thread was closed; nothing follows from the thread. */
  end(end: ThreadEnd): void;
}

/**
 * A thread that runs handlers. It is terminated when its event loop is blocked for
 * `HANDLER_TIMEOUT_MS` (`LOAD_TIMEOUT_MS` while a module loads), when its memory exceeds a limit,
 * or when it ends by itself.
 */
export class HandlerThread {
  readonly #cells = new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #timer: Timer;
  #isEnded = false;
  /** Ticks without activity, although a ping was sent. */
  #still = 0;
  #progress = 0;
  /** Resident bytes at the thread's last activity. */
  #resident = 0;

  constructor(
    root: string,
    readonly events: ThreadEvents,
  ) {
    this.#worker = new Worker(PROGRAM, { ref: false });
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromThread>) => {
      if (this.#isEnded) return;
      try {
        events.message(data);
      } catch (fault) {
        // Handlers can post to this thread too, and may post anything.
        this.#end(`sent what cannot be read: ${String(fault)}`);
      }
    });
    this.#worker.addEventListener("error", ({ message }) => this.#end(message));
    this.#worker.addEventListener("close", () => this.#end("exited"));
    this.send({ kind: "start", cells: this.#cells, root });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** Terminates it at once. */
  close(): void {
    this.#isEnded = true;
    clearInterval(this.#timer);
    this.#worker.terminate();
  }

  #cell(name: keyof typeof CELL): number {
    return Atomics.load(this.#cells, CELL[name]);
  }

  /**
   * Time is counted in ticks, so that a process that was suspended or starved sees one tick, and
   * not a blocked thread.
   */
  #tick(): void {
    const progress = this.#cell("progress");
    if (progress !== this.#progress) {
      this.#progress = progress;
      this.#still = 0;
      this.#resident = process.memoryUsage.rss();
    } else this.#still += 1;
    const heap = this.#cell("heap");
    const usual = this.#cell("loading") > 0 ? LOAD_TIMEOUT_MS : HANDLER_TIMEOUT_MS;
    const limit = progress === 0 ? START_TIMEOUT_MS : usual;
    if (heap > 0) this.#end(`has ${heap} MiB of memory`);
    else if (this.#still * TICK_MS > limit) this.#end(`computed for more than ${limit} ms`);
    else if (this.#still > 0 && process.memoryUsage.rss() > this.#resident + GROWTH_LIMIT) {
      this.#end(`took more than ${GROWTH_LIMIT / 1024 / 1024} MiB of memory at once`);
    } else this.send({ kind: "ping" });
  }

  #end(reason: string): void {
    if (this.#isEnded) return;
    this.close();
    const loading = this.#cell("loading");
    const running = this.#cell("running");
    this.events.end({
      reason,
      handler: running || loading,
      call: running === 0 ? UNKNOWN_CALL : this.#cell("call"),
      last: this.#cell("last"),
      wasLoading: loading > 0 && (running === 0 || running === loading),
    });
  }
}
