import type { Database as Sqlite } from "bun:sqlite";

/** How long erased text stays in the write-ahead log, about. */
const ERASE_MS = 10_000;

/**
 * Truncates the write-ahead log after transactions that erase text. `secure_delete` overwrites the
 * pages in the database, but the log still contains the old ones. Runs seldom, because it blocks.
 */
export class Eraser {
  #isErasing = false;
  #isMarked = false;
  #timer: Timer | null = null;

  /** Whether the open transaction erases text. */
  get isErasing(): boolean {
    return this.#isErasing;
  }

  /** Starts with what a killed process left in the log. */
  constructor(readonly writer: Sqlite) {
    this.#empty();
  }

  /** Records that the open transaction erases text. */
  erases(): void {
    this.#isErasing = true;
    // Read by `clearGaps`.
    if (!this.#isMarked) this.writer.run("PRAGMA user_version = 1");
  }

  committed(): void {
    if (this.#isErasing) {
      this.#isMarked = true;
      this.#schedule();
    }
    this.#isErasing = false;
  }

  rolledBack(): void {
    this.#isErasing = false;
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#empty();
  }

  #schedule(): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // A reader or a transaction prevented it.
      if (!this.#empty()) this.#schedule();
    }, ERASE_MS);
    this.#timer.unref();
  }

  /** Truncates the log; returns whether it is empty now. */
  #empty(): boolean {
    if (this.writer.inTransaction) return false;
    const [row] = this.writer.query("PRAGMA wal_checkpoint(TRUNCATE)").values();
    return row?.[0] === 0;
  }
}
