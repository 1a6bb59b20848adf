import { describe, expect, test } from "bun:test";
import { TEXT_LIMIT, characters, refuseText } from "../../lib/model/text/text.ts";
import { seeded, wildText } from "../support/random.ts";

describe("counting characters", () => {
  test.each([
    ["", 0],
    ["a", 1],
    ["图书馆", 3],
    ["😀", 1],
    ["a😀b", 3],
    ["\ud83d", 1],
    ["\ude00\ud83d", 2],
    ["e\u0301", 2],
  ])("%j has %d", (text, count) => {
    expect(characters(text)).toBe(count);
  });

  test("agrees with iterating, for wild text", () => {
    const random = seeded(3);
    for (let round = 0; round < 5_000; round += 1) {
      const text = wildText(random, 12);
      expect(characters(text)).toBe([...text].length);
    }
  });

  test("stops soon past what is enough", () => {
    expect(characters("a".repeat(1_000), 10)).toBe(11);
    expect(characters("a".repeat(10), 10)).toBe(10);
  });
});

describe("a message's text", () => {
  test.each([
    ["hello"],
    ["你好"],
    [" spaces around "],
    ["line\nline"],
    ["<script>alert(1)</script>"],
    ["\u202eright to left"],
    ["0"],
    ["❤️"],
    ["👨‍👩‍👧"],
    ["👍🏽"],
    ["की"],
    ["null"],
    ["{}"],
    ["a".repeat(TEXT_LIMIT)],
    ["😀".repeat(TEXT_LIMIT)],
  ])("may be %j", (text) => {
    expect(refuseText(text)).toBeNull();
  });

  test.each([
    ["", "invalid"],
    [" ", "invalid"],
    ["\n\t\r", "invalid"],
    ["\u3000\ufeff", "invalid"],
    ["\u200b\u200d \u2060", "invalid"],
    ["\u3164\uffa0\u2800", "invalid"],
    ["\u202e\u2066", "invalid"],
    ["\ufe0f", "invalid"],
    ["a\0b", "invalid"],
    ["a\ud800b", "invalid"],
    ["\udc00", "invalid"],
    ["a".repeat(TEXT_LIMIT + 1), "too_long"],
    ["😀".repeat(TEXT_LIMIT + 1), "too_long"],
    [" ".repeat(TEXT_LIMIT + 1), "too_long"],
  ] as const)("may not be %j: %s", (text, code) => {
    expect(refuseText(text)?.code).toBe(code);
  });

  test("a refusal never repeats the text", () => {
    for (const text of ["secret\0", "secret\ud800", "secret".repeat(TEXT_LIMIT)]) {
      expect(JSON.stringify(refuseText(text)?.params)).not.toContain("secret");
    }
  });
});
