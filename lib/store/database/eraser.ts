import type { Database as Sqlite } from "bun:sqlite";

/** Erased text is in the log of pages (WAL) for about so long. */
const ERASE_MS = 10_000;

/**
 * Empties the log of pages after transactions that erase text: the pages in the database are
 * overwritten by `secure_delete`, but the log holds them as they were. Seldom, since nobody is
 * answered meanwhile.
 */
export class Eraser {
  #isErasing = false;
  #isMarked = false;
  #timer: Timer | null = null;

  /** Begins by what a process that was killed left in the log. */
  constructor(readonly writer: Sqlite) {
    this.#empty();
  }

  /** The open transaction erases text. */
  erases(): void {
    this.#isErasing = true;
    // For `clearGaps`.
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
      // A reader or a transaction was in the way.
      if (!this.#empty()) this.#schedule();
    }, ERASE_MS);
    this.#timer.unref();
  }

  /** Whether the log is empty now. */
  #empty(): boolean {
    if (this.writer.inTransaction) return false;
    const [row] = this.writer.query("PRAGMA wal_checkpoint(TRUNCATE)").values();
    return row?.[0] === 0;
  }
}
