/** A value sent by a Redis server: RESP3, as far as publish and subscribe need it. */
export type Reply = string | number | null | RespError | RespPush | readonly Reply[];

/** An error reply; its text begins with a code in capitals, as in `MOVED 12 10.0.0.2:6379`. */
export class RespError extends Error {
  get code(): string {
    return /^[A-Z]*/.exec(this.message)?.[0] ?? "";
  }
}

/** Sent unasked, or instead of a reply: a message, a subscription. */
export class RespPush {
  constructor(readonly items: readonly Reply[]) {}
}

/** More than any payload of ours; a longer announcement is a protocol error. */
const LENGTH_LIMIT = 16 * 1024 * 1024;
const DEPTH_LIMIT = 8;
const CR = 13;
const EMPTY = new Uint8Array();
const text = new TextDecoder();

export function encodeCommand(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join("")}`;
}

/** The value of a key of a map, which is decoded as a list of keys and values, as in RESP2. */
export function fieldOf(map: Reply, key: string): Reply {
  if (!Array.isArray(map)) return null;
  const at = map.findIndex((item, index) => index % 2 === 0 && item === key);
  return at < 0 ? null : (map[at + 1] ?? null);
}

/** Decodes replies from bytes in pieces of any size. Throws if they are not RESP3. */
export class RespDecoder {
  #rest: Uint8Array = EMPTY;
  #at = 0;

  push(bytes: Uint8Array): Reply[] {
    // A copy: the caller may reuse its buffer.
    this.#rest = this.#rest.length === 0 ? bytes.slice() : joined(this.#rest, bytes);
    const replies: Reply[] = [];
    let end = 0;
    for (;;) {
      this.#at = end;
      const reply = this.#read(0);
      if (reply === undefined) break;
      replies.push(reply);
      end = this.#at;
    }
    this.#rest = end === this.#rest.length ? EMPTY : this.#rest.subarray(end);
    return replies;
  }

  /** The reply that begins here, or undefined if it is incomplete. */
  #read(depth: number): Reply | undefined {
    const line = this.#line();
    if (line === undefined) return undefined;
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
      case "(":
      case ",":
      case "#":
        return rest;
      case "-":
        return new RespError(rest);
      case ":":
        return wholeOf(rest);
      case "_":
        return null;
      case "$":
        return this.#bulk(rest);
      case "!": {
        const bulk = this.#bulk(rest);
        return typeof bulk === "string" ? new RespError(bulk) : bulk;
      }
      case "=": {
        const bulk = this.#bulk(rest);
        return typeof bulk === "string" ? bulk.slice("txt:".length) : bulk;
      }
      case "*":
      case "~":
        return this.#items(rest, 1, depth);
      case "%":
        return this.#items(rest, 2, depth);
      case ">": {
        const items = this.#items(rest, 1, depth);
        return items && new RespPush(items);
      }
      default:
        throw new Error("it does not answer as Redis does");
    }
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf(CR, this.#at);
    if (end < 0 || end + 1 >= this.#rest.length) {
      if (this.#rest.length - this.#at > LENGTH_LIMIT) throw new Error("a line without an end");
      return undefined;
    }
    const line = text.decode(this.#rest.subarray(this.#at, end));
    this.#at = end + 2;
    return line;
  }

  #bulk(count: string): string | null | undefined {
    const length = wholeOf(count);
    if (length < 0) return null;
    if (length > LENGTH_LIMIT) throw new Error(`a string of ${length} bytes`);
    const end = this.#at + length;
    if (end + 2 > this.#rest.length) return undefined;
    const bulk = text.decode(this.#rest.subarray(this.#at, end));
    this.#at = end + 2;
    return bulk;
  }

  #items(count: string, each: number, depth: number): Reply[] | null | undefined {
    const length = wholeOf(count) * each;
    if (length < 0) return null;
    if (length > LENGTH_LIMIT || depth >= DEPTH_LIMIT) throw new Error(`${length} items`);
    const items: Reply[] = [];
    while (items.length < length) {
      const item = this.#read(depth + 1);
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
}

function wholeOf(digits: string): number {
  const value = Number(digits);
  if (digits === "" || !Number.isSafeInteger(value)) throw new Error(`no whole number: ${digits}`);
  return value;
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  const all = new Uint8Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}
