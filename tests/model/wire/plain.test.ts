import { describe, expect, test } from "bun:test";
import { plainText } from "../../../lib/model/wire/plain.ts";

const ada = { id: "0123456789abcdef", name: "ada" };
const nobody = { id: "0123456789abcdef", name: "" };

describe("a text without a name is sent alone", () => {
  test.each([
    "hello",
    "你好\nline 2",
    "http://a.b/c",
    "at 12:30",
    ":)",
    ": quoted",
    "x:y",
    "This is a long sentence that goes on: and on",
    "",
    "\n\n",
  ])("%j", (text) => expect(plainText(nobody, text)).toBe(text));
});

describe("a text without a name that reads as someone's says whose it is", () => {
  test.each([
    "ada: hi",
    "  ada: hi",
    "ada:\thi",
    "ada：\u3000你好",
    "ada\u2236 hi",
    "a\u200bda\u200b:\u200b hi",
    "ada:\u2800hi",
    "梁洛铭: 你好",
    "ada:",
    "! not_allowed: you are banned",
  ])("%j", (text) => expect(plainText(nobody, text)).toBe(`#cdef: ${text}`));
});

describe("no line after the first reads as someone else's", () => {
  test.each(["\n", "\r", "\r\n", "\u2028", "\u2029", "\v", "\f", "\x85"])("after %j", (end) => {
    expect(plainText(ada, `hi${end}bob: yes${end}so`)).toBe(`ada: hi${end}| bob: yes${end}so`);
    expect(plainText(nobody, `hi${end}bob: yes`)).toBe(`hi${end}| bob: yes`);
  });

  test("of a name either", () => {
    expect(plainText({ id: "1", name: "bob: yes" }, "hi")).toBe("bob· yes: hi");
    expect(plainText({ id: "1", name: "bob:" }, "hi")).toBe("bob·: hi");
    expect(plainText({ id: "1", name: "a:b" }, "hi")).toBe("a:b: hi");
  });
});
