import { describe, expect, test } from "bun:test";
import { isPublicAddress } from "../../lib/model/base/public-address.ts";

describe("an address that a request may go to", () => {
  test.each(["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00::1"])(
    "is of the public internet: %s",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  test.each([
    ...["0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254"],
    ...["169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.168.1.1"],
    ...["198.18.0.1", "224.0.0.1", "239.255.255.255", "255.255.255.255"],
    ...["::", "::1", "::ffff:8.8.8.8", "::ffff:7f00:1", "::8.8.8.8", "64:ff9b::808:808"],
    ...[
      "64:ff9b:1::1",
      "fc00::1",
      "fd12::1",
      "fe80::1",
      "fe80::1%eth0",
      "ff02::1",
      "2002:7f00:1::",
    ],
    ...["2001::1", "2001:db8::1", "3fff::1", "2606:4700::1111%eth0", "", "localhost"],
  ])("is not: %s", (address) => expect(isPublicAddress(address)).toBe(false));
});
