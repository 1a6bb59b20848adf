import { describe, expect, test } from "bun:test";
import { renderMarkup } from "../../../lib/chat/messages/markup.ts";
import { seeded, upTo } from "../../support/random.ts";
import { PAYLOADS } from "../../support/browser/payloads.ts";

const LINK = 'target="_blank" rel="noopener noreferrer nofollow"';
/** Everything a message may be made of: whole elements with these attributes, text, entities. */
const SAFE = new RegExp(
  "^(?:[^<>&]|&(?:amp|lt|gt|quot|#39);" +
    "|</?(?:p|strong|em|del|code|pre|blockquote|ul|li)>|</(?:ol|a|span)>|<br>" +
    '|<ol start="\\d+">|<span class="spoiler">' +
    `|<a href="(?:https?|mailto):(?:[^<>&"]|&(?:amp|#39);)*" ${LINK}>)*$`,
);

describe("text", () => {
  for (const text of [
    "hello",
    "1 < 2 & 3",
    "a * b",
    "snake_case_name",
    "2 > 1",
    "C:\\new",
    "[x]",
    "main.ts and node.js",
    "e.g. this",
    "done.Next one",
    "3.14",
    "@ada.",
  ]) {
    test(`${text} has no marks`, () => expect(renderMarkup(text)).toBeUndefined());
  }

  for (const [text, html] of [
    ["**b** *i* ~~s~~", "<p><strong>b</strong> <em>i</em> <del>s</del></p>"],
    ["one\ntwo **three**", "<p>one<br>two <strong>three</strong></p>"],
    ["`a < b && c`", "<p><code>a &lt; b &amp;&amp; c</code></p>"],
    ["```js\nlet a;\n\n*b*\n```", "<pre><code>let a;\n\n*b*</code></pre>"],
    ["> quoted", "<blockquote><p>quoted</p></blockquote>"],
    ["> quoted\nand mine", "<blockquote><p>quoted</p></blockquote><p>and mine</p>"],
    ["> a\n> b\n\nc", "<blockquote><p>a<br>b</p></blockquote><p>c</p>"],
    [
      "> a\n>> b\n> c\nd",
      "<blockquote><p>a</p><blockquote><p>b</p></blockquote><p>c</p></blockquote><p>d</p>",
    ],
    ["- a\n- b", "<ul><li>a</li><li>b</li></ul>"],
    ["3. c", '<ol start="3"><li>c</li></ol>'],
    ["||it **was** him||", '<p><span class="spoiler">it <strong>was</strong> him</span></p>'],
    ["[here](https://a.b/?x=1&y=2)", `<p><a href="https://a.b/?x=1&amp;y=2" ${LINK}>here</a></p>`],
    ["(http://a.b/c_d_e)", `<p>(<a href="http://a.b/c_d_e" ${LINK}>http://a.b/c_d_e</a>)</p>`],
    [
      "see www.example.org/a.",
      `<p>see <a href="https://www.example.org/a" ${LINK}>www.example.org/a</a>.</p>`,
    ],
    [
      "看example.com/x，好",
      `<p>看<a href="https://example.com/x" ${LINK}>example.com/x</a>，好</p>`,
    ],
    [
      "to ada.l@mail.example.org!",
      `<p>to <a href="mailto:ada.l@mail.example.org" ${LINK}>ada.l@mail.example.org</a>!</p>`,
    ],
    ["[here](example.com)", `<p><a href="https://example.com/" ${LINK}>here</a></p>`],
    ["**粗体。**后面", "<p><strong>粗体。</strong>后面</p>"],
    ["看https://a.b/c。好", `<p>看<a href="https://a.b/c" ${LINK}>https://a.b/c</a>。好</p>`],
  ] as const) {
    test(JSON.stringify(text), () => expect(renderMarkup(text)).toBe(html));
  }

  test("that Markdown would make a heading, a rule or a table of stays as it was typed", () => {
    const text = "# 1\n***\na\n---\n|a|b|\n|-|-|\n[x]: y\n**end**";
    const plain = renderMarkup(text)
      ?.replace(/<br>/g, "\n")
      .replace(/<\/?\w+>/g, "");
    expect(plain).toBe(text.replaceAll("**end**", "end"));
  });

  test("a link that says another address than it has shows the one it has", () => {
    const html = renderMarkup("[https://bank.example](https://evil.example/)");
    expect(html).toContain(">https://evil.example/</a>");
    expect(html).not.toContain("bank");
  });

  test("bars in code are no spoiler, and one across an element is none", () => {
    expect(renderMarkup("`a||b` ||c")).toBe("<p><code>a||b</code> ||c</p>");
    expect(renderMarkup("||a **b|| c**")).toBe("<p>||a <strong>b|| c</strong></p>");
  });
});

describe("what comes out", () => {
  test(`is safe for each of ${PAYLOADS.length} attacks, alone and inside of marks`, () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(200);
    for (const payload of PAYLOADS) {
      for (const text of [
        payload,
        `**${payload}**`,
        `[a](${payload})`,
        `> ${payload}`,
        `\`x\` ${payload}`,
      ]) {
        const html = renderMarkup(text) ?? "";
        if (!SAFE.test(html)) throw new Error(`${JSON.stringify(text)} becomes ${html}`);
      }
    }
  });

  test("is safe for any text of marks, tags and corners of Unicode", () => {
    const random = seeded(7);
    const bits = ["*", "_", "`", "||", "~~", "[", "](", ")", "<", ">", "&", '"', "'", "\n", "\n> "];
    bits.push("\n- ", "```", "https://a.b/", "javascript:", "<img onerror=", "\\", "&#106;", "！");
    bits.push("\u{fdd2}0\u{fdd3}", "x", " ", "a(b", "\u202e", "!", "<!--", "\t", "data:text/html,");
    for (let round = 0; round < 4_000; round += 1) {
      let text = "";
      for (let at = upTo(random, 24); at > 0; at -= 1)
        text += bits[upTo(random, bits.length)] ?? "";
      const html = renderMarkup(text) ?? "";
      if (!SAFE.test(html)) throw new Error(`${JSON.stringify(text)} becomes ${html}`);
    }
  });

  test("takes no long time for any text of 8,000 characters", () => {
    for (const bit of [
      "*",
      "[",
      "](",
      "||a",
      "`a",
      "> ",
      "- a\n",
      "https://a.b/)",
      "_*a",
      "![",
      "a**b",
    ]) {
      const started = performance.now();
      renderMarkup(bit.repeat(8_000 / bit.length));
      expect(performance.now() - started).toBeLessThan(100);
    }
  });
});
