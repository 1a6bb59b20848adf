import { comesBack } from "../../../lib/model/base/close.ts";
import { type ClientFrame, PROTOCOL, type ServerFrame } from "../../../lib/model/wire/frame.ts";
import { below } from "../base/dom.ts";
import { retryDelay } from "../../../lib/model/base/retry.ts";

/** `closed` is final until `open` is called: the reader left, or was told not to come back. */
export type State = "connecting" | "open" | "closed";

export interface Hooks {
  /** The address to connect to, which includes how far the page has come. */
  readonly address: () => URL;
  readonly onState: (state: State, code: number) => void;
  readonly onFrame: (frame: ServerFrame) => void;
  /** The time of the next try, in ms since 1970; 0: it is under way. */
  readonly onRetry: (at: number) => void;
}

/** The silence after which the server is pinged, and the time it has to answer. */
const QUIET_MS = 20_000;
const ANSWER_MS = 8_000;

/**
 * The address of a room's socket, which resumes after `head` of the log `epoch`, unless that is
 * empty.
 */
export function socketAddress(room: string, epoch: string, head: number, inbox: number): URL {
  const address = below(`ws/${encodeURIComponent(room)}/`);
  const resume = epoch === "" ? {} : { epoch, after: `${head}` };
  address.search = `${new URLSearchParams({ ...resume, inbox: `${inbox}` })}`;
  address.protocol = address.protocol.replace("http", "ws");
  return address;
}

/** A room's socket, which reconnects until it is closed for good. */
export class Connection {
  state: State = "closed";
  #socket: WebSocket | null = null;
  #attempt = 0;
  #retry = 0;
  #silence = 0;
  #refs = 0;
  readonly #asked = new Map<string, (answer: ServerFrame | null) => void>();

  constructor(readonly hooks: Hooks) {
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.#lost(1006));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
  }

  /** Replaces an open socket without showing it. */
  open(): void {
    clearTimeout(this.#retry);
    this.#drop();
    if (this.state !== "open") this.#become("connecting", 0);
    this.hooks.onRetry(0);
    const address = this.hooks.address();
    const socket = new WebSocket(address, PROTOCOL);
    this.#socket = socket;
    this.#expect(ANSWER_MS * 2);
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#lost(code);
  }

  /** Leaves, and stays out. */
  close(): void {
    clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#drop();
    this.#become("closed", 1000);
  }

  /** Retries at once if it is waiting. */
  tryNow(): void {
    if (this.state === "connecting") this.open();
  }

  /** Sends a frame; false if there is no connection. */
  send(frame: ClientFrame): boolean {
    if (this.state !== "open" || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** The answer to a frame, possibly an `error`; null if the connection was lost first. */
  ask(frame: ClientFrame): Promise<ServerFrame | null> {
    this.#refs += 1;
    const ref = `r${this.#refs}`;
    return new Promise((resolve) => {
      if (this.send({ ...frame, ref })) this.#asked.set(ref, resolve);
      else resolve(null);
    });
  }

  #receive(data: unknown): void {
    this.#expect(QUIET_MS);
    const parsed: ServerFrame | ServerFrame[] = JSON.parse(String(data));
    for (const frame of Array.isArray(parsed) ? parsed : [parsed]) {
      if (frame.type === "welcome") {
        this.#welcome(frame);
        continue;
      }
      const ref = "ref" in frame ? (frame.ref ?? "") : "";
      const resolve = this.#asked.get(ref);
      this.#asked.delete(ref);
      if (resolve) resolve(frame);
      else this.hooks.onFrame(frame);
    }
  }

  #welcome(frame: ServerFrame): void {
    const isNew = this.state !== "open";
    this.#attempt = 0;
    this.state = "open";
    this.hooks.onFrame(frame);
    if (isNew) this.hooks.onState("open", 0);
  }

  /** Pings the server after a silence; without an answer, the connection counts as lost. */
  #expect(ms: number): void {
    clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      if (ms === QUIET_MS && this.send({ type: "ping" })) this.#expect(ANSWER_MS);
      else this.#lost(1006);
    }, ms);
  }

  #lost(code: number): void {
    if (this.state === "closed") return;
    this.#drop();
    if (!comesBack(code)) {
      this.#become("closed", code);
      return;
    }
    this.#become("connecting", code);
    clearTimeout(this.#retry);
    const wait = retryDelay(this.#attempt, Math.random());
    this.#retry = window.setTimeout(() => this.open(), wait);
    this.#attempt += 1;
    this.hooks.onRetry(Date.now() + wait);
  }

  /** Retries early, since the network may be back. */
  #hurry(): void {
    if (this.state === "open") {
      this.send({ type: "ping" });
      this.#expect(ANSWER_MS);
    } else if (this.state === "connecting" && !this.#socket) {
      this.open();
    }
  }

  #drop(): void {
    clearTimeout(this.#silence);
    if (this.#socket) {
      this.#socket.onmessage = null;
      this.#socket.onclose = null;
      this.#socket.close();
      this.#socket = null;
    }
    for (const resolve of this.#asked.values()) resolve(null);
    this.#asked.clear();
  }

  #become(state: State, code: number): void {
    if (state === this.state) return;
    this.state = state;
    this.hooks.onState(state, code);
  }
}
