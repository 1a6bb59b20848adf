/** A map of keys to several values. A key with a single value needs no set. */
export class MultiMap<V extends object> {
  readonly #map = new Map<string, V | Set<V>>();

  add(key: string, value: V): void {
    const found = this.#map.get(key);
    if (found === undefined) this.#map.set(key, value);
    else if (found instanceof Set) found.add(value);
    else this.#map.set(key, new Set([found, value]));
  }

  delete(key: string, value: V): void {
    const found = this.#map.get(key);
    if (found === value) this.#map.delete(key);
    else if (found instanceof Set && found.delete(value) && found.size === 0) this.#map.delete(key);
  }

  /** A copy, so the map may be changed during iteration. */
  get(key: string): readonly V[] {
    const found = this.#map.get(key);
    if (found === undefined) return [];
    return found instanceof Set ? [...found] : [found];
  }

  count(key: string): number {
    const found = this.#map.get(key);
    return found instanceof Set ? found.size : found === undefined ? 0 : 1;
  }
}
