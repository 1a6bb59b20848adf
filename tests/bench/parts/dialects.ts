import { occurrences } from "../loads/frames.ts";

/** How one kind of server is spoken to, and how its messages are counted without parsing them. */
export interface Dialect {
  readonly protocol?: string;
  path(room: string): string;
  /** The payload that sends one message; `id` occurs in it exactly once. */
  send(id: string, text: string): string;
  /** Messages in one text frame. */
  count(bytes: Buffer, start: number, end: number): number;
  /** What has to be answered to a frame, if anything. */
  answer?(bytes: Buffer, start: number): string | null;
  /** Whether the room has been entered when this frame is here; without it, the upgrade is enough. */
  entered?(bytes: Buffer, start: number, end: number): boolean;
}

const ascii = (character: string) => character.charCodeAt(0);

/** Cannot stand in a user's text: there its quotes are escaped. */
const MESSAGE = Buffer.from('"type":"message"');
const WELCOME = Buffer.from('"type":"welcome"');
const FIRST_KEY = Buffer.from('{"type":"');

/**
 * `chat.v1`, and the bare servers that imitate it. A frame is one object or an array of them. Where
 * an object begins with its type, the type's first letter tells: only `message` begins with an m.
 */
const chat: Dialect = {
  protocol: "chat.v1",
  path: (room) => `/ws/${room}/`,
  send: (id, text) => JSON.stringify({ type: "send", id, text }),
  count(bytes, start, end) {
    const typeFirst = bytes[start] === FIRST_KEY[0] && bytes[start + 2] === ascii("t");
    if (typeFirst && bytes[start + 8] === FIRST_KEY[8])
      return bytes[start + 9] === ascii("m") ? 1 : 0;
    return occurrences(bytes, MESSAGE, start, end);
  },
  entered: (bytes, start, end) => occurrences(bytes, WELCOME, start, end) > 0,
};

/** One text frame is one message: the Django program. */
const plain: Dialect = {
  path: (room) => `/ws/${room}/`,
  send: (id, text) => `${id} ${text}`,
  count: () => 1,
};

/** Engine.IO 4 over one WebSocket: `0` open, `2` ping, `3` pong, `40` connected, `42` an event. */
const socketio: Dialect = {
  path: (room) => `/socket.io/?EIO=4&transport=websocket&room=${room}`,
  send: (id, text) => `42${JSON.stringify(["send", { id, text }])}`,
  count: (bytes, start) => (bytes[start] === ascii("4") && bytes[start + 1] === ascii("2") ? 1 : 0),
  answer(bytes, start) {
    if (bytes[start] === ascii("0")) return "40";
    return bytes[start] === ascii("2") ? "3" : null;
  },
  entered: (bytes, start) => bytes[start] === ascii("4") && bytes[start + 1] === ascii("0"),
};

export const DIALECTS = { chat, plain, socketio };
export type DialectName = keyof typeof DIALECTS;

/** Frames shorter than this are counted as quickly as they are compared. */
const WORTH_COMPARING = 1_024;

/**
 * Counts for all the people of one room. What goes to everyone is the same bytes for each: a long
 * frame that equals the last one is not searched again.
 */
export class RoomCounter {
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #count = 0;

  constructor(readonly dialect: Dialect) {}

  count(bytes: Buffer, start: number, end: number): number {
    if (end - start < WORTH_COMPARING) return this.dialect.count(bytes, start, end);
    const same =
      end - start === this.#end - this.#start &&
      bytes.compare(this.#bytes, this.#start, this.#end, start, end) === 0;
    if (same) return this.#count;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#count = this.dialect.count(bytes, start, end);
    return this.#count;
  }
}
