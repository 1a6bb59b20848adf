import { constants, setPriority } from "node:os";
import type { Observer } from "../../model/base/observer.ts";
import type { Picture } from "./picture.ts";

/** Pictures decoded concurrently, each in a process of its own. */
const AT_ONCE = 2;
/** The longest time for one picture, after which its process is killed. */
const DEADLINE_MS = 10_000;
/** The idle time after which a process ends. */
const IDLE_MS = 30_000;

interface Job {
  readonly path: string;
  readonly type: string;
  /** The number of processes that ended by themselves on it. */
  failures: number;
  readonly settle: (picture: Picture | null) => void;
}

export interface DecoderDeps {
  /**
   * A program that reads lines `{path, type}` and answers each with a line: a `Picture` or null.
   */
  readonly command: readonly string[];
  readonly observer: Observer;
  readonly deadlineMs?: number;
}

/**
 * Prepares pictures in separate processes, which can be killed while a decoder runs. A picture that
 * takes too long, or crashes its decoder, delays only the next one. Owners take turns, however many
 * pictures each has.
 */
export class Decoder {
  /** Waiting jobs by owner, in the order of the owners' turns. */
  readonly #waiting = new Map<string, Job[]>();
  readonly #workers = new Set<Worker>();
  #isClosed = false;

  constructor(readonly deps: DecoderDeps) {}

  /** Resolves like `preparePicture`; also to null if it takes too long. Never rejects. */
  prepare(path: string, type: string, owner: string): Promise<Picture | null> {
    return new Promise((settle) => {
      const jobs = this.#waiting.get(owner) ?? [];
      this.#waiting.set(owner, jobs);
      jobs.push({ path, type, failures: 0, settle });
      this.#next();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const worker of this.#workers) worker.end();
    for (const jobs of this.#waiting.values()) for (const { settle } of jobs) settle(null);
    this.#waiting.clear();
  }

  #next(): void {
    if (this.#waiting.size === 0 || this.#isClosed) return;
    const idle = [...this.#workers].find(({ isIdle }) => isIdle);
    if (!idle && this.#workers.size >= AT_ONCE) return;
    const job = this.#nextJob();
    if (!job) return;
    try {
      void this.#run(idle ?? this.#start(), job);
    } catch (fault) {
      this.deps.observer.log("error", "no process for pictures", { fault: String(fault) });
      job.settle(null);
    }
  }

  #nextJob(): Job | undefined {
    const [[owner, jobs] = ["", []]] = this.#waiting;
    const job = jobs.shift();
    this.#waiting.delete(owner);
    if (jobs.length > 0) this.#waiting.set(owner, jobs);
    return job;
  }

  #start(): Worker {
    const { command, deadlineMs = DEADLINE_MS } = this.deps;
    const worker = new Worker(command, deadlineMs, () => this.#workers.delete(worker));
    this.#workers.add(worker);
    return worker;
  }

  async #run(worker: Worker, job: Job): Promise<void> {
    const { observer } = this.deps;
    const result = await worker.prepare(job);
    if (result === "late" || result === "ended") {
      this.#workers.delete(worker);
      observer.log("warn", "picture not decoded", { result });
    }
    // Retried once, since the process may have ended for another reason.
    if (result === "ended" && job.failures === 0 && !this.#isClosed) {
      job.failures += 1;
      this.#waiting.set(`retry ${job.path}`, [job]);
    } else job.settle(typeof result === "string" ? null : result);
    this.#next();
  }
}

/** A process, and its present picture. */
class Worker {
  readonly #process: Bun.Subprocess<"pipe", "pipe", "ignore">;
  readonly #lines: AsyncGenerator<string>;
  #idle: Timer | null = null;
  isIdle = true;

  constructor(
    command: readonly string[],
    readonly deadlineMs: number,
    readonly onEnd: () => void,
  ) {
    // Without our environment, which may contain secrets.
    this.#process = Bun.spawn([...command], {
      ...{ env: {}, stdin: "pipe", stdout: "pipe", stderr: "ignore" },
    });
    this.#process.unref();
    lowerPriority(this.#process.pid);
    this.#lines = linesOf(this.#process.stdout);
  }

  async prepare({ path, type }: Job): Promise<Picture | null | "late" | "ended"> {
    this.isIdle = false;
    if (this.#idle) clearTimeout(this.#idle);
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), this.deadlineMs);
    const result = await Promise.race([this.#ask({ path, type }), late.promise]);
    clearTimeout(timer);
    if (result === "late" || result === "ended") {
      this.end();
      return result;
    }
    this.isIdle = true;
    this.#idle = setTimeout(() => this.end(), IDLE_MS);
    this.#idle.unref();
    return result;
  }

  end(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#process.kill("SIGKILL");
    this.isIdle = false;
    this.onEnd();
  }

  async #ask(job: { path: string; type: string }): Promise<Picture | null | "ended"> {
    try {
      this.#process.stdin.write(`${JSON.stringify(job)}\n`);
      await this.#process.stdin.flush();
      const { done, value } = await this.#lines.next();
      return done ? "ended" : toPicture(JSON.parse(value));
    } catch {
      return "ended";
    }
  }
}

export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function toPicture(value: unknown): Picture | null {
  if (typeof value !== "object" || value === null) return null;
  const { width, height, thumb }: Record<string, unknown> = { ...value };
  const numbers = [width, height, thumb].map(Number);
  const [w = 0, h = 0, bytes = 0] = numbers;
  return numbers.every(Number.isSafeInteger) ? { width: w, height: h, thumb: bytes } : null;
}

/** Messages take precedence over pictures. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or the system has no priorities.
  }
}
