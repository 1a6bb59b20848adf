import { connect, type Socket } from "node:net";

/** What came back on a connection, or `closed` where it ended first. */
export type Outcome = number | "closed";

/**
 * One kept-alive HTTP connection from an address of its own choice, below the level of `fetch`, which
 * cannot choose where it comes from.
 */
export class Line {
  #socket: Socket | null = null;
  #received = Buffer.alloc(0);
  #wake: (() => void) | null = null;

  constructor(
    readonly base: URL,
    /** The local address to connect from. */
    readonly from: string,
  ) {}

  /** Sends one request, and resolves when its answer is whole. */
  async ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body: Uint8Array | string = "",
  ): Promise<Outcome> {
    const socket = this.#open();
    const bytes = Buffer.from(body);
    const head = [
      `${method} /${path} HTTP/1.1`,
      `Host: ${this.base.host}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(method === "GET" ? [] : [`Content-Length: ${bytes.length}`]),
    ];
    socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]));
    for (;;) {
      const answer = this.#take();
      if (answer !== null) return answer;
      if (this.#socket !== socket) return "closed";
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): Socket {
    if (this.#socket) return this.#socket;
    const socket = connect({
      port: Number(this.base.port),
      host: this.base.hostname,
      localAddress: this.from,
    });
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    const wake = () => {
      this.#wake?.();
      this.#wake = null;
    };
    socket.on("data", (data: Buffer) => {
      this.#received = Buffer.concat([this.#received, data]);
      wake();
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      if (this.#socket === socket) this.#socket = null;
      wake();
    });
    return socket;
  }

  /** The status of the first whole answer that has come, taken out; null where there is none yet. */
  #take(): number | null {
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return null;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    const end =
      length === undefined
        ? this.#received.indexOf("0\r\n\r\n", headEnd) + 5
        : headEnd + 4 + Number(length);
    if (end < headEnd + 4 || end > this.#received.length) return null;
    this.#received = this.#received.subarray(end);
    return Number(head.slice(9, 12));
  }
}
