import type { Socket } from "bun";
import { encodeCommand, RespDecoder, RespError, RespPush, type Reply } from "./resp.ts";
import type { Address } from "./slots.ts";
import { withTimeout } from "./timeout.ts";

const CONNECT_LIMIT_MS = 2_000;
/** A server that does not answer a command for this long counts as lost. */
const ANSWER_LIMIT_MS = 2_000;
const CHECK_MS = 500;
const PULSE_MS = 10_000;

/** The credentials in a server's URL. */
export interface Login {
  readonly tls: boolean;
  readonly user: string;
  readonly password: string;
}

export interface ConnectionEvents {
  /**
   * Receives what the server sends unasked: a message, or notice of a channel it no longer serves.
   */
  push(items: readonly Reply[]): void;
  /** The connection ended, other than by `close`. */
  closed(): void;
}

interface Waiting {
  readonly words: readonly string[];
  readonly since: number;
  resolve(reply: Reply): void;
  reject(fault: Error): void;
}

/**
 * A connection to one Redis server, in RESP3. Commands are answered in order; messages arrive
 * between the answers. Commands still waiting when it ends are rejected.
 */
export class RespConnection {
  readonly #decoder = new RespDecoder();
  readonly #waiting: Waiting[] = [];
  readonly #timer = setInterval(() => this.#check(), CHECK_MS).unref();
  #socket: Socket | null = null;
  #outgoing: Uint8Array[] = [];
  #isFlushing = false;
  #heardAt = performance.now();
  /** A connection that was never established cannot be lost. */
  #greeted = false;
  #ended = false;

  private constructor(readonly events: ConnectionEvents) {}

  /** Connects and logs in; resolves to the connection and the server's description of itself. */
  static async open(
    { host, port }: Address,
    { tls, user, password }: Login,
    events: ConnectionEvents,
  ): Promise<{ connection: RespConnection; hello: Reply }> {
    const connection = new RespConnection(events);
    const login = password === "" ? [] : ["AUTH", user === "" ? "default" : user, password];
    const greet = async () => {
      await Bun.connect({
        hostname: host,
        port,
        tls: tls ? { serverName: host, rejectUnauthorized: true } : false,
        socket: connection.#handler(tls),
      });
      return connection.call("HELLO", "3", ...login);
    };
    try {
      const hello = await withTimeout(CONNECT_LIMIT_MS, greet());
      connection.#greeted = true;
      return { connection, hello };
    } catch (fault) {
      connection.close();
      throw fault;
    }
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  /** Rejects with a `RespError` if the server refuses. */
  call(...words: readonly string[]): Promise<Reply> {
    if (this.#ended) return Promise.reject(new Error("the connection to Redis has ended"));
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#waiting.push({ words, since: performance.now(), resolve, reject });
    this.#outgoing.push(Buffer.from(encodeCommand(words)));
    if (!this.#isFlushing) {
      // Commands of one turn of the event loop are written together.
      this.#isFlushing = true;
      queueMicrotask(() => {
        this.#isFlushing = false;
        this.#flush();
      });
    }
    return promise;
  }

  close(): void {
    if (!this.#ended) this.#end();
  }

  #handler(tls: boolean) {
    const lost = (_: Socket, fault?: Error) => this.#lose(fault);
    const opened = (socket: Socket) => {
      if (this.#ended) socket.terminate();
      this.#socket = socket;
      this.#flush();
    };
    return {
      open: (socket: Socket) => {
        if (!tls) opened(socket);
      },
      // Nothing is sent, least of all a password, to a server that did not prove its identity.
      handshake: (socket: Socket, _success: boolean, fault: Error | null) => {
        if (!fault) return opened(socket);
        this.#end(fault);
        socket.terminate();
      },
      data: (_: Socket, bytes: Uint8Array) => this.#read(bytes),
      drain: () => this.#flush(),
      close: lost,
      end: lost,
      error: lost,
      connectError: lost,
    };
  }

  #read(bytes: Uint8Array): void {
    this.#heardAt = performance.now();
    try {
      for (const reply of this.#decoder.push(bytes)) this.#receive(reply);
    } catch (fault) {
      this.#lose(fault instanceof Error ? fault : new Error(String(fault)));
    }
  }

  #receive(reply: Reply): void {
    const [first] = this.#waiting;
    if (reply instanceof RespPush) {
      if (first && answers(reply, first.words)) this.#waiting.shift()?.resolve(reply);
      else this.events.push(reply.items);
      return;
    }
    this.#waiting.shift();
    if (reply instanceof RespError) first?.reject(reply);
    else first?.resolve(reply);
  }

  #flush(): void {
    if (!this.#socket || this.#ended || this.#outgoing.length === 0) return;
    const bytes = Buffer.concat(this.#outgoing);
    const written = Math.max(0, this.#socket.write(bytes));
    this.#outgoing = written < bytes.length ? [bytes.subarray(written)] : [];
  }

  /** Detects a connection that is dead but was not closed. */
  #check(): void {
    const now = performance.now();
    const [first] = this.#waiting;
    if (first && now - first.since > ANSWER_LIMIT_MS) {
      this.#lose(new Error("Redis does not answer"));
    } else if (!first && now - this.#heardAt > PULSE_MS) {
      this.call("PING").catch(() => undefined);
    }
  }

  #lose(fault?: Error): void {
    if (this.#ended) return;
    this.#end(fault);
    if (this.#greeted) this.events.closed();
  }

  #end(fault = new Error("the connection to Redis has ended")): void {
    this.#ended = true;
    clearInterval(this.#timer);
    this.#socket?.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(fault);
  }
}

/** A SUBSCRIBE or UNSUBSCRIBE of one channel is answered by a push that names it. */
function answers({ items }: RespPush, [command, channel]: readonly string[]): boolean {
  return items[0] === command?.toLowerCase() && items[1] === channel;
}

/** The host, port and credentials in a Redis URL. */
export function readRedisUrl(url: string): { address: Address; login: Login } | null {
  const parsed = URL.parse(url);
  if (!parsed) return null;
  const { hostname, port, protocol, username, password } = parsed;
  return {
    address: { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 6379) },
    login: {
      tls: protocol === "rediss:",
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    },
  };
}
