/** The most strings kept. */
const MOST = 10_000;

/**
 * Shares one copy of strings that many connections hold, such as room names. Also releases the
 * larger string (a request) that such a string was sliced from.
 */
export class Interner {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(text, text);
    return text;
  }
}
