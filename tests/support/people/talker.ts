import { comesBack } from "../../../lib/model/base/close.ts";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import { PROTOCOL, type ServerFrame } from "../../../lib/model/wire/frame.ts";

/**
 * A client that does what the protocol asks of one: it comes back where it left off, sends again
 * what was not acknowledged, and notes everything that should not be.
 */
export class Talker {
  /** `seq` and what it was, in the order it came: the first welcome's last `seq` is not in it. */
  readonly seen: { readonly seq: number; readonly key: string }[] = [];
  readonly acknowledged = new Map<string, number>();
  readonly pending = new Map<string, string>();
  /** Broken promises. */
  readonly wrong: string[] = [];
  /** Milliseconds between sending and seeing one's own message. */
  readonly latencies: number[] = [];
  /** Called when one's own message was seen. */
  onAcknowledged: () => void = () => undefined;
  resumes = 0;
  refusals = 0;
  #socket: Bun.WebSocket | null = null;
  #epoch: string | null = null;
  #last = 0;
  #sentAt = new Map<string, number>();
  #ready = Promise.withResolvers<void>();
  #stopped = false;
  #waiting: () => void = () => undefined;
  #count = 0;

  constructor(
    /** The address of the chat, `http…`; asked anew for each connection. */
    readonly address: () => string,
    readonly room: string,
    readonly cookie: string,
    readonly name: string,
  ) {
    this.#connect();
  }

  get last(): number {
    return this.#last;
  }

  /** Resolves when it was welcomed for the first time. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Resolves when everything up to `seq` was seen. */
  async reached(seq: number): Promise<void> {
    while (this.#last < seq) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting = resolve;
      await promise;
    }
  }

  say(text: string): void {
    this.#count += 1;
    const id = `${this.name}-${this.#count}`;
    this.pending.set(id, text);
    this.#sentAt.set(id, performance.now());
    this.#send(id, text);
  }

  /** Ends the connection as a lost network does; it comes back. */
  cut(): void {
    this.#socket?.terminate();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
  }

  #send(id: string, text: string): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#epoch === null) return;
    this.#socket.send(JSON.stringify({ type: "send", id, text }));
  }

  #connect(): void {
    if (this.#stopped) return;
    const url = new URL(`ws/${this.room}/`, this.address());
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("name", this.name);
    if (this.#epoch !== null) {
      url.searchParams.set("epoch", this.#epoch);
      url.searchParams.set("after", `${this.#last}`);
    }
    const options = {
      protocols: [PROTOCOL],
      headers: { cookie: this.cookie },
      tls: { rejectUnauthorized: false },
    };
    // The browser's types, which the pages need, hide that Bun's WebSocket takes headers too.
    const socket: Bun.WebSocket = Reflect.construct(WebSocket, [url.href, options]);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      const json: unknown = JSON.parse(String(data));
      for (const frame of Array.isArray(json) ? json : [json]) this.#take(frame);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (!comesBack(code)) this.wrong.push(`closed for good with ${code}`);
      setTimeout(() => this.#connect(), 50 + Math.random() * 250);
    };
  }

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome": {
        const isFirst = this.#epoch === null;
        if (!isFirst && !frame.recovered) this.wrong.push(`not recovered after ${this.#last}`);
        this.#epoch = frame.epoch;
        if (isFirst || !frame.recovered) this.#last = frame.seq;
        else this.resumes += 1;
        for (const event of frame.events ?? []) this.#event(event);
        if (frame.recovered && this.#last !== frame.seq) {
          this.wrong.push(`welcome says ${frame.seq}, its events end at ${this.#last}`);
        }
        for (const message of frame.messages ?? []) this.#acknowledge(message.id, message.seq);
        for (const [id, text] of this.pending) this.#send(id, text);
        this.#ready.resolve();
        return;
      }
      case "message":
      case "edited":
      case "deleted":
      case "reacted":
        this.#event(frame);
        return;
      case "error": {
        this.refusals += 1;
        const { id } = frame;
        const text = id === undefined ? undefined : this.pending.get(id);
        if (id !== undefined && text !== undefined) setTimeout(() => this.#send(id, text), 200);
      }
    }
  }

  #event(event: RoomEvent): void {
    const { seq } = event;
    const isMine = event.type === "message" && event.id.startsWith(`${this.name}-`);
    if (seq <= this.#last) {
      // The answer to what was sent again; anything else is a repeat.
      if (!isMine) this.wrong.push(`${seq} again, after ${this.#last}`);
    } else {
      if (seq !== this.#last + 1) this.wrong.push(`${seq} after ${this.#last}`);
      this.#last = seq;
      const key = event.type === "message" ? event.id : `${event.type} ${event.target}`;
      this.seen.push({ seq, key });
      this.#waiting();
    }
    if (event.type === "message") this.#acknowledge(event.id, seq);
  }

  #acknowledge(id: string, seq: number): void {
    if (!id.startsWith(`${this.name}-`)) return;
    const before = this.acknowledged.get(id);
    if (before !== undefined && before !== seq) this.wrong.push(`${id} is ${before} and ${seq}`);
    this.acknowledged.set(id, seq);
    if (this.pending.delete(id)) {
      this.latencies.push(performance.now() - (this.#sentAt.get(id) ?? 0));
      this.#sentAt.delete(id);
      this.onAcknowledged();
    }
  }
}
