import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import type { ServerFrame } from "../../../lib/model/wire/frame.ts";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import type { Server } from "../servers/server.ts";

type FrameOf<T extends ServerFrame["type"]> = Extract<ServerFrame, { type: T }>;

/** Below the limit of a test, so that what fails is what was waited for. */
const WAIT_MS = 8_000;

export interface JoinOptions {
  /** As `guest` gives it. */
  readonly cookie?: string | undefined;
  readonly origin?: string;
  /** What a proxy in between says of whom it is for. */
  readonly forwarded?: string;
  /** More headers of the upgrade request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly name?: string;
  /** Of the room. */
  readonly password?: string;
  /** Where to resume. */
  readonly epoch?: string;
  readonly after?: number;
  readonly history?: number;
  /** Asks for the inbox from this version on. */
  readonly inbox?: number;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** What a test waits for: the first that fits, now or later, or a failure that says what came. */
class Inbox<T> {
  readonly #kept: T[] = [];
  #arrived = Promise.withResolvers<void>();

  put(item: T): void {
    this.#kept.push(item);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }

  /** Taken out; what was passed over stays for others. */
  async take<U extends T>(fits: (item: T) => item is U, what: string, limit: number): Promise<U> {
    const deadline = Date.now() + limit;
    for (;;) {
      for (const [at, item] of this.#kept.entries()) {
        if (!fits(item)) continue;
        this.#kept.splice(at, 1);
        return item;
      }
      if (Date.now() >= deadline) {
        const instead = JSON.stringify(this.#kept.slice(-5)).slice(0, 500);
        throw new Error(`no ${what} within ${limit} ms; last: ${instead}`);
      }
      await Promise.race([this.#arrived.promise, Bun.sleep(Math.min(200, limit))]);
    }
  }
}

let ids = 0;
/** Different from every other of this run. */
function newId(): string {
  return `test-${(ids += 1)}`;
}

function isRoomEvent(frame: ServerFrame): frame is RoomEvent {
  return "seq" in frame && "at" in frame;
}

/** One connection that speaks `chat.v1`. */
export class Client {
  /** Every frame, arrays flattened, in the order they came. */
  readonly frames: ServerFrame[] = [];
  readonly closed: Promise<Closed>;
  readonly #inbox = new Inbox<ServerFrame>();
  readonly #socket: Bun.WebSocket;

  constructor(server: Server, room: string, options: JoinOptions = {}) {
    this.#socket = open(server, room, options, [PROTOCOL]);
    this.closed = new Promise((resolve) => {
      this.#socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    this.#socket.onmessage = ({ data }) => {
      const json: unknown = JSON.parse(String(data));
      for (const frame of Array.isArray(json) ? json : [json]) {
        this.frames.push(frame);
        this.#inbox.put(frame);
      }
    };
  }

  /** Durable events as they came, those of a resume included; not those of the first fifty. */
  get events(): RoomEvent[] {
    return this.frames.flatMap((frame) => {
      if (frame.type === "welcome") return frame.events ?? [];
      return isRoomEvent(frame) ? [frame] : [];
    });
  }

  get texts(): string[] {
    return this.events.flatMap((event) => (event.type === "message" ? [event.text] : []));
  }

  opened(): Promise<void> {
    return opened(this.#socket);
  }

  /** The first frame of this type that fits, not yet taken. */
  next<T extends ServerFrame["type"]>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    limit = WAIT_MS,
  ): Promise<FrameOf<T>> {
    const isIt = (frame: ServerFrame): frame is FrameOf<T> => isOf(frame, type) && fits(frame);
    return this.#inbox.take(isIt, type, limit);
  }

  /** Sends a text message under an id of its own, or `id`; does not wait. */
  say(text: string, more: { id?: string; ref?: string; replyTo?: number } = {}): string {
    const id = more.id ?? newId();
    this.send({ type: "send", id, text, ...more });
    return id;
  }

  /** Says it, and waits until it is acknowledged. */
  async post(text: string, more: { id?: string; replyTo?: number } = {}) {
    const id = this.say(text, more);
    return this.next("message", (message) => message.id === id);
  }

  send(frame: object): void {
    this.raw(JSON.stringify(frame));
  }

  raw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  /** Waits until everything sent before has been taken in by the server. */
  async fence(): Promise<void> {
    const ref = newId();
    this.send({ type: "ping", ref });
    await this.next("pong", (pong) => pong.ref === ref);
  }

  async close(code = 1000): Promise<Closed> {
    this.#socket.close(code);
    return this.closed;
  }

  /** Ends the connection without a word, as a lost network does. */
  cut(): void {
    this.#socket.terminate();
  }
}

/** One connection without a subprotocol. */
export class PlainClient {
  readonly lines: string[] = [];
  readonly closed: Promise<Closed>;
  readonly #inbox = new Inbox<string>();
  readonly #socket: Bun.WebSocket;

  constructor(server: Server, room: string, options: JoinOptions = {}) {
    this.#socket = open(server, room, options, []);
    this.closed = new Promise((resolve) => {
      this.#socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
    this.#socket.onmessage = ({ data }) => {
      this.lines.push(String(data));
      this.#inbox.put(String(data));
    };
  }

  opened(): Promise<void> {
    return opened(this.#socket);
  }

  /** The next line that fits, not yet taken. */
  next(fits: (line: string) => boolean = () => true, limit = WAIT_MS): Promise<string> {
    return this.#inbox.take((line): line is string => fits(line), "line", limit);
  }

  raw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  async close(): Promise<Closed> {
    this.#socket.close();
    return this.closed;
  }
}

/** A `chat.v1` connection that has been welcomed. */
export async function join(server: Server, room: string, options: JoinOptions = {}) {
  const client = new Client(server, room, options);
  const welcome = await client.next("welcome");
  return Object.assign(client, { welcome });
}

/** Resolves when everyone has been shown, by their welcome or since, that so many are in the room. */
export async function showing(count: number, ...clients: readonly Client[]): Promise<void> {
  for (const client of clients) {
    const last = client.frames.findLast(({ type }) => type === "presence" || type === "welcome");
    if (last && "count" in last && last.count === count) continue;
    await client.next("presence", (frame) => frame.count === count);
  }
}

/** A plain-text connection that is in the room: what is said from now on reaches it. */
export async function joinPlain(server: Server, room: string, options: JoinOptions = {}) {
  const client = new PlainClient(server, room, options);
  await client.opened();
  return client;
}

/** Someone new: visits a page, and keeps the cookie. */
export async function guest(server: Server): Promise<string> {
  const response = await fetch(server.url);
  await response.body?.cancel();
  const [cookie] = response.headers.getSetCookie();
  if (cookie === undefined) throw new Error("the page made no guest");
  return cookie.split(";")[0] ?? "";
}

/** The status with which an upgrade is refused. */
export async function refusedUpgrade(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(url.replace(/^ws/, "http"), {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    },
  });
  await response.body?.cancel();
  return response.status;
}

function open(
  server: Server,
  room: string,
  options: JoinOptions,
  protocols: string[],
): Bun.WebSocket {
  const query: Record<string, string | number> = {};
  for (const name of ["name", "password", "epoch", "after", "history", "inbox"] as const) {
    const value = options[name];
    if (value !== undefined) query[name] = value;
  }
  const headers: Record<string, string> = { ...options.headers };
  if (options.cookie !== undefined) headers["cookie"] = options.cookie;
  if (options.origin !== undefined) headers["origin"] = options.origin;
  if (options.forwarded !== undefined) headers["x-forwarded-for"] = options.forwarded;
  // The browser's types, which the pages need, hide that Bun's WebSocket takes headers too.
  return Reflect.construct(WebSocket, [server.ws(room, query), { protocols, headers }]);
}

async function opened(socket: Bun.WebSocket): Promise<void> {
  if (socket.readyState === WebSocket.OPEN) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.addEventListener("open", () => resolve(), { once: true });
  socket.addEventListener("close", ({ code }) => reject(new Error(`closed: ${code}`)), {
    once: true,
  });
  await promise;
}

function isOf<T extends ServerFrame["type"]>(frame: ServerFrame, type: T): frame is FrameOf<T> {
  return frame.type === type;
}
