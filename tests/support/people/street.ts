import { once } from "node:events";
import { connect, createServer, type Server as Listener, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";

/**
 * A reverse proxy for one visitor: appends an address of our choice to `X-Forwarded-For`, as proxies
 * do with the address they see, after whatever the visitor forged. One request a connection.
 */
export class Street {
  readonly #open = new Set<Socket>();

  private constructor(
    readonly listener: Listener,
    /** Cookies go by host name, so each visitor has one: any name below `localhost` is here. */
    readonly host: string,
  ) {}

  static async to(target: string, name: string, address: string): Promise<Street> {
    const { hostname, port } = new URL(target);
    const listener = createServer();
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const street = new Street(listener, `${name}.localhost`);
    listener.on("connection", (near) => {
      const far = connect(Number(port), hostname);
      for (const socket of [near, far]) {
        street.#open.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => street.#open.delete(socket));
      }
      let head = "";
      const read = (chunk: Buffer) => {
        head += chunk.toString("latin1");
        const end = head.indexOf(HEAD_END);
        if (end < 0) return;
        near.off("data", read);
        far.write(Buffer.from(forwarded(head.slice(0, end), address) + head.slice(end), "latin1"));
        near.pipe(far);
      };
      near.on("data", read);
      far.pipe(near);
      near.on("close", () => far.destroy());
    });
    return street;
  }

  /** With a last slash. */
  get url(): string {
    const address = this.listener.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `http://${this.host}:${address.port}/`;
  }

  [Symbol.dispose](): void {
    this.listener.close();
    for (const socket of this.#open) socket.destroy();
  }
}

function forwarded(head: string, address: string): string {
  const lines = head.split("\r\n");
  const isForwarded = (line: string) => /^x-forwarded-for:/i.test(line);
  const forged = lines.find(isForwarded)?.replace(/^[^:]*:\s*/, "");
  const isUpgrade = lines.some((line) => /^upgrade:/i.test(line));
  const kept = lines.filter(
    (line) => !isForwarded(line) && (isUpgrade || !/^connection:/i.test(line)),
  );
  const added = `X-Forwarded-For: ${forged === undefined ? "" : `${forged}, `}${address}`;
  return [...kept, added, ...(isUpgrade ? [] : ["Connection: close"])].join("\r\n");
}
