import type { Database as Sqlite } from "bun:sqlite";
import type { Queries } from "./database.ts";
import type { Eraser } from "./eraser.ts";
import type { SqliteIds } from "./ids.ts";

/** Transactions join a commit for so long; the next commit is in another turn of the event loop. */
const GROUP_MS = 8;

interface Waiting {
  readonly work: (tx: Queries) => Promise<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (fault: unknown) => void;
  readonly isUrgent: boolean;
}

export interface GroupCommitDeps {
  readonly writer: Sqlite;
  readonly queries: Queries;
  readonly eraser: Eraser;
  /** Null until something was written by them. */
  readonly ids: () => SqliteIds | null;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * The transactions of one SQLite connection, in order. A commit waits for the disk, and so does
 * everybody while it does: so there is one commit in a turn of the event loop, of everything that
 * waits for it. Each transaction of a group has a savepoint, and one that fails takes no other along.
 */
export class GroupCommit {
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  /** Whether there was a commit in this turn of the event loop. */
  #isPausing = false;
  readonly #begin;
  readonly #commit;
  readonly #savepoint;
  readonly #release;
  readonly #rollbackTo;

  constructor(readonly deps: GroupCommitDeps) {
    const { writer } = deps;
    this.#begin = writer.prepare("BEGIN IMMEDIATE");
    this.#commit = writer.prepare("COMMIT");
    this.#savepoint = writer.prepare("SAVEPOINT one");
    this.#release = writer.prepare("RELEASE one");
    this.#rollbackTo = writer.prepare("ROLLBACK TO one");
  }

  /** Urgent work does not wait for the next turn of the event loop. */
  add<T>(work: (tx: Queries) => Promise<T>, isUrgent: boolean): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    const waiting: Waiting = {
      work: async (tx) => {
        result = await work(tx);
      },
      resolve: () => resolve(result),
      reject,
      isUrgent,
    };
    if (isUrgent) this.#waiting.unshift(waiting);
    else this.#waiting.push(waiting);
    this.#start();
    return promise;
  }

  /** Resolves when nothing waits. */
  async drain(): Promise<void> {
    while (this.#running || this.#waiting.length > 0) {
      await (this.#running ?? new Promise((resolve) => setImmediate(resolve)));
    }
  }

  close(): void {
    const statements = [this.#begin, this.#commit, this.#savepoint];
    for (const statement of [...statements, this.#release, this.#rollbackTo]) statement.finalize();
  }

  #start(): void {
    const [first] = this.#waiting;
    if (this.#running || !first || (this.#isPausing && !first.isUrgent)) return;
    this.#running = Promise.resolve()
      .then(() => this.#next())
      .finally(() => {
        this.#running = null;
        this.#pause();
        this.#start();
      });
  }

  #pause(): void {
    if (this.#isPausing) return;
    this.#isPausing = true;
    setImmediate(() => {
      this.#isPausing = false;
      this.#start();
    });
  }

  /** Commits what waits now. Never rejects. */
  async #next(): Promise<void> {
    const { writer, eraser, ids, now } = this.deps;
    const until = now() + GROUP_MS;
    const group: Waiting[] = [];
    const settle: (() => void)[] = [];
    try {
      this.#begin.run();
      const isAlone = this.#waiting.length === 1;
      while (group.length === 0 || (!isAlone && now() < until)) {
        const next = this.#waiting.shift();
        if (!next) break;
        group.push(next);
        settle.push(isAlone ? await this.#run(next) : await this.#runInSavepoint(next));
      }
      ids()?.fold();
      this.#commit.run();
    } catch (fault) {
      ids()?.rolledBack();
      eraser.rolledBack();
      if (writer.inTransaction) writer.run("ROLLBACK");
      for (const { reject } of group) reject(fault);
      return;
    }
    ids()?.committed();
    eraser.committed();
    for (const each of settle) each();
  }

  /** Rejects where `work` does; returns what is to be done once it is committed. */
  async #run({ work, resolve }: Waiting): Promise<() => void> {
    await work(this.deps.queries);
    return () => resolve(undefined);
  }

  /** Takes back what `work` did where it rejects; rejects where that cannot be done. */
  async #runInSavepoint(waiting: Waiting): Promise<() => void> {
    const { writer, eraser, ids } = this.deps;
    this.#savepoint.run();
    const wasErasing = eraser.isErasing;
    const known = ids()?.uncommitted ?? 0;
    try {
      const settle = await this.#run(waiting);
      this.#release.run();
      return settle;
    } catch (fault) {
      // A full disk, for one, ends the whole transaction.
      if (!writer.inTransaction) throw fault;
      this.#rollbackTo.run();
      this.#release.run();
      ids()?.rolledBack(known);
      if (!wasErasing) eraser.rolledBack();
      return () => waiting.reject(fault);
    }
  }
}
