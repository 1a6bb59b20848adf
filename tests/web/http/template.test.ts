import { describe, expect, test } from "bun:test";
import { compileTemplate, SafeHtml } from "../../../lib/web/http/template.ts";

const render = (source: string, values: Record<string, unknown> = {}, more = {}) =>
  compileTemplate("page.html", { "page.html": source, ...more })(values);

describe("a value", () => {
  test("is escaped, for an element and for an attribute", () => {
    const name = `<img src=x onerror="a('b')">&`;
    const escaped = "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;";
    expect(render('<p title="{{ name }}">{{ name }}</p>', { name })).toBe(
      `<p title="${escaped}">${escaped}</p>`,
    );
  });

  test("is found by its path", () => {
    expect(render("{{ room.number }}", { room: { number: 123 } })).toBe("123");
  });

  test("that looks like a tag is not run again", () => {
    expect(render("{{ a }}", { a: "{{ b }}", b: "secret" })).toBe("{{ b }}");
  });

  test("is left alone where our own code made it safe", () => {
    expect(render("{{ body }}", { body: new SafeHtml("<b>x</b>") })).toBe("<b>x</b>");
  });

  for (const [what, values] of [
    ["is missing", {}],
    ["is undefined", { a: undefined }],
    ["is inherited", Object.create({ a: "x" })],
    ["is null", { a: null }],
    ["is an object", { a: {} }],
  ] as const) {
    test(`that ${what} is a fault`, () => {
      expect(() => render("{{ a }}", values)).toThrow("page.html: a");
    });
  }
});

describe("blocks", () => {
  test("if, with and without else", () => {
    const source = "{% if a %}yes{% else %}no{% endif %}{% if b %}more{% endif %}";
    expect(render(source, { a: true, b: false })).toBe("yes");
    expect(render(source, { a: "", b: true })).toBe("nomore");
  });

  test("for, with what is around it in sight", () => {
    const source = "{% for m in list %}{{ sign }}{{ m.n }}{% if m.last %}.{% endif %}{% endfor %}";
    const list = [
      { n: 1, last: false },
      { n: 2, last: true },
    ];
    expect(render(source, { sign: "#", list })).toBe("#1#2.");
  });

  test("include, inside a for too", () => {
    const more = { "row.html": "<li>{{ m }}</li>" };
    const source = '{% for m in list %}{% include "row.html" %}{% endfor %}';
    expect(render(source, { list: ["<", "b"] }, more)).toBe("<li>&lt;</li><li>b</li>");
  });

  test("a comment is for those who read the source", () => {
    expect(render("a<!-- {{ missing }} {% if %}\n -->b")).toBe("ab");
  });

  for (const source of [
    "{% if a %}",
    "{% for a in b %}{% endif %}",
    "{% endfor %}",
    "{% if a %}{% else %}{% else %}{% endif %}",
    "{% raw %}",
    "{{ a | b }}",
    '{% include "none.html" %}',
  ]) {
    test(`${source} does not compile`, () => {
      expect(() => compileTemplate("page.html", { "page.html": source })).toThrow();
    });
  }
});
