import { describe, expect, test } from "bun:test";
import { calledNames, mentions } from "../../../lib/model/people/mention.ts";

const called = (text: string, name: string) => calledNames(text).some((one) => one.includes(name));

describe("who may be called in a text", () => {
  test.each([
    ["@ada", "ada"],
    ["hello @Ada, look", "ada"],
    ["(@ada)", "ada"],
    ["@ada lovelace!", "ada lovelace"],
    ["@张伟你好", "张伟"],
    ["@ZOË?", "zoë"],
    ["mail ada@home.example", "home.example"],
  ])("%s: %s", (text, name) => {
    expect(called(text, name)).toBe(true);
    expect(mentions(text, name)).toBe(true);
  });

  test.each([
    ["@adamant", "ada"],
    ["ada", "ada"],
    ["@ ada", "ada"],
    ["@ada_", "ada"],
  ])("not %s: %s", (text, name) => {
    expect(called(text, name)).toBe(false);
    expect(mentions(text, name)).toBe(false);
  });

  test("the longest comes first, and a long text is not looked at for ever", () => {
    expect(calledNames("@a b c")).toEqual([["a b c", "a b", "a"]]);
    const calls = calledNames("@x ".repeat(10_000));
    expect(calls).toHaveLength(20);
    expect(Math.max(...calls.map((names) => names.length))).toBeLessThanOrEqual(32);
  });
});
