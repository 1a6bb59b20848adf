/**
 * `bun tests/support/people/hostile.ts URL SECONDS [TRICK]`: 16 visitors, each from an address of its
 * own, do to the server at URL whatever once kept others waiting (issue 11, points 1 to 9), or one
 * trick of it. Ends by itself, and prints how often each was tried and what came back, as JSON.
 * The server must trust 127.0.0.1 as a proxy, and have a long room called `square`.
 */
import { connect, type Socket } from "node:net";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import { manyScans } from "../pictures.ts";
import { clientFrame } from "./raw.ts";

const VISITORS = 16;
const [, , address = "", seconds = "20", only = ""] = process.argv;
const base = new URL(address);
const end = performance.now() + Number(seconds) * 1000;
const isOver = () => performance.now() >= end;
/** Long, and slow to normalize where it is not cut first. */
const MARKS = "\u0315\u0300".repeat(40_000);
const MARKUP = `${"\n".repeat(7_900)}x*`;
const NESTED = "**_~~`".repeat(1_300);
const ZEROS = clientFrame(JSON.stringify(new Array<number>(64).fill(0)));
const bomb = await manyScans(4_000, 4_000, 2_000);

const room = await (await fetch(new URL("api/v1/rooms/square/messages?limit=1", base))).json();
const { epoch } = room;

const results: Record<string, Record<string, number>> = {};
function count(trick: string, what: string | number): void {
  const own = (results[trick] ??= {});
  own[what] = (own[what] ?? 0) + 1;
}

class Hostile {
  readonly #open = new Set<Socket>();

  constructor(readonly from: string) {}

  /** Requests one after another, on as many lines at once. */
  async ask(trick: string, lines: number, request: (at: number) => [string, RequestInit?]) {
    const line = async () => {
      for (let at = 0; !isOver(); at += 1) {
        const [path, init] = request(at);
        const headers = { ...init?.headers, "x-forwarded-for": this.from };
        try {
          const response = await fetch(new URL(path, base), {
            ...init,
            headers,
            redirect: "manual",
            signal: AbortSignal.timeout(Math.max(1, end - performance.now())),
          });
          await response.body?.cancel();
          count(trick, response.status);
          // Who is refused tries again soon, but not as fast as the machine can.
          if (response.status === 429) await Bun.sleep(20);
        } catch {
          count(trick, "broken off");
        }
      }
    };
    await Promise.all(Array.from({ length: lines }, line));
  }

  /** A connection that has sent this; it reads nothing. */
  raw(head: readonly string[], ...body: (Uint8Array | string)[]): Promise<Socket> {
    const socket = connect(Number(base.port), base.hostname);
    this.#open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#open.delete(socket));
    socket.pause();
    socket.write(
      [...head, `Host: ${base.host}`, `X-Forwarded-For: ${this.from}`, "", ""].join("\r\n"),
    );
    for (const part of body) socket.write(part);
    return new Promise((resolve) => {
      socket.once("connect", () => resolve(socket));
      socket.once("close", () => resolve(socket));
    });
  }

  /** A WebSocket in the room; what `play` sends is sent again and again until it is closed. */
  async sockets(trick: string, many: number, query: string, play: (socket: Socket) => boolean) {
    const line = async () => {
      while (!isOver()) {
        const socket = await this.raw([
          `GET /ws/square/${query} HTTP/1.1`,
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          `Sec-WebSocket-Protocol: ${PROTOCOL}`,
        ]);
        count(trick, "opened");
        const isReading = play(socket);
        if (isReading) socket.resume();
        while (!isOver() && !socket.destroyed) {
          await Bun.sleep(100);
          if (!socket.destroyed && isReading) play(socket);
        }
        socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: many }, line));
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
  }
}

type Trick = (visitor: Hostile) => Promise<void>;
const post = (body: URLSearchParams | string): RequestInit => ({ method: "POST", body });
const json = (value: unknown): RequestInit => ({
  ...post(JSON.stringify(value)),
  headers: { "content-type": "application/json" },
});

