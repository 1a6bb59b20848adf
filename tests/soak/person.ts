import type { Message, RoomEvent } from "../../lib/model/wire/event.ts";
import type { Welcome } from "../../lib/model/wire/frame.ts";
import { Client } from "../support/people/client.ts";
import { pick, upTo } from "../support/random.ts";
import type { Server } from "../support/servers/server.ts";

const NONSENSE = ["", "{", "[]", "null", '{"type":"x"}', '{"type":"send","id":1}', "\0", "[[[["];

/** What of an event stays the same when its text is edited or deleted later. */
export function keyOf(event: RoomEvent): string {
  const what = event.type === "message" ? event.id : event.target;
  return `${event.type} ${what} by ${event.author.id}`;
}

/**
 * Someone who talks, changes their mind, sends nonsense, loses the line and comes back; and who
 * notices whatever the contract does not allow.
 */
export class Person {
  /** What they have been shown: the key of each event by its `seq`. */
  readonly seen = new Map<number, string>();
  /** What they said and saw come back. */
  readonly acknowledged = new Map<string, number>();
  /** What they said and have not seen yet: sent again at every return. */
  readonly outbox = new Map<string, string>();
  readonly faults: string[] = [];
  resumes = 0;
  #client: Client | null = null;
  #taken = 0;
  #epoch = "";
  #after = -1;
  #own: number[] = [];
  #count = 0;

  constructor(
    readonly name: string,
    readonly room: string,
    readonly cookie: string,
    readonly server: () => Server,
    readonly random: () => number,
  ) {}

  /** One moment of their life; `calm`: only what is needed to get everything through. */
  async live(calm: boolean): Promise<void> {
    if (!this.#client) {
      await this.#connect();
      return;
    }
    this.#read();
    if (!calm) this.#act(this.#client);
  }

  lose(): void {
    this.#client?.cut();
    this.#client = null;
  }

  async #connect(): Promise<void> {
    const where = this.#after < 0 ? {} : { epoch: this.#epoch, after: this.#after };
    const client = new Client(this.server(), this.room, { cookie: this.cookie, ...where });
    let welcome: Welcome;
    try {
      welcome = await client.next("welcome", () => true, 2_000);
    } catch {
      client.cut();
      return;
    }
    this.#client = client;
    this.#taken = 0;
    void client.closed.then(() => {
      if (this.#client === client) this.#client = null;
    });
    if (this.#after >= 0) this.resumes += 1;
    if (this.#after >= 0 && !welcome.recovered && welcome.seq - this.#after <= 1_000) {
      this.faults.push(`${this.name}: not recovered from ${this.#after} to ${welcome.seq}`);
    }
    if (!welcome.recovered) {
      this.#after = welcome.seq;
      for (const message of welcome.messages ?? []) this.#acknowledge(message);
    }
    this.#epoch = welcome.epoch;
    for (const [id, text] of this.outbox) client.say(text, { id });
  }

  #read(): void {
    const client = this.#client;
    if (!client) return;
    for (const frame of client.frames.slice(this.#taken)) {
      this.#taken += 1;
      if (frame.type === "welcome") for (const event of frame.events ?? []) this.#take(event);
      else if ("seq" in frame && "at" in frame) this.#take(frame);
      else if (frame.type === "error" && frame.code === "internal") {
        this.faults.push(`${this.name}: ${frame.message}`);
      }
    }
  }

  #take(event: RoomEvent): void {
    const key = keyOf(event);
    const known = this.seen.get(event.seq);
    if (event.seq <= this.#after) {
      // The first one again, for an id or a reaction sent twice.
      const mine = event.type === "message" || event.type === "reacted";
      if (!mine || (known !== undefined && known !== key)) {
        this.faults.push(`${this.name}: ${event.seq} came twice: ${known} and ${key}`);
      }
    } else if (event.seq !== this.#after + 1) {
      this.faults.push(`${this.name}: ${event.seq} after ${this.#after}`);
    } else {
      this.#after = event.seq;
      this.seen.set(event.seq, key);
    }
    if (event.type === "message") this.#acknowledge(event);
  }

  #acknowledge({ id, seq }: Message): void {
    if (!this.outbox.delete(id) && !this.acknowledged.has(id)) return;
    const before = this.acknowledged.get(id);
    if (before !== undefined && before !== seq) {
      this.faults.push(`${this.name}: ${id} is ${before} and ${seq}`);
    }
    if (before === undefined) this.#own.push(seq);
    this.acknowledged.set(id, seq);
  }

  #act(client: Client): void {
    const { random } = this;
    const chance = random();
    const own = this.#own.length > 0 ? pick(random, this.#own) : 1;
    if (chance < 0.6) {
      const id = `${this.name}-${(this.#count += 1)}`;
      const text = `${id} ${"长".repeat(upTo(random, 200))}`;
      this.outbox.set(id, text);
      client.say(text, { id });
    } else if (chance < 0.65 && this.acknowledged.size > 0) {
      client.say("again", { id: pick(random, [...this.acknowledged.keys()].slice(-50)) });
    } else if (chance < 0.72) client.send({ type: "edit", seq: own, text: `edited ${random()}` });
    else if (chance < 0.75) client.send({ type: "delete", seq: own });
    else if (chance < 0.82) {
      const seq = 1 + upTo(random, Math.max(1, this.#after));
      client.send({ type: "react", seq, emoji: pick(random, ["👍", "🎉"]), on: random() < 0.7 });
    } else if (chance < 0.86) client.raw(pick(random, NONSENSE));
    else if (chance < 0.88) client.raw(crypto.getRandomValues(new Uint8Array(16)));
    else if (chance < 0.9) client.send({ type: "history", before: own + 1, limit: 20 });
    else if (chance < 0.95) client.send({ type: "typing" });
    else if (chance < 0.96) client.raw("x".repeat(70_000));
    else if (chance < 0.98) this.lose();
  }
}

/** Whether two people were shown the same, where both were there. */
export function agree(one: Person, other: Person): string[] {
  const faults: string[] = [];
  for (const [seq, key] of one.seen) {
    const theirs = other.seen.get(seq);
    if (theirs !== undefined && theirs !== key) {
      faults.push(`${seq} is "${key}" for ${one.name} and "${theirs}" for ${other.name}`);
    }
  }
  return faults;
}
