import type { Reply } from "./resp.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Consecutive slots of a Redis Cluster, and their master. */
export interface SlotRange {
  readonly from: number;
  readonly to: number;
  readonly master: Address;
}

const SLOTS = 16_384;
const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/**
 * The slot of a channel; decided by what is between its first `{` and the next `}`, if anything.
 */
export function slotOf(channel: string): number {
  const open = channel.indexOf("{");
  const close = open < 0 ? -1 : channel.indexOf("}", open + 1);
  const key = close > open + 1 ? channel.slice(open + 1, close) : channel;
  let crc = 0;
  for (const byte of new TextEncoder().encode(key)) {
    crc = ((crc << 8) & 0xffff) ^ (CRC16[(crc >> 8) ^ byte] ?? 0);
  }
  return crc % SLOTS;
}

/**
 * Decodes the answer to `CLUSTER SLOTS`; null if it is invalid. `asked` is the host that gave it,
 * since a server that does not know its own address leaves it out.
 */
export function readSlots(reply: Reply, asked: string): SlotRange[] | null {
  if (!Array.isArray(reply)) return null;
  const ranges: SlotRange[] = [];
  for (const entry of reply) {
    if (!Array.isArray(entry)) return null;
    const [from, to, master] = entry;
    if (typeof from !== "number" || typeof to !== "number" || !Array.isArray(master)) return null;
    const [host, port] = master;
    if (typeof port !== "number") return null;
    // `?` stands for a host name that is required but not set.
    const isKnown = typeof host === "string" && host !== "" && host !== "?";
    ranges.push({ from, to, master: { host: isKnown ? host : asked, port } });
  }
  return ranges;
}

/** The master of a slot; null if the slot is not served. */
export function masterOf(ranges: readonly SlotRange[], slot: number): Address | null {
  return ranges.find(({ from, to }) => from <= slot && slot <= to)?.master ?? null;
}
