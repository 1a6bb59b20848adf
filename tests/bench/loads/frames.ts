/** The client's half of RFC 6455, only as much as a load generator needs. */

export const TEXT = 1;
export const CLOSED = 8;
export const PING = 9;
export const PONG = 10;

/** The bytes that ask for an upgrade. The key is RFC 6455's example: nobody checks the answer here. */
export function upgradeRequest(path: string, host: string, protocol?: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    "\r\n",
  ].join("\r\n");
}

/**
 * One masked frame of up to 65,535 bytes. The mask is zero, which is a legal one: the server has the
 * same work, and the payload can be changed in place between two sends.
 */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  if (payload.length > 0xffff) throw new RangeError("a load frame has at most 65,535 bytes");
  const long = payload.length > 125;
  const header = long
    ? [0x80 | opcode, 0xfe, payload.length >> 8, payload.length & 255]
    : [0x80 | opcode, 0x80 | payload.length];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), payload]);
}

/** Called for each whole frame; its payload is `bytes[start … end)`. */
export type OnFrame = (opcode: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Hands every whole frame in `bytes` to `onFrame` and returns how many bytes they were: what follows
 * is the beginning of a frame whose rest is still to come. A frame's header has 2, 4 or 10 bytes.
 */
export function readFrames(bytes: Buffer, onFrame: OnFrame): number {
  const length = bytes.length;
  let at = 0;
  while (length - at >= 2) {
    const first = bytes[at] ?? 0;
    let size = (bytes[at + 1] ?? 0) & 0x7f;
    let start = at + 2;
    if (size === 126) {
      start = at + 4;
      if (length < start) break;
      size = bytes.readUInt16BE(at + 2);
    } else if (size === 127) {
      start = at + 10;
      if (length < start) break;
      size = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    }
    if (length - start < size) break;
    if ((first & 0x80) === 0) throw new Error("a message came in several frames");
    onFrame(first & 0x0f, bytes, start, start + size);
    at = start + size;
  }
  return at;
}

/** How often `pattern` stands in `bytes[start … end)`. */
export function occurrences(bytes: Buffer, pattern: Buffer, start: number, end: number): number {
  let count = 0;
  let at = bytes.indexOf(pattern, start);
  while (at !== -1 && at < end) {
    count += 1;
    at = bytes.indexOf(pattern, at + pattern.length);
  }
  return count;
}
