import type { SQL } from "bun";

/** Connections of one node, opened at once: one commits, the others read. */
const CONNECTIONS = 4;
/** A restart of the database is waited for; what takes longer is refused. */
const PATIENCE_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 500;
/**
 * How long one statement may go unanswered. Longer than the server's own limits: only a connection
 * that was cut takes as long.
 */
export const SILENCE_MS = 20_000;

/** The server's limits for this program's sessions, in milliseconds. */
const SESSION = {
  application_name: "chatroom",
  // A commit is on disk when it returns, whatever is the server's default.
  synchronous_commit: "on",
  statement_timeout: 15_000,
  lock_timeout: 10_000,
  // A node that is paused inside a transaction must not hold up a room on the others.
  idle_in_transaction_session_timeout: 5_000,
};

/** Rolled back for the sake of other transactions: the same again may succeed. */
const CONFLICTS = new Set(["40001", "40P01", "25P03"]);
/** The server gave up: a lock, the statement, or the transaction took too long. */
const TIMED_OUT = new Set(["55P03", "57014", "25P03"]);
/** Tries of what may be done twice, where each took as long as it may. */
const REPEATS = 3;
/** The server is going, coming, or full. */
const AWAY = /^(?:08...|57P0[123]|53300)$/;

/** The transaction may have been committed or not: nobody knows. */
export class UnknownOutcome extends Error {}

/** `answered` is to be called when a statement of several was answered. */
export type Work<T> = (sql: SQL, answered: () => void) => Promise<T>;

/**
 * Connections to PostgreSQL that outlive a restart of it: work that surely had no effect is tried
 * again for five seconds.
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
   * `work` may be called several times: only the last call has an effect. However many statements it
   * takes, each has its own time; none of `patient` work is given up.
   */
  run<T>(work: Work<T>, patient = false): Promise<T> {
    return this.#retry(() => (patient ? work(this.#sql, () => undefined) : this.#once(work)));
  }

  /**
   * For `work` that may be done twice: it is tried again also where nobody knows what became of it,
   * or where the server took too long.
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

  /** Without a second try. */
  async #once<T>(work: Work<T>): Promise<T> {
    const sql = this.#sql;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      // What hangs stays with its connections; everything else gets new ones.
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
