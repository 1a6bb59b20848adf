/**
 * Texts that make patterns and parsers backtrack: each makes one of about `length` UTF-16 units.
 * Mark-up is opened and never closed, closed and never opened, nested, and broken at its last unit.
 */
export type HardText = (length: number) => string;

const fill =
  (unit: string, start = "", end = ""): HardText =>
  (length) =>
    start +
    unit.repeat(Math.max(1, Math.ceil((length - start.length - end.length) / unit.length))) +
    end;

/** Units that are repeated, alone and with a start and an end around them. */
const UNITS = [
  ..."\n \t\r*_~`|[]()<>!#-+=.,:;'\"\\/&@0a能",
  ...[
    "\r\n",
    " \n",
    "\n ",
    "* ",
    "*a",
    "a*",
    "*a_b",
    "**a*",
    "_a*",
    "__a",
    "~~a",
    "`a",
    "``a`",
    "> ",
    ">\n",
  ],
  ...[
    "- ",
    "- a\n",
    "-\n",
    "1. ",
    "1) a\n",
    "1.\n",
    "[a",
    "[a](",
    "[a](b",
    "](",
    "[[a]",
    "![a](",
    "[a]: ",
    "[]",
  ],
  ...[
    "||",
    "||a",
    "a|",
    "<a",
    "<a|",
    "<http://a|",
    "<a>",
    "</",
    "<!--",
    "&",
    "&amp",
    "&#1;",
    "\\",
    "\\*",
  ],
  ...[
    "http://a ",
    "http://a",
    "http://",
    "https://x.",
    "http://a)",
    "http://a(",
    "http://(.",
    "www.a.b ",
  ],
  ...[
    "= ",
    "=",
    "- - ",
    "* * ",
    "___ ",
    "_ _",
    "```\n",
    "~~~\n",
    "```a",
    " ```",
    "#",
    "# ",
    "###### a\n",
  ],
  ...[
    "\u0315\u0300",
    "\u0301",
    "\ufdfa",
    "\ufe0f",
    "\u200b",
    "\u2800",
    "\u3000",
    "😀",
    "👨‍👩‍👧",
    "，**",
    "**，",
  ],
  ...[
    "vv",
    "i\u0307",
    "I",
    "@ada",
    "@",
    "/a ",
    "/kick ",
    '"',
    '"a ',
    "a.b/",
    ". ",
    "{",
    "{a}",
    "\ufdd0",
    "\u0000",
  ],
];

export const HARD_TEXTS: readonly (readonly [name: string, text: HardText])[] = [
  ...UNITS.map((unit) => [JSON.stringify(unit), fill(unit)] as const),
  ...UNITS.map((unit) => [`${JSON.stringify(unit)} x*`, fill(unit, "", "x*")] as const),
  ...UNITS.map((unit) => [`*x ${JSON.stringify(unit)} !`, fill(unit, "*x ", "!")] as const),
  ["half open, half closed", (n) => "[".repeat(20) + "a](".repeat(n / 6) + ")".repeat(n / 2)],
  ["nested emphasis", (n) => "*a _b ".repeat(n / 12) + "_ *".repeat(n / 6)],
  ["backticks in growing runs", growing("`", "a")],
  ["stars in growing runs", growing("*", "a")],
  ["brackets in growing runs", growing("[", "]")],
  ["lists in growing depth", lists],
];

/** Runs of 1, 2, 3 … 22 of a mark, again and again. */
function growing(mark: string, between: string): HardText {
  const round = Array.from({ length: 22 }, (_, index) => mark.repeat(index + 1) + between).join("");
  return fill(round);
}

function lists(length: number): string {
  let text = "";
  for (let depth = 0; text.length < length; depth = (depth + 1) % 19) {
    text += `${"  ".repeat(depth)}- a *b*\n`;
  }
  return text;
}
