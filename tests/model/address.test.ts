import { describe, expect, test } from "bun:test";
import { clientAddress, inRange, parseAddress, networkOf } from "../../lib/model/base/address.ts";

describe("an address", () => {
  test.each([
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["127.0.0.1", "::ffff:7f00:1"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["2001:db8::1", "2001:0DB8:0:0::1"],
    ["fe80::1", "fe80::1%eth0"],
  ])("%s is %s", (one, other) => {
    expect(parseAddress(one)).toBe(parseAddress(other));
    expect(parseAddress(one)).not.toBeNull();
  });

  test.each([
    [""],
    ["1.2.3"],
    ["1.2.3.4.5"],
    ["256.1.1.1"],
    ["1.2.3.-4"],
    [":::"],
    ["1::2::3"],
    ["1:2:3:4:5:6:7"],
    ["1:2:3:4:5:6:7:8:9"],
    ["g::"],
    ["12345::"],
    ["::1.2.3.256"],
    ["localhost"],
    ["unknown"],
    ["1.2.3.4:80"],
    ["[::1]"],
    ["0x7f.1"],
  ])("is not %j", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test.each([
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["10.1.2.4", "10.1.2.3", false],
    ["1.2.3.4", "0.0.0.0/0", true],
    ["::1", "0.0.0.0/0", false],
    ["::1", "::/0", true],
    ["fd12::1", "fd00::/8", true],
    ["fe12::1", "fd00::/8", false],
    ["172.31.255.255", "172.16.0.0/12", true],
    ["172.32.0.0", "172.16.0.0/12", false],
    ["10.0.0.1", "10.0.0.0/33", false],
    ["nonsense", "0.0.0.0/0", false],
  ])("%s is in %s: %p", (address, range, is) => {
    expect(inRange(address, range)).toBe(is);
  });

  test("stands for its place: itself, or its network of 64 bits", () => {
    expect(networkOf("10.1.2.3")).toBe("10.1.2.3");
    expect(networkOf("::ffff:10.1.2.3")).toBe("10.1.2.3");
    expect(networkOf("2001:db8:1:2::1")).toBe(networkOf("2001:db8:1:2:ffff::9"));
    expect(networkOf("2001:db8:1:2::1")).not.toBe(networkOf("2001:db8:1:3::1"));
  });
});

describe("the client behind proxies", () => {
  const trusted = ["10.0.0.0/8", "::1"];
  test.each([
    ["no proxy is trusted", "1.1.1.1", "9.9.9.9", [], "1.1.1.1"],
    ["the peer is no proxy of ours", "1.1.1.1", "9.9.9.9", trusted, "1.1.1.1"],
    ["one proxy", "10.0.0.1", "9.9.9.9", trusted, "9.9.9.9"],
    ["two proxies", "10.0.0.1", "9.9.9.9, 10.0.0.2", trusted, "9.9.9.9"],
    ["what the client wrote itself", "10.0.0.1", "6.6.6.6, 9.9.9.9", trusted, "9.9.9.9"],
    [
      "a client that claims to be a proxy",
      "10.0.0.1",
      "6.6.6.6, 10.6.6.6, 9.9.9.9",
      trusted,
      "9.9.9.9",
    ],
    ["no header", "10.0.0.1", null, trusted, "10.0.0.1"],
    ["an empty header", "10.0.0.1", "", trusted, "10.0.0.1"],
    ["nonsense in the header", "10.0.0.1", "nonsense", trusted, "10.0.0.1"],
    ["over IPv6", "::1", "2001:db8::7", trusted, "2001:db8::7"],
    ["a mapped peer", "::ffff:10.0.0.1", "9.9.9.9", trusted, "9.9.9.9"],
  ])("%s", (_, peer, forwarded, proxies, client) => {
    expect(clientAddress(peer, forwarded, proxies)).toBe(client);
  });
});
