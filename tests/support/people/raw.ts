import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import type { Server } from "../servers/server.ts";

/**
 * A WebSocket below the level of a client: a TCP connection that can stop reading, so that what the
 * server sends it piles up there.
 */
export class RawSocket {
  readonly closed: Promise<void>;
  #received: Uint8Array[] = [];

  private constructor(readonly socket: Socket) {
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** Resolves when the server has agreed to speak `chat.v1`; `more` is sent with the request. */
  static async open(
    server: Server,
    room: string,
    query: Readonly<Record<string, string | number>> = {},
    more: Uint8Array = new Uint8Array(),
  ): Promise<RawSocket> {
    const url = new URL(server.ws(room, query));
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, "connect");
    const raw = new RawSocket(socket);
    const request = [
      `GET ${url.pathname}${url.search} HTTP/1.1`,
      `Host: ${url.host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      `Sec-WebSocket-Protocol: ${PROTOCOL}`,
      "",
      "",
    ].join("\r\n");
    socket.write(Buffer.concat([Buffer.from(request), more]));
    const [head] = await once(socket, "data");
    if (!String(head).startsWith("HTTP/1.1 101")) throw new Error(`refused: ${String(head)}`);
    raw.#received.push(head.subarray(head.indexOf("\r\n\r\n") + 4));
    socket.on("data", (bytes: Uint8Array) => raw.#received.push(bytes));
    return raw;
  }

  /** The payloads of the text frames that came so far (RFC 6455, section 5.2). */
  get texts(): string[] {
    const bytes = Buffer.concat(this.#received);
    this.#received = [bytes];
    const texts: string[] = [];
    for (let at = 0; at + 2 <= bytes.length;) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const from = at + (short === 127 ? 10 : short === 126 ? 4 : 2);
      if (from > bytes.length) break;
      const length =
        short === 127
          ? Number(bytes.readBigUInt64BE(at + 2))
          : short === 126
            ? bytes.readUInt16BE(at + 2)
            : short;
      if (from + length > bytes.length) break;
      if (((bytes[at] ?? 0) & 0x0f) === 1) texts.push(bytes.toString("utf8", from, from + length));
      at = from + length;
    }
    return texts;
  }

  stopReading(): void {
    this.socket.pause();
  }

  /** Reads what is left; `closed` resolves at its end. */
  readOn(): void {
    this.socket.resume();
  }

  /** Bytes as they are, no frame around them. */
  write(bytes: Uint8Array | string): void {
    this.socket.write(bytes);
  }

  end(): void {
    this.socket.destroy();
  }
}

/** A client's frame, masked as it must be, of up to 65,535 bytes; `opcode` 1 is text, 2 binary. */
export function clientFrame(payload: Uint8Array | string, opcode = 1): Uint8Array {
  const body = Buffer.from(payload);
  const head = [0x80 | opcode];
  if (body.length < 126) head.push(0x80 | body.length);
  else head.push(0x80 | 126, body.length >> 8, body.length & 0xff);
  // A mask of zeros leaves the bytes as they are.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4), body]);
}
