/** Different strings that are kept at the most. */
const MOST = 10_000;

/**
 * One copy of what many connections keep the same of: their room, where they come from. It also lets
 * go of the request that such a string was cut out of.
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
