import { describe, expect, test } from "bun:test";
import {
  encodeCommand,
  fieldOf,
  RespDecoder,
  RespError,
  RespPush,
  type Reply,
} from "../../lib/broker/resp.ts";
import { masterOf, readSlots, slotOf } from "../../lib/broker/slots.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (text: string) => new RespDecoder().push(bytes(text));

describe("RESP3", () => {
  test("a command is a list of strings, counted in bytes", () => {
    expect(encodeCommand(["SPUBLISH", "大厅", ""])).toBe(
      "*3\r\n$8\r\nSPUBLISH\r\n$6\r\n大厅\r\n$0\r\n\r\n",
    );
  });

  test.each<[string, Reply]>([
    ["+OK\r\n", "OK"],
    [":-3\r\n", -3],
    ["_\r\n", null],
    ["$-1\r\n", null],
    ["$6\r\n你好\r\n", "你好"],
    ["$2\r\n\r\n\r\n", "\r\n"],
    ["=6\r\ntxt:ok\r\n", "ok"],
    ["*2\r\n:1\r\n*1\r\n+a\r\n", [1, ["a"]]],
    ["%1\r\n+mode\r\n$7\r\ncluster\r\n", ["mode", "cluster"]],
    [">3\r\n+smessage\r\n+c\r\n+t\r\n", new RespPush(["smessage", "c", "t"])],
    ["-MOVED 1 a:1\r\n", new RespError("MOVED 1 a:1")],
  ])("%j is read", (text, reply) => {
    expect(decode(text)).toEqual([reply]);
  });

  test("replies are the same in whatever pieces they come", () => {
    const text = "+OK\r\n>3\r\n$8\r\nsmessage\r\n$3\r\nc\r\n\r\n$6\r\n你好\r\n:7\r\n";
    const whole = decode(text);
    expect(whole.length).toBe(3);
    const all = bytes(text);
    for (let size = 1; size < all.length; size += 1) {
      const decoder = new RespDecoder();
      const replies: Reply[] = [];
      for (let at = 0; at < all.length; at += size) {
        replies.push(...decoder.push(all.subarray(at, at + size)));
      }
      expect(replies).toEqual(whole);
    }
  });

  test.each([
    "HTTP/1.1 400 Bad Request\r\n",
    "$x\r\n",
    ":\r\n",
    "$99999999999\r\n",
    "*1\r\n".repeat(9),
  ])("%j is refused", (text) => {
    expect(() => decode(text)).toThrow();
  });

  test("a map's values are found by their keys alone", () => {
    const [map = null] = decode("%2\r\n+a\r\n+b\r\n+b\r\n+c\r\n");
    expect([fieldOf(map, "b"), fieldOf(map, "c"), fieldOf("a", "a")]).toEqual(["c", null, null]);
  });
});

describe("the slots of a Redis Cluster", () => {
  // As `CLUSTER KEYSLOT` of Redis 7.0.15 says.
  test.each([
    ["123456789", 12_739],
    ["foo", 12_182],
    ["{foo}bar", 12_182],
    ["a{foo}{bar}", 12_182],
    ["foo{}{bar}", 8_363],
    ["", 0],
    ["大厅", 8_827],
  ])("%j is in slot %d", (channel, slot) => {
    expect(slotOf(channel)).toBe(slot);
  });

  test("a master that does not know its own address is where it was asked", () => {
    const ranges = readSlots(
      [
        [0, 9, [null, 1, "id"]],
        [10, 19, ["b", 2, "id"], ["c", 3]],
      ],
      "asked",
    );
    expect(ranges && [5, 15, 25].map((slot) => masterOf(ranges, slot))).toEqual([
      { host: "asked", port: 1 },
      { host: "b", port: 2 },
      null,
    ]);
  });

  test.each([
    ["none", "no"],
    [[["x", 1, ["a", 1]]], "no"],
    [[[0, 1, ["a"]]], "no"],
  ])("%j is no answer", (reply) => {
    expect(readSlots(reply, "asked")).toBeNull();
  });
});
