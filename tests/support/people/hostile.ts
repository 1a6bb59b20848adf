/**
 * `bun tests/support/people/hostile.ts URL SECONDS [TRICK]`: 16 visitors, each from an address of its
 * own (127.0.113.1 to .16), do to the server at URL whatever once kept others waiting (issue 11,
 * points 1 to 10), or one trick of it. Ends by itself, and prints how often each was tried and what
 * came back, as JSON. The server must have a long room called `square`.
 */
import { connect, type Socket } from "node:net";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import { manyScans } from "../pictures.ts";
import { Line } from "./line.ts";
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
const DEAR_TEXTS = [MARKUP, NESTED, "[".repeat(8_000), "| a ".repeat(2_000), "k".repeat(8_000)];
const ZEROS = clientFrame(JSON.stringify(new Array<number>(64).fill(0)));
const DEEP = clientFrame("[".repeat(30_000) + "]".repeat(30_000));
const FORM_BYTES = 25 * 1024 * 1024;
const FORM_HEAD = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n';
const FORM_PART = new Uint8Array(1024 * 1024);
const bomb = await manyScans(4_000, 4_000, 2_000);

const room = await (await fetch(new URL("api/v1/rooms/square/messages?limit=1", base))).json();
const { epoch } = room;

const results: Record<string, Record<string, number>> = {};
function count(trick: string, what: string | number): void {
  const own = (results[trick] ??= {});
  own[what] = (own[what] ?? 0) + 1;
}

interface Asked {
  readonly method?: "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

class Hostile {
  readonly #open = new Set<Socket>();
  readonly #lines = new Set<Line>();

  constructor(readonly from: string) {}

  /** Requests one after another, on as many connections at once. */
  async ask(trick: string, lines: number, request: (at: number) => Asked) {
    const one = async () => {
      const line = new Line(base, this.from);
      this.#lines.add(line);
      for (let at = 0; !isOver(); at += 1) {
        const { method = "GET", path, headers, body } = request(at);
        const outcome = await line.ask(method, path, headers, body);
        count(trick, outcome);
        // Who is refused tries again soon, but not as fast as the machine can.
        if (outcome === 429 || outcome === "closed") await Bun.sleep(10);
      }
    };
    await Promise.all(Array.from({ length: lines }, one));
  }

  /** A connection that has sent this; it reads nothing. */
  raw(head: readonly string[], ...body: (Uint8Array | string)[]): Promise<Socket> {
    const socket = connect({
      port: Number(base.port),
      host: base.hostname,
      localAddress: this.from,
    });
    this.#open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#open.delete(socket));
    socket.pause();
    socket.write([...head, `Host: ${base.host}`, "", ""].join("\r\n"));
    for (const part of body) socket.write(part);
    return new Promise((resolve) => {
      socket.once("connect", () => resolve(socket));
      socket.once("close", () => resolve(socket));
    });
  }

