/**
 * What a message's text says with marks: bold, italic, strike, code, quotes, lists, links and
 * ||spoilers||. Bun's Markdown parser reads it, with raw HTML, headings, tables and images off; every
 * element that comes out is written here, so nothing else can.
 */
import { BARE_URL, withScheme } from "./addresses.ts";

// Noncharacters, which cannot be sent as text, stand for what Markdown must not change.
const AMPERSAND = "\u{fdd0}";
/** Has no meaning and no width; separates a mark from Han punctuation beside it. */
const SPACER = "\u{fdd1}";
const URL_OPEN = "\u{fdd2}";
const URL_CLOSE = "\u{fdd3}";
const CODE_LINE = "\u{fdd4}";
const CODE_BAR = "\u{fdd5}";
const RESERVED = /[\u{fdd0}-\u{fdd5}]/u;
const TOKEN = /\u{fdd2}(\d+)\u{fdd3}/gu;

/**
 * Texts without any of these have no mark-up; most messages end here. White space at the start of a
 * line is matched within the line: `\s` would make a run of line breaks cost its length squared.
 */
const MARKS =
  /[*_~`|[>]|https?:\/\/|\w\.[a-z]{2}|\w@\w|^[^\S\n\r\u2028\u2029]*(?:[-+]|\d{1,9}[.)])\s/im;
const SCHEMES = new Set(["http:", "https:", "mailto:"]);
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** Lines that Markdown would turn into headings, rules or definitions; in a chat they are text. */
const NOT_MARKS =
  /^( {0,3})(#{1,6}(?=\s|$)|=+\s*$|-+\s*$|(?:\*\s*){3,}$|(?:_\s*){3,}$|\[[^\]]*\]:)/;
const HAN_MARK =
  /([\u3000-\u303f\uff00-\uffef“”‘’—…])(\*+|~~)|(\*+|~~)([\u3000-\u303f\uff00-\uffef“”‘’—…])/g;

const OPTIONS = {
  tables: false,
  tasklists: false,
  hardSoftBreaks: true,
  noIndentedCodeBlocks: true,
  noHtmlBlocks: true,
  noHtmlSpans: true,
} as const;

/** Quotes and lists nested deeper than eight, and long runs of one mark, are not rendered. */
const NONSENSE = /^[ \t]*(?:>[ \t]*|[-+*][ \t]+|\d+[.)][ \t]+){8}|^ {40}|([*_~[<!])\1{23}/m;

/**
 * The most UTF-16 units of HTML for a text of `length` units: enough for 40 short links, and far
 * below what a text of marks alone could produce.
 */
function htmlLimit(length: number): number {
  return 4 * length + 4_096;
}

/**
 * The HTML of a message, with no elements but p br strong em del code pre blockquote ul ol li a and
 * span.spoiler. Undefined if it would equal the plain text, or be much longer. Takes time linear in
 * the length of `text`.
 */
export function renderMarkup(text: string): string | undefined {
  if (!MARKS.test(text) || RESERVED.test(text) || NONSENSE.test(text)) return undefined;
  const urls: string[] = [];
  const source = prepare(text, urls);
  let marked = urls.length > 0;
  const wrap = (tag: string) => (children: string) => {
    marked = true;
    return `<${tag}>${children}</${tag}>`;
  };
  const hide = (children: string) => {
    const { html, found } = spoilers(children);
    marked ||= found;
    return html;
  };
  const verbatim = (children: string) =>
    resolve(children, urls, escape).replaceAll("\n", CODE_LINE).replaceAll("|", CODE_BAR);
  const html = Bun.markdown.render(
    source,
    {
      text: escape,
      paragraph: (children) => `<p>${hide(children)}</p>`,
      heading: (children) => `<p>${hide(children)}</p>`,
      blockquote: wrap("blockquote"),
      strong: wrap("strong"),
      emphasis: wrap("em"),
      strikethrough: wrap("del"),
      codespan: (children) => wrap("code")(verbatim(children)),
      code: (children) => wrap("pre")(`<code>${verbatim(children.replace(/\n$/, ""))}</code>`),
      listItem: (children) => wrap("li")(hide(children)),
      list: (children, { ordered, start = 1 }) => {
        marked = true;
        return ordered ? `<ol start="${start}">${children}</ol>` : `<ul>${children}</ul>`;
      },
      hr: () => "",
      link: (children, { href }) => link(resolve(children, urls, escape), restore(href, urls)),
      image: (children, { src }) => link(resolve(children, urls, escape), restore(src, urls)),
    },
    OPTIONS,
  );
  if (!marked) return undefined;
  const linked = resolve(html, urls, (url) => element(withScheme(url), escape(url)));
  const done = linked
    .replaceAll("\n", "<br>")
    .replaceAll(CODE_LINE, "\n")
    .replaceAll(CODE_BAR, "|");
  return done.length > htmlLimit(text.length) ? undefined : done;

  function link(children: string, href: string): string {
    marked = true;
    return anchor(href, children);
  }
}

/** Prepares the text for the parser. `urls` collects bare addresses, which no mark may split. */
function prepare(text: string, urls: string[]): string {
  let fence: string | null = null;
  const lines = endQuotes(text.replaceAll("&", AMPERSAND).split("\n")).map((line) => {
    const [, mark] = FENCE.exec(line) ?? [];
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null;
      return line;
    }
    if (mark !== undefined) {
      fence = mark;
      return line;
    }
    return line
      .replace(BARE_URL, (found) => takeUrl(found, urls))
      .replace(NOT_MARKS, "$1\\$2")
      .replace(HAN_MARK, (_, before = "", mark1 = "", mark2 = "", after = "") =>
        before === "" ? `${mark2}${SPACER}${after}` : `${before}${SPACER}${mark1}`,
      );
  });
  return lines.join("\n");
}

const QUOTE = /^ {0,3}((?:>[ \t]?)*)/;

/**
 * Ends each quote, nested ones included, after its last marked line; Markdown would include the
 * lines after it.
 */
function endQuotes(lines: readonly string[]): string[] {
  let before = 0;
  return lines.flatMap((line) => {
    const marks = QUOTE.exec(line)?.[1] ?? "";
    const depth = marks.split(">").length - 1;
    const ends = depth < before && line.trim() !== "";
    before = depth;
    return ends ? [">".repeat(depth), line] : [line];
  });
}

/**
 * Punctuation that ends a sentence, closes a mark, or closes an earlier bracket is not part of the
 * address.
 */
function takeUrl(found: string, urls: string[]): string {
  let end = found.length;
  let surplus = found.split(")").length - found.split("(").length;
  for (; end > 0; end -= 1) {
    const last = found[end - 1] ?? "";
    if (last === ")") {
      if (surplus <= 0) break;
      surplus -= 1;
    } else if (!/[.,:;!?'*_~|\]]/.test(last)) break;
  }
  const url = found.slice(0, end).replaceAll(AMPERSAND, "&");
  if (!URL.canParse(withScheme(url))) return found;
  urls.push(url);
  return `${URL_OPEN}${urls.length - 1}${URL_CLOSE}${found.slice(end)}`;
}

function resolve(text: string, urls: readonly string[], show: (url: string) => string): string {
  return text.replace(TOKEN, (_, index) => show(urls[Number(index)] ?? ""));
}

function restore(href: string, urls: readonly string[]): string {
  return resolve(href, urls, withScheme).replaceAll(AMPERSAND, "&").replaceAll(SPACER, "");
}

/** A link, or its text alone if the address is not allowed. */
function anchor(href: string, children: string): string {
  const url = URL.parse(href);
  if (!url || !SCHEMES.has(url.protocol)) return children;
  // A text that looks like an address must be the address of the link.
  const shown = /^\s*(?:\w+:\/\/|www\.)/i.test(children) ? escape(href) : children;
  return element(url.href, shown);
}

/** A link to an address that is known to be safe. */
function element(href: string, shown: string): string {
  // A bar in an address does not begin or end a spoiler.
  const address = escape(URL.parse(href)?.href ?? "").replaceAll("|", "%7C");
  return `<a href="${address}" target="_blank" rel="noopener noreferrer nofollow">${shown}</a>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  [AMPERSAND]: "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  [SPACER]: "",
};

function escape(text: string): string {
  return text.replace(/[&<>"'\u{fdd0}\u{fdd1}]/gu, (character) => ENTITIES[character] ?? "");
}

/** Turns pairs of bars into spoilers if what is between them is well-formed. */
function spoilers(html: string): { html: string; found: boolean } {
  const deps = html.split("||");
  let found = false;
  let joined = deps[0] ?? "";
  for (let at = 1; at < deps.length; at += 1) {
    const inside = deps[at] ?? "";
    if (at + 1 < deps.length && inside.trim() !== "" && isWhole(inside)) {
      found = true;
      joined += `<span class="spoiler">${inside}</span>${deps[at + 1] ?? ""}`;
      at += 1;
    } else {
      joined += `||${inside}`;
    }
  }
  return { html: joined, found };
}

/** Whether every element opened in it is closed in it, and none is a block. */
function isWhole(html: string): boolean {
  const open: string[] = [];
  for (const [, close, tag = ""] of html.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (!["strong", "em", "del", "code", "a", "span"].includes(tag)) return false;
    if (!close) open.push(tag);
    else if (open.pop() !== tag) return false;
  }
  return open.length === 0;
}
