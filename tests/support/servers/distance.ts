import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

/**
 * A server that is far away: what goes to it and what comes back arrives `ms` later each, in order
 * and at full width. Connecting itself takes no time.
 */
export class Distance {
  readonly #listener = createServer((near) => this.#join(near));
  readonly #open = new Set<Socket>();

  private constructor(
    readonly host: string,
    readonly port: number,
    /** Milliseconds each way; may change at any time. */
    public ms: number,
  ) {}

  static async to(host: string, port: number, ms: number): Promise<Distance> {
    const distance = new Distance(host, port, ms);
    distance.#listener.listen(0, "127.0.0.1");
    await once(distance.#listener, "listening");
    return distance;
  }

  /** The same address by way of this distance. */
  url(of: string): string {
    const address = this.#listener.address();
    const url = new URL(of);
    if (typeof address === "object" && address) url.host = `127.0.0.1:${address.port}`;
    return url.href;
  }

  /** Breaks every connection: what is on its way is lost. New ones get through. */
  cut(): void {
    for (const socket of this.#open) socket.destroy();
  }

  [Symbol.dispose](): void {
    this.cut();
    this.#listener.close();
  }

  #join(near: Socket): void {
    const far = connect(this.port, this.host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("data", (bytes) => setTimeout(() => to.write(bytes), this.ms));
      from.once("close", () => {
        this.#open.delete(from);
        setTimeout(() => to.destroy(), this.ms);
      });
    }
  }
}

/** A database on the shared server, `ms` away each way. */
export async function farAway(database: string, ms: number) {
  const { hostname, port } = new URL(database);
  const distance = await Distance.to(hostname, Number(port || 5432), ms);
  return Object.assign(distance, { database: distance.url(database) });
}
