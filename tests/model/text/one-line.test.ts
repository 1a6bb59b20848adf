import { describe, expect, test } from "bun:test";
import { renderMarkup } from "../../../lib/chat/messages/markup.ts";
import { oneLine } from "../../../lib/model/text/one-line.ts";

const line = (text: string) => oneLine({ text, html: renderMarkup(text) }, 40);

describe("a message on one line", () => {
  test.each([
    ["hello  there\nyou", "hello there you"],
    ["**bold** and `code` <b>", "bold and code <b>"],
    ["- one\n- two", "one two"],
    ["wait ||a **secret**|| here", "wait ▒▒▒ here"],
    ["**a ||b||** c", "a ▒▒▒ c"],
    ["[a link](https://example.com/)", "a link"],
    ["x".repeat(50), "x".repeat(40)],
  ])("%j is %j", (text, expected) => {
    expect(line(text)).toBe(expected);
  });

  test("covers what is covered inside of something covered", () => {
    const spoiler = (inside: string) => `<span class="spoiler">${inside}</span>`;
    const html = `<p>x ${spoiler(`a ${spoiler("b")} c`)} d</p>`;
    expect(oneLine({ text: "-", html }, 40)).toBe("x ▒▒▒ d");
  });

  test("names the files of a message without a word", () => {
    expect(oneLine({ text: "", files: [{ name: "a.png" }, { name: "b.pdf" }] }, 40)).toBe(
      "a.png, b.pdf",
    );
  });
});
