import type { Row, Value } from "./database.ts";
import program from "./reader-thread.ts" with { type: "text" };

interface Waiting {
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (fault: Error) => void;
}
interface Answer {
  readonly id: number;
  readonly rows?: readonly Row[];
  readonly fault?: string;
}

/**
 * Runs slow reads of an SQLite database one after another in a thread with a connection of its own,
 * so that this thread keeps serving. The thread starts with the first read, and again after one
 * that failed it.
 */
export class SlowReader {
  #worker: Worker | null = null;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isClosed = false;

  constructor(readonly path: string) {}

  all(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    if (this.#isClosed) return Promise.reject(new Error("the database is closed"));
    const worker = (this.#worker ??= this.#start());
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, path: this.path, sql, values });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end(new Error("the database is closed"));
  }

  #start(): Worker {
    const url = URL.createObjectURL(new Blob([program], { type: "application/typescript" }));
    const worker = new Worker(url);
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const { id, rows, fault } = data;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (rows) waiting?.resolve(rows);
      else waiting?.reject(new Error(fault));
    });
    worker.addEventListener("error", ({ message }) => void this.#end(new Error(message)));
    return worker;
  }

  async #end(fault: Error): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(fault);
    if (!worker) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    worker.addEventListener("close", () => resolve());
    worker.terminate();
    await promise;
  }
}
