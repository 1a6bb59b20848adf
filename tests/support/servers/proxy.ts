import { connect, createServer, type Server as Listener, type Socket } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** A wire between a client and a server that can be cut, and put together again. */
export class Wire {
  readonly #open = new Set<Socket>();
  #isCut = false;
  /** Bytes that came from the server so far, everything counted. */
  received = 0;

  private constructor(
    readonly listener: Listener,
    /** Host name by which clients come: cookies go by it. */
    readonly host: string,
  ) {}

  static async to(url: () => string, host: string): Promise<Wire> {
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const wire = new Wire(listener, host);
    listener.on("connection", (near) => wire.#join(near, new URL(url())));
    return wire;
  }

  /** With a last slash. */
  get url(): string {
    const address: string | AddressInfo | null = this.listener.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `http://${this.host}:${address.port}/`;
  }

  /** Everything that is open breaks; nothing gets through until `mend`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  [Symbol.dispose](): void {
    this.cut();
    this.listener.close();
  }

  #join(near: Socket, { hostname, port }: URL): void {
    near.on("error", () => undefined);
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    far.on("error", () => undefined);
    far.on("data", ({ length }) => (this.received += length));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one);
      one.pipe(other);
      one.once("close", () => {
        this.#open.delete(one);
        other.destroy();
      });
    }
  }
}
