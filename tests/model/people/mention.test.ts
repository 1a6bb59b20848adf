import { describe, expect, test } from "bun:test";
import { calledNames, mentionParts } from "../../../lib/model/people/mention.ts";

const called = (text: string, name: string) => calledNames(text).some((one) => one.includes(name));

describe("who may be called in a text", () => {
  test.each([
    ["@ada", "ada"],
    ["hello @Ada, look", "ada"],
    ["(@ada)", "ada"],
    ["@ada lovelace!", "ada lovelace"],
    ["@张伟你好", "张伟"],
    ["@ZOË?", "zoë"],
    ["@Adam and @Ada", "ada"],
    ["@Ada你好", "ada"],
  ])("%s: %s", (text, name) => {
    expect(called(text, name)).toBe(true);
  });

  test.each([
    ["@adamant", "ada"],
    ["ada", "ada"],
    ["@ ada", "ada"],
    ["@ada_", "ada"],
    ["mail me@ada.example", "ada"],
  ])("not %s: %s", (text, name) => {
    expect(called(text, name)).toBe(false);
  });

  test("the longest comes first, and a long text is not looked at for ever", () => {
    expect(calledNames("@a b c")).toEqual([["a b c", "a b", "a"]]);
    const calls = calledNames("@x ".repeat(10_000));
    expect(calls).toHaveLength(20);
    expect(Math.max(...calls.map((names) => names.length))).toBeLessThanOrEqual(32);
  });
});

describe("a text with mentions", () => {
  const people = new Map(
    ["ann", "ann lee", "林小雨", "İbo"].map((name) => [name.toLowerCase(), name]),
  );
  const parts = (text: string) =>
    mentionParts(text, (name) => people.get(name)).map(({ text, person }) => [text, person]);

  test("is cut at the longest name that someone bears", () => {
    expect(parts("hi @Ann Lee, and @ann!")).toEqual([
      ["hi ", null],
      ["@Ann Lee", "ann lee"],
      [", and ", null],
      ["@ann", "ann"],
      ["!", null],
    ]);
  });

  test("is cut right where a lower case is longer than what is written", () => {
    expect(parts("İİ @İbo: @林小雨你好")).toEqual([
      ["İİ ", null],
      ["@İbo", "İbo"],
      [": ", null],
      ["@林小雨", "林小雨"],
      ["你好", null],
    ]);
  });

  test("is whole where nobody is mentioned", () => {
    expect(parts("to ann@ann.example, or @nobody")).toEqual([
      ["to ann@ann.example, or @nobody", null],
    ]);
  });
});
