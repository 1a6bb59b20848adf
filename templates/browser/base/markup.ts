import type { Message } from "../../../lib/model/wire/event.ts";

/** The only elements allowed in a message. */
const ALLOWED = new Set([
  "P",
  "BR",
  "STRONG",
  "EM",
  "DEL",
  "CODE",
  "PRE",
  "BLOCKQUOTE",
  "UL",
  "OL",
  "LI",
  "A",
  "SPAN",
]);
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/**
 * Turns a message's HTML into nodes that cannot execute anything. The server has sanitized it
 * already; this is a second, independent barrier: the text is parsed in a document without scripts,
 * and only allowed elements are created, without attributes except a link's address and a list's
 * start.
 */
export function safeNodes(html: string, spoiler: string): DocumentFragment {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...rebuilt(parsed.body, spoiler));
  return fragment;
}

/**
 * A message's text on one line, without mark-up, with spoilers hidden. For files without a text,
 * their names.
 */
export function plainText({ text, html, files = [] }: Message): string {
  if (text === "") return files.map(({ name }) => name).join(", ");
  if (html === undefined) return text;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const each of body.querySelectorAll(".spoiler")) each.textContent = "▒▒▒";
  for (const each of body.querySelectorAll("p, li, pre, blockquote, br")) each.after(" ");
  return (body.textContent ?? "").replace(/\s+/g, " ").trim();
}

function rebuilt(parent: Node, spoiler: string): Node[] {
  return [...parent.childNodes].flatMap((node): Node[] => {
    if (node instanceof Text) return [document.createTextNode(node.data)];
    if (!(node instanceof HTMLElement)) return [];
    const children = rebuilt(node, spoiler);
    if (!ALLOWED.has(node.tagName)) return children;
    const element = document.createElement(node.tagName);
    if (element instanceof HTMLAnchorElement && !link(element, node.getAttribute("href"))) {
      return children;
    }
    if (element instanceof HTMLOListElement)
      element.start = Number(node.getAttribute("start") ?? 1);
    if (element instanceof HTMLSpanElement) {
      if (node.className !== "spoiler") return children;
      return [hide(element, children, spoiler)];
    }
    element.append(...children);
    return [element];
  });
}

function link(element: HTMLAnchorElement, href: string | null): boolean {
  const address = URL.parse(href ?? "");
  if (!address || !SCHEMES.has(address.protocol)) return false;
  element.href = address.href;
  element.target = "_blank";
  element.rel = "noopener noreferrer nofollow";
  return true;
}

/** Hidden until requested, from sight and from screen readers. */
function hide(element: HTMLElement, children: readonly Node[], label: string): HTMLElement {
  const inside = document.createElement("span");
  inside.append(...children);
  element.append(inside);
  element.className = "spoiler";
  element.tabIndex = 0;
  element.setAttribute("role", "button");
  element.setAttribute("aria-label", label);
  const show = (event: Event) => {
    if (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.classList.add("shown");
    element.removeAttribute("role");
    element.removeAttribute("aria-label");
    element.removeAttribute("tabindex");
    element.removeEventListener("click", show);
    element.removeEventListener("keydown", show);
  };
  element.addEventListener("click", show);
  element.addEventListener("keydown", show);
  return element;
}
