import type { SQL } from "bun";

/** Connections of one node, opened together: one commits, the others read. */
const CONNECTIONS = 4;
/** How long a restart of the database is waited for before requests are refused. */
const PATIENCE_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 500;
/**
 * How long one statement may go unanswered. Longer than the server's own limits, so only a broken
 * connection takes this long.
 */
export const SILENCE_MS = 20_000;

/** The server's limits for our sessions, in milliseconds. */
const SESSION = {
  application_name: "chatroom",
  // A commit is on disk when it returns, regardless of the server's default.
  synchronous_commit: "on",
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  // A node paused in a transaction must not block its rooms for the others.
  idle_in_transaction_session_timeout: 5_000,
};

/** Rolled back because of a conflict; a retry may succeed. */
const CONFLICTS = new Set(["40001", "40P01", "25P03"]);
/** The server gave up: a lock, the statement, or the transaction took too long. */
const TIMED_OUT = new Set(["55P03", "57014", "25P03"]);
/** Tries of an idempotent statement, if each timed out. */
const REPEATS = 3;
/** The server is stopping, starting, or full. */
const AWAY = /^(?:08...|57P0[123]|53300)$/;

/** It is unknown whether the transaction was committed. */
export class UnknownOutcome extends Error {}

/** Call `answered` after each answered statement of several. */
export type Work<T> = (sql: SQL, answered: () => void) => Promise<T>;

/**
 * Connections to PostgreSQL that survive its restart: work that certainly had no effect is retried
 * for five seconds.
 */
export class Pool {
  #sql: SQL;
  #closed = false;

  constructor(
    readonly url: string,
    readonly silenceMs: number,
  ) {
    this.#sql = connect(url);
  }

  /**
   * Runs `work`, possibly several times; only the last run has an effect. Each of its statements
   * has its own time limit, unless it is `patient`.
   */
  run<T>(work: Work<T>, patient = false): Promise<T> {
    return this.#retry(() => (patient ? work(this.#sql, () => undefined) : this.#once(work)));
  }

  /**
   * Runs idempotent `work`. Also retries it if its outcome is unknown, or the server took too long.
   */
  repeat<T>(work: Work<T>): Promise<T> {
    return this.#retry(() => this.#once(work), mayHaveHadNoEffect);
  }

  async #retry<T>(
    attempt: () => Promise<T>,
    isRepeatable: (fault: unknown) => boolean = () => false,
  ): Promise<T> {
    const until = performance.now() + PATIENCE_MS;
    let wait = FIRST_RETRY_MS;
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (fault) {
        const isInTime = isPassing(fault) && performance.now() + wait <= until;
        const isRepeated = tries < REPEATS && isRepeatable(fault);
        if (this.#closed || (!isInTime && !isRepeated)) throw fault;
        await Bun.sleep(wait);
        wait = Math.min(wait * 2, LAST_RETRY_MS);
      }
    }
  }

  /** Without a retry. */
  async #once<T>(work: Work<T>): Promise<T> {
    const sql = this.#sql;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      // What hangs keeps its connections; everything else gets new ones.
      if (this.#sql === sql && !this.#closed) this.#sql = connect(this.url);
      void sql.close({ timeout: 0 });
      reject(new UnknownOutcome("PostgreSQL does not answer"));
    }, this.silenceMs);
    try {
      return await Promise.race([work(sql, () => timer.refresh()), promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sql.close({ timeout: 5 });
  }
}

function connect(url: string): SQL {
  return new Bun.SQL(url, {
    max: CONNECTIONS,
    connectionTimeout: 5,
    maxLifetime: 3_600,
    connection: SESSION,
  });
}

function mayHaveHadNoEffect(fault: unknown): boolean {
  if (fault instanceof UnknownOutcome) return true;
  if (!(fault instanceof Bun.SQL.PostgresError)) return false;
  return fault.errno !== undefined && TIMED_OUT.has(fault.errno);
}

function isPassing(fault: unknown): boolean {
  if (!(fault instanceof Bun.SQL.PostgresError)) return false;
  const { code, errno } = fault;
  if (code.startsWith("ERR_POSTGRES_CONNECTION_")) return true;
  return errno !== undefined && (CONFLICTS.has(errno) || AWAY.test(errno));
}
