import { inRange, parseAddress } from "./address.ts";

/** IPv4 ranges that are not of the public internet, by IANA's special-purpose registry. */
const CLOSED_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** All IPv6 addresses that are assigned for the public internet. */
const OPEN_V6 = "2000::/3";

/** Of these: protocol assignments with Teredo, 6to4, and documentation. */
const CLOSED_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/**
 * Whether `text` is an address of the public internet. False for private, loopback, link-local,
 * carrier-grade NAT, multicast, unspecified and documentation addresses, for every IPv6 address that
 * stands for an IPv4 address (mapped, NAT64, 6to4, Teredo), and for anything that is not an address.
 */
export function isPublicAddress(text: string): boolean {
  if (parseAddress(text) === null || text.includes("%")) return false;
  const isIn = (range: string) => inRange(text, range);
  if (!text.includes(":")) return !CLOSED_V4.some(isIn);
  return isIn(OPEN_V6) && !CLOSED_V6.some(isIn);
}