  /** A WebSocket in the room; what `play` sends is sent again and again until it is closed. */
  async sockets(trick: string, many: number, path: string, play: (socket: Socket) => boolean) {
    const line = async () => {
      while (!isOver()) {
        const socket = await this.raw([
          `GET /ws/${path} HTTP/1.1`,
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          `Sec-WebSocket-Protocol: ${PROTOCOL}`,
        ]);
        count(trick, "opened");
        const isReading = play(socket);
        if (isReading) socket.resume();
        for (let ms = 0; !isOver() && !socket.destroyed && (isReading || ms < 3_000); ms += 100) {
          await Bun.sleep(100);
          if (!socket.destroyed && isReading) play(socket);
        }
        // What is not read is left, again and again: each new start costs the server another.
        socket.destroy();
      }
    };
    await Promise.all(Array.from({ length: many }, line));
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    for (const line of this.#lines) line.close();
  }
}

type Trick = (visitor: Hostile) => Promise<void>;
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };
const say = (text: string) => {
  const id = crypto.randomUUID();
  return clientFrame(JSON.stringify({ type: "send", id, text }));
};

const TRICKS: Readonly<Record<string, Trick>> = {
  /** Messages that a handler takes for ever over, in a room of their own; first of all, since
   * the others leave no sockets. */
  loops: async (visitor) => {
    await visitor.sockets("loops", 1, "loops/", (socket) => {
      socket.write(say(`for ever ${Math.random()}`));
      return true;
    });
  },
  names: (visitor) =>
    visitor.ask("names", 2, (at) =>
      at % 2 === 0
        ? { method: "POST", path: "me", headers: form, body: `name=${MARKS.slice(0, 20_000)}` }
        : {
            method: "POST",
            path: "api/v1/rooms/square/messages",
            headers: json,
            body: JSON.stringify({ text: "x", name: MARKS }),
          },
    ),
  nicks: (visitor) =>
    visitor.sockets("nicks", 2, "square/?name=someone", (socket) => {
      socket.write(say(`/nick ${MARKS.slice(0, 20_000)}`));
      socket.write(say(`/nick ${MARKS.slice(0, 30)}`));
      socket.write(say(`/nick n${Math.random().toString(36).slice(2)}`));
      return true;
    }),
  markup: (visitor) =>
    visitor.sockets("markup", 2, "square/", (socket) => {
      for (const text of DEAR_TEXTS) socket.write(say(text));
      return true;
    }),
  reactions: (visitor) =>
    visitor.sockets("reactions", 2, "square/", (socket) => {
      for (let seq = 1; seq <= 20; seq += 1) {
        const emoji = String.fromCodePoint(0x1f600 + Math.floor(Math.random() * 60));
        const frame = { type: "react", seq, emoji, on: true };
        socket.write(clientFrame(JSON.stringify(frame)));
      }
      return true;
    }),
  searches: (visitor) =>
    visitor.ask("searches", 4, (at) => {
      const question = String.fromCharCode(97 + (at % 26));
      return { path: `api/v1/rooms/square/messages?limit=100&q=${question}` };
    }),
  resumes: (visitor) =>
    visitor.sockets("resumes", 64, `square/?epoch=${epoch}&after=0`, () => false),
  history: (visitor) =>
    visitor.sockets("history", 4, "square/", (socket) => {
      const page = JSON.stringify({ type: "history", before: 100_000, limit: 100 });
      for (let pages = 0; pages < 10; pages += 1) socket.write(clientFrame(page));
      return true;
    }),
  unread: (visitor) =>
    visitor.sockets("unread", 4, "square/?inbox=0", (socket) => {
      // Asked for, and never read.
      const page = JSON.stringify({ type: "history", before: 100_000, limit: 100 });
      for (let pages = 0; pages < 30; pages += 1) socket.write(clientFrame(page));
      return false;
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
    visitor.ask("pictures", 2, () => ({
      method: "POST",
      path: "api/v1/rooms/square/files?name=bomb.jpg",
      body: bomb,
    })),
  uploads: async (visitor) => {
    for (let open = 0; open < 200 && !isOver(); open += 1) {
      await visitor.raw(
        [
          `${open % 2 === 0 ? "POST" : "PUT"} /api/v1/rooms/square/files?name=a HTTP/1.1`,
          "Content-Length: 2",
        ],
        "ab",
      );
      count("uploads", "left open");
      await Bun.sleep(50);
    }
  },
  frames: (visitor) =>
    visitor.sockets("frames", 8, "square/", (socket) => {
      for (let frames = 0; frames < 100; frames += 1) socket.write(ZEROS);
      socket.write(DEEP);
      return true;
    }),
  pages: (visitor) =>
    visitor.ask("pages", 32, (at) => ({
      path: ["", "rooms/square", "account/", "nothing"][at % 4] ?? "",
    })),
  forms: async (visitor) => {
    const line = async () => {
      while (!isOver()) {
        const socket = await visitor.raw(
          [
            "POST /rooms/square HTTP/1.1",
            "Content-Type: multipart/form-data; boundary=x",
            `Content-Length: ${FORM_BYTES}`,
          ],
          FORM_HEAD,
        );
        count("forms", "begun");
        // All but its end, which never comes.
        for (let sent = 1; sent < 24 && !isOver() && !socket.destroyed; sent += 1) {
          socket.write(FORM_PART);
          await Bun.sleep(50);
        }
        for (let ms = 0; !isOver() && !socket.destroyed && ms < 5_000; ms += 100) {
          await Bun.sleep(100);
        }
        count("forms", socket.destroyed ? "closed" : "held");
        socket.destroy();
      }
    };
    await Promise.all([line(), line(), line()]);
  },
  /** Small forms that never end. */
  halves: async (visitor) => {
    for (; !isOver(); await Bun.sleep(100)) {
      const kind = Math.random() < 0.5 ? "multipart/form-data; boundary=x" : form["content-type"];
      await visitor.raw(
        ["POST /rooms/square HTTP/1.1", `Content-Type: ${kind}`, "Content-Length: 1000"],
        "text=a",
      );
      count("halves", "begun");
    }
  },
  passwords: (visitor) =>
    visitor.ask("passwords", 1, () => ({
      method: "POST",
      path: "account/sign-in",
      headers: form,
      body: "name=Ada&password=not+the+password&token=none",
    })),
};

const visitors = Array.from({ length: VISITORS }, (_, at) => new Hostile(`127.0.113.${at + 1}`));
const tricks = Object.entries(TRICKS).filter(([name]) => only === "" || name === only);
await Promise.race([
  Promise.all(visitors.flatMap((visitor) => tricks.map(([, trick]) => trick(visitor)))),
  Bun.sleep(Number(seconds) * 1000 + 1_000),
]);
for (const visitor of visitors) visitor.close();
console.log(JSON.stringify(results));
process.exit(0);
