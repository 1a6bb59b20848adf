import { describe, expect, test } from "bun:test";
import { roomName } from "../../lib/model/rooms/room.ts";
import { pick, seeded, wildText } from "../support/random.ts";

describe("a room's name", () => {
  test.each([
    ["123", "123"],
    ["图书馆", "图书馆"],
    ["Ｒoom", "room"],
    ["ROOM", "room"],
    ["a_b-c", "a_b-c"],
    ["１２３", "123"],
    ["ﬁle", "file"],
    ["Cafe\u0301", "café"],
    ["CAFÉ", "café"],
    ["कखग", "कखग"],
    ["٣٤", "٣٤"],
    ["½", null],
    ["Ⅷ", "viii"],
    ["_", "_"],
    ["-", "-"],
    ["constructor", "constructor"],
    ["__proto__", "__proto__"],
  ])("%j is %j", (raw, name) => {
    expect(roomName(raw)).toBe(name);
  });

  test.each([
    [""],
    [" "],
    ["a b"],
    ["a/b"],
    ["../etc"],
    ["."],
    [".."],
    ["a.b"],
    ["a\nb"],
    ["a\n"],
    ["a\0"],
    ["a%20"],
    ["<b>"],
    ["a'--"],
    ["😀"],
    ["a\u200bb"],
    ["\u202eabc"],
    ["\ud800"],
    ["a\udc00"],
    ["e\u0323\u0301\u0301"],
    ["İ"],
  ])("%j is none", (raw) => {
    expect(roomName(raw)).toBeNull();
  });

  test("has 1 to 64 characters, not code units", () => {
    expect(roomName("a".repeat(64))).toBe("a".repeat(64));
    expect(roomName("a".repeat(65))).toBeNull();
    expect(roomName("𠮷".repeat(64))).toBe("𠮷".repeat(64));
    expect(roomName("𠮷".repeat(65))).toBeNull();
    expect(roomName("ﬁ".repeat(33))).toBeNull();
  });

  test("is counted after it is made one: decomposed spellings of 64 characters are in", () => {
    expect(roomName("각".repeat(64).normalize("NFD"))).toBe("각".repeat(64));
    expect(roomName("ǖ".repeat(64).normalize("NFD"))).toBe("ǖ".repeat(64));
  });

  test("a huge one is refused without being looked at", () => {
    expect(roomName("a".repeat(10_000_000))).toBeNull();
  });

  test("of every single character: naming again changes nothing", () => {
    const moved: number[] = [];
    for (let code = 0; code < 0x11_0000; code += 1) {
      const name = roomName(`a${String.fromCodePoint(code)}b`);
      if (name !== null && roomName(name) !== name) moved.push(code);
    }
    expect(moved).toEqual([]);
  });

  test("of wild text: naming again, in capitals or decomposed, changes nothing", () => {
    const random = seeded(1);
    let named = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const raw = pick(random, ["ä", "Σ", "ſ", "한", "Ǆ", "K", "é"]) + wildText(random, 2);
      const name = roomName(raw);
      if (name === null) continue;
      named += 1;
      expect(roomName(name)).toBe(name);
      expect(roomName(raw.normalize(pick(random, ["NFC", "NFD", "NFKC", "NFKD"])))).toBe(name);
      expect(name).toMatch(/^[\p{L}\p{N}_-]{1,64}$/u);
    }
    expect(named).toBeGreaterThan(5_000);
  });
});
