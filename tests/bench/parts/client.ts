import type { Socket } from "bun";
import {
  clientFrame,
  CLOSED,
  PING,
  PONG,
  readFrames,
  TEXT,
  upgradeRequest,
} from "../loads/frames.ts";
import type { OnFrame } from "../loads/frames.ts";

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/**
 * One WebSocket on raw TCP: nothing is decoded, every text frame is handed on as a range of bytes.
 * `onRead` is called once a read, after its frames, with the bytes that held them.
 */
export class Client {
  onText: (bytes: Buffer, start: number, end: number) => void = () => {};
  onRead: (bytes: Buffer, end: number) => void = () => {};
  onClose: () => void = () => {};
  #socket: Socket<Client> | null = null;
  #rest: Buffer | null = null;
  #unsent: Uint8Array | null = null;
  readonly #upgraded = Promise.withResolvers<void>();
  #open = false;

  /**
   * Resolves when the server has answered 101; rejects on any other answer or a closed connection.
   * Frames may come before it resolves: set `onText` first.
   */
  async connect(address: Address, path: string, protocol?: string): Promise<void> {
    const { host, port } = address;
    this.#socket = await Bun.connect<Client>({
      hostname: host,
      port,
      data: this,
      socket: handlers,
    });
    this.write(Buffer.from(upgradeRequest(path, host, protocol)));
    await this.#upgraded.promise;
  }

  write(bytes: Uint8Array): void {
    if (this.#unsent !== null) {
      this.#unsent = Buffer.concat([this.#unsent, bytes]);
      return;
    }
    const written = this.#socket?.write(bytes) ?? 0;
    if (written < bytes.length) this.#unsent = Buffer.from(bytes.subarray(Math.max(written, 0)));
  }

  send(text: string): void {
    this.write(clientFrame(TEXT, Buffer.from(text)));
  }

  close(): void {
    this.#socket?.terminate();
  }

  drained(): void {
    const unsent = this.#unsent;
    this.#unsent = null;
    if (unsent !== null) this.write(unsent);
  }

  closed(): void {
    this.#upgraded.reject(new Error("the connection was closed before the upgrade"));
    if (this.#open) this.onClose();
    this.#open = false;
  }

  received(chunk: Buffer): void {
    let bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#open) {
      const head = bytes.indexOf(END_OF_HEAD);
      if (head === -1) {
        this.#rest = bytes;
        return;
      }
      const status = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
      if (!status.includes(" 101")) {
        this.#upgraded.reject(new Error(`no upgrade: ${status}`));
        return;
      }
      this.#open = true;
      bytes = bytes.subarray(head + END_OF_HEAD.length);
      this.#upgraded.resolve();
    }
    const end = readFrames(bytes, this.#frame);
    this.#rest = end < bytes.length ? bytes.subarray(end) : null;
    if (end > 0) this.onRead(bytes, end);
  }

  readonly #frame: OnFrame = (opcode, bytes, start, end) => {
    if (opcode === TEXT) this.onText(bytes, start, end);
    else if (opcode === PING) this.write(clientFrame(PONG, bytes.subarray(start, end)));
    else if (opcode === CLOSED) this.close();
  };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

const handlers = {
  data: (socket: Socket<Client>, chunk: Buffer) => socket.data.received(chunk),
  drain: (socket: Socket<Client>) => socket.data.drained(),
  close: (socket: Socket<Client>) => socket.data.closed(),
  error: (socket: Socket<Client>) => socket.data.closed(),
};

/** Loopback addresses in turn: each has its own 28,000 local ports. */
export function loopback(index: number): string {
  return `127.0.0.${1 + (index % 8)}`;
}
