import { Client, loopback } from "./client.ts";
import { type Dialect, RoomCounter } from "./dialects.ts";
import { clientFrame, occurrences, TEXT } from "../loads/frames.ts";

/** 60 characters: a plain chat line without mark-up. */
const LINE = "The quick brown fox jumps over the lazy dog, again and again";
const DIGITS = 8;

/**
 * One person in a room: counts what arrives, and knows their own messages by a token in the `id`.
 * With `inFlight` set, every own message that comes back is followed by the next one.
 */
export class Member {
  readonly client = new Client();
  /** Messages that arrived. */
  received = 0;
  /** Own messages that were sent, and that came back. */
  sent = 0;
  acknowledged = 0;
  entered = false;
  closed = false;
  /** 0: an arriving message starts none. */
  inFlight = 0;
  onMessage: ((bytes: Buffer, start: number, end: number) => void) | null = null;
  readonly #token: Buffer;
  readonly #template: Buffer;
  readonly #digits: number;

  constructor(
    readonly dialect: Dialect,
    number: number,
    readonly room: string,
    /** One for all the people of a room. */
    readonly counter = new RoomCounter(dialect),
  ) {
    const token = `@@${String(number).padStart(5, "0")}.`;
    this.#token = Buffer.from(token);
    const payload = dialect.send(token + "0".repeat(DIGITS), LINE);
    this.#template = clientFrame(TEXT, Buffer.from(payload));
    this.#digits = this.#template.indexOf(this.#token) + token.length;
  }

  /** Resolves when the person is in the room. */
  async enter(port: number, index: number): Promise<void> {
    const { client, dialect, room } = this;
    const entered = Promise.withResolvers<void>();
    client.onText = (bytes, start, end) => {
      const reply = dialect.answer?.(bytes, start) ?? null;
      if (reply !== null) client.send(reply);
      if (!this.entered && (dialect.entered?.(bytes, start, end) ?? true)) {
        this.entered = true;
        entered.resolve();
      }
      const count = this.counter.count(bytes, start, end);
      this.received += count;
      if (count > 0 && this.onMessage !== null) this.onMessage(bytes, start, end);
    };
    client.onRead = (bytes, end) => {
      if (this.sent > this.acknowledged) this.#takeOwn(bytes, end);
    };
    client.onClose = () => {
      this.closed = true;
      entered.reject(new Error(`closed before entering ${room}`));
    };
    await client.connect({ host: loopback(index), port }, dialect.path(room), dialect.protocol);
    if (dialect.entered === undefined) entered.resolve();
    await entered.promise;
  }

  #takeOwn(bytes: Buffer, end: number): void {
    const own = occurrences(bytes, this.#token, 0, end);
    if (own === 0) return;
    this.acknowledged += own;
    if (this.inFlight > 0) this.send(this.inFlight - (this.sent - this.acknowledged));
  }

  /** Sends `count` messages in one write; the number of each is eight decimal digits in its `id`. */
  send(count: number): void {
    if (count <= 0) return;
    const size = this.#template.length;
    const batch = Buffer.allocUnsafe(size * count);
    for (let each = 0; each < count; each += 1) {
      batch.set(this.#template, each * size);
      this.sent += 1;
      let rest = this.sent;
      for (let digit = DIGITS - 1; digit >= 0; digit -= 1) {
        batch[each * size + this.#digits + digit] = 48 + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    this.client.write(batch);
  }

  /** Calls `take` with the number that `send` gave to each message of this person in a frame. */
  eachNumber(bytes: Buffer, start: number, end: number, take: (number: number) => void): void {
    let at = bytes.indexOf(this.#token, start);
    while (at !== -1 && at < end) {
      const from = at + this.#token.length;
      let number = 0;
      for (let digit = from; digit < from + DIGITS; digit += 1) {
        number = number * 10 + (bytes[digit] ?? 48) - 48;
      }
      take(number);
      at = bytes.indexOf(this.#token, from + DIGITS);
    }
  }
}

/** Enters everyone, at most 64 at a time; rejects when it takes longer than `seconds`. */
export async function enterAll(members: readonly Member[], port: number, seconds: number) {
  const deadline = performance.now() + seconds * 1000;
  const waiting = members.entries();
  const enterInTurn = async () => {
    for (const [index, member] of waiting) {
      if (performance.now() > deadline) throw new Error(`entering took over ${seconds} s`);
      await member.enter(port, index);
    }
  };
  const workers = Array.from({ length: 64 }, enterInTurn);
  const late = Bun.sleep(seconds * 1000).then(() => {
    throw new Error(`entering took over ${seconds} s`);
  });
  await Promise.race([Promise.all(workers), late]);
}
