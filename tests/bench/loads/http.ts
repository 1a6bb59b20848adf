import type { Socket } from "bun";
import type { Address } from "../parts/client.ts";

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** One kept-alive HTTP connection on raw TCP; answers must have a `content-length`. */
export class HttpClient {
  onAnswer: (status: number, head: string) => void = () => {};
  /** The body of the last answer that came alone. */
  body = "";
  #socket: Socket<HttpClient> | null = null;
  #rest: Buffer = Buffer.alloc(0);

  async connect({ host, port }: Address): Promise<void> {
    this.#socket = await Bun.connect<HttpClient>({
      hostname: host,
      port,
      data: this,
      socket: { data: (socket, chunk) => socket.data.#received(chunk) },
    });
  }

  write(request: string): void {
    this.#socket?.write(request);
  }

  close(): void {
    this.#socket?.terminate();
  }

  #received(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const at = bytes.indexOf(END_OF_HEAD);
      if (at === -1) break;
      const head = bytes.toString("latin1", 0, at);
      const length = /^content-length: *(\d+)/im.exec(head)?.[1];
      if (length === undefined) throw new Error("an answer without a content-length");
      const end = at + END_OF_HEAD.length + Number(length);
      if (bytes.length < end) break;
      if (bytes.length === end) this.body = bytes.toString("utf8", at + END_OF_HEAD.length, end);
      bytes = bytes.subarray(end);
      this.onAnswer(Number(head.slice(9, 12)), head);
    }
    this.#rest = bytes;
  }
}

export interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export async function ask(port: number, request: string): Promise<HttpAnswer> {
  const client = new HttpClient();
  const answered = Promise.withResolvers<HttpAnswer>();
  client.onAnswer = (status, head) => answered.resolve({ status, head, body: client.body });
  await client.connect({ host: "127.0.0.1", port });
  client.write(request);
  const timeout = Bun.sleep(5_000).then(() => {
    throw new Error("no answer within 5 s");
  });
  try {
    return await Promise.race([answered.promise, timeout]);
  } finally {
    client.close();
  }
}

/**
 * `connections` clients, each asking again when it has its answer, until `enough` says so. Rejects on
 * any status of 400 or more. Resolves to how many answers came.
 */
export async function askAlways(
  port: number,
  connections: number,
  request: (number: number) => string,
  enough: (answers: number) => boolean,
): Promise<number> {
  let asked = 0;
  let answers = 0;
  const done = Promise.withResolvers<void>();
  const clients = Array.from({ length: connections }, () => new HttpClient());
  await Promise.all(clients.map((client) => client.connect({ host: "127.0.0.1", port })));
  let open = connections;
  for (const client of clients) {
    client.onAnswer = (status, head) => {
      if (status >= 400) done.reject(new Error(head.split("\r\n")[0]));
      answers += 1;
      if (!enough(answers)) client.write(request((asked += 1)));
      else if ((open -= 1) === 0) done.resolve();
    };
    client.write(request((asked += 1)));
  }
  await done.promise;
  for (const client of clients) client.close();
  return answers;
}
