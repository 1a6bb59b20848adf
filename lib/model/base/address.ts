/** An IP address as a number; IPv4 is mapped into IPv6, as `::ffff:a.b.c.d`. */
type Address = bigint;

const MAPPED = 0xffff_0000_0000n;
const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

function parseV4(text: string): bigint | null {
  const parts = V4.exec(text)?.slice(1).map(Number);
  if (!parts || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

/** Parses an IPv4 or IPv6 address (RFC 4291), ignoring a zone. Returns null for anything else. */
export function parseAddress(text: string): Address | null {
  const v4 = parseV4(text);
  if (v4 !== null) return MAPPED + v4;
  const [bare = ""] = text.split("%");
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  const embedded = tail ? parseV4(tail[2] ?? "") : 0n;
  if (embedded === null) return null;
  const hex = tail
    ? `${tail[1]}${(embedded >> 16n).toString(16)}:${(embedded & 0xffffn).toString(16)}`
    : bare;
  const halves = hex.split("::");
  if (halves.length > 2) return null;
  const groups = (half: string | undefined) => (half ? half.split(":") : []);
  const [left, right] = [groups(halves[0]), groups(halves[1])];
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...left, ...new Array<string>(missing).fill("0"), ...right];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

const isMapped = (address: Address) => address >> 32n === MAPPED >> 32n;

/**
 * The unit that limits and bans apply to: an IPv4 address, or the /64 of an IPv6 address. Returns
 * `text` unchanged if it is not an address.
 */
export function networkOf(text: string): string {
  const address = parseAddress(text);
  if (address === null) return text;
  if (!isMapped(address)) return `${(address >> 64n).toString(16)}::/64`;
  const bytes = [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn);
  return bytes.join(".");
}

/**
 * The IPv6 /56, which providers assign to one customer, that contains a /64 of `networkOf`. Null
 * for any other network.
 */
export function siteOf(network: string): string | null {
  const prefix = /^([0-9a-f]{1,16})::\/64$/.exec(network)?.[1];
  return prefix === undefined ? null : `${prefix.padStart(16, "0").slice(0, 14)}::/56`;
}

/** A /56 has this many times the limits of each of its 256 /64s. */
export const SITE_FACTOR = 4;

/** Whether `text` is an address, or a range such as `10.0.0.0/8` or `fd00::/8`. */
export function isRange(text: string): boolean {
  const [, base = "", size] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const most = parseV4(base) === null ? 128 : 32;
  return !base.includes("%") && parseAddress(base) !== null && Number(size ?? 0) <= most;
}

/** Whether the address is in a range such as `10.0.0.0/8`, `::1` or `fd00::/8`. */
export function inRange(text: string, range: string): boolean {
  const [base = "", size] = range.split("/");
  const [address, start] = [parseAddress(text), parseAddress(base)];
  if (address === null || start === null) return false;
  const bits = size === undefined ? 128 : Number(size) + (parseV4(base) === null ? 0 : 96);
  if (bits > 128) return false;
  const shift = BigInt(128 - bits);
  return address >> shift === start >> shift;
}

/**
 * The client's address behind trusted proxies. Reads `forwarded` (X-Forwarded-For) from the right,
 * for as long as the address that wrote each entry is trusted.
 */
export function clientAddress(
  peer: string,
  forwarded: string | null,
  trusted: readonly string[],
): string {
  const isTrusted = (address: string) => trusted.some((range) => inRange(address, range));
  let address = peer;
  for (const entry of (forwarded ?? "").split(",").reverse()) {
    const next = entry.trim();
    if (!isTrusted(address) || parseAddress(next) === null) break;
    address = next;
  }
  return address;
}
