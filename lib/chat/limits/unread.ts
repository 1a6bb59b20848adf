/** Bytes that wait for all readers of a node together before the slowest are cut off. */
const ALL = 32 * 1024 * 1024;
/** What may wait for one reader whatever waits for the others. */
const ALWAYS = 32 * 1024;
/** What is left where some were cut off: so that it is not done for each frame. */
const LEFT = 0.75 * ALL;

/** A connection that frames are sent to. */
export interface UnreadReader {
  /** Bytes that wait in this process for it to read on. */
  readonly unread: number;
  /** Ends the connection; its client comes back where it was. */
  cutOff(): void;
}

/**
 * Bounds what waits for readers who do not read, over all connections of a node: a thousand of them
 * may not hold a thousand times what one may. Looks only when as much was sent as might be too much.
 */
export class UnreadLimit {
  readonly #readers = new Set<UnreadReader>();
  /** The most that may wait now. */
  #most = 0;

  add(reader: UnreadReader): void {
    this.#readers.add(reader);
  }

  delete(reader: UnreadReader): void {
    this.#readers.delete(reader);
  }

  /** To be called when so many bytes were sent, to any readers. */
  sent(bytes: number): void {
    this.#most += bytes;
    if (this.#most > ALL) this.#look();
  }

  #look(): void {
    let all = 0;
    const slow: { readonly reader: UnreadReader; readonly unread: number }[] = [];
    for (const reader of this.#readers) {
      const { unread } = reader;
      all += unread;
      if (unread > ALWAYS) slow.push({ reader, unread });
    }
    if (all > ALL) {
      slow.sort((a, b) => b.unread - a.unread);
      for (const { reader, unread } of slow) {
        if (all <= LEFT) break;
        reader.cutOff();
        all -= unread;
      }
    }
    // Where many have a little each, nobody is cut off, and looking again has time.
    this.#most = Math.min(all, LEFT);
  }
}