const TRICKS: Readonly<Record<string, Trick>> = {
  names: (visitor) =>
    visitor.ask("names", 2, (at) =>
      at % 2 === 0
        ? ["me", post(new URLSearchParams({ name: MARKS.slice(0, 20_000) }))]
        : ["api/v1/rooms/square/messages", json({ text: "x", name: MARKS })],
    ),
  markup: (visitor) =>
    visitor.sockets("markup", 2, "", (socket) => {
      for (const text of [MARKUP, NESTED, "[".repeat(8_000), "| a ".repeat(2_000)]) {
        const id = crypto.randomUUID();
        socket.write(clientFrame(JSON.stringify({ type: "send", id, text })));
      }
      return true;
    }),
  searches: (visitor) =>
    visitor.ask("searches", 4, (at) => {
      const question = String.fromCharCode(97 + (at % 26));
      return [`api/v1/rooms/square/messages?limit=100&q=${question}`];
    }),
  resumes: (visitor) => visitor.sockets("resumes", 24, `?epoch=${epoch}&after=0`, () => false),
  history: (visitor) =>
    visitor.sockets("history", 4, "", (socket) => {
      const page = JSON.stringify({ type: "history", before: 100_000, limit: 100 });
      for (let pages = 0; pages < 10; pages += 1) socket.write(clientFrame(page));
      return true;
    }),
  streams: async (visitor) => {
    for (; !isOver(); await Bun.sleep(500)) {
      for (let streams = 0; streams < 8; streams += 1) {
        await visitor.raw([
          "GET /api/v1/rooms/square/events HTTP/1.1",
          `Last-Event-ID: ${epoch}:0`,
        ]);
        count("streams", "opened");
      }
    }
  },
  pictures: (visitor) =>
    visitor.ask("pictures", 2, () => [
      "api/v1/rooms/square/files?name=bomb.jpg",
      { method: "POST", body: bomb },
    ]),
  uploads: async (visitor) => {
    for (let open = 0; open < 30 && !isOver(); open += 1) {
      await visitor.raw(
        ["POST /api/v1/rooms/square/files?name=a HTTP/1.1", "Content-Length: 2"],
        "ab",
      );
      count("uploads", "left open");
      await Bun.sleep(100);
    }
  },
  frames: (visitor) =>
    visitor.sockets("frames", 4, "", (socket) => {
      for (let frames = 0; frames < 100; frames += 1) socket.write(ZEROS);
      return true;
    }),
  pages: (visitor) =>
    visitor.ask("pages", 6, (at) => [["", "rooms/square", "account/", "nothing"][at % 4] ?? ""]),
  forms: async (visitor) => {
    const size = 25 * 1024 * 1024;
    while (!isOver()) {
      const socket = await visitor.raw(
        [
          "POST /rooms/square HTTP/1.1",
          "Content-Type: multipart/form-data; boundary=x",
          `Content-Length: ${size}`,
        ],
        '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n',
        new Uint8Array(4 * 1024 * 1024),
      );
      count("forms", "begun");
      await Bun.sleep(1_000);
      if (socket.destroyed) count("forms", "closed");
    }
  },
  passwords: (visitor) =>
    visitor.ask("passwords", 1, () => [
      "account/sign-in",
      post(new URLSearchParams({ name: "Ada", password: "not the password", token: "none" })),
    ]),
};

const visitors = Array.from({ length: VISITORS }, (_, at) => new Hostile(`203.0.113.${at + 1}`));
const tricks = Object.entries(TRICKS).filter(([name]) => only === "" || name === only);
await Promise.race([
  Promise.all(visitors.flatMap((visitor) => tricks.map(([, trick]) => trick(visitor)))),
  Bun.sleep(Number(seconds) * 1000 + 1_000),
]);
for (const visitor of visitors) visitor.close();
console.log(JSON.stringify(results));
process.exit(0);
