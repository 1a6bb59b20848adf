/** The element of this id; the page that loads the script has it. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no #${id}.`);
  return found;
}

type Child = Node | string | null;
type Listener = (event: Event) => void;

/** An element: attributes by name, listeners as `on…` functions; null and false leave one out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | boolean | null | Listener>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** One of the drawings in `icons.html`. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

export function button(label: string, drawing: string, act: (event: Event) => void) {
  const attributes = { type: "button", class: "icon-button", title: label, "aria-label": label };
  return h("button", { ...attributes, onclick: act }, icon(drawing));
}

/** What the server wrote on the page about itself. */
export const page = {
  root: document.documentElement.dataset["root"] ?? "./",
  room: document.documentElement.dataset["room"] ?? "",
  language: document.documentElement.lang,
  /** The id of whoever it was written for. */
  me: document.documentElement.dataset["me"] ?? "",
};

/** An address as people read it: `/rooms/客厅` and not `/rooms/%E5%AE%A2%E5%8E%85`. */
export function readable(address: string): string {
  try {
    return decodeURI(address);
  } catch {
    return address;
  }
}

/** An address below the base path. */
export function below(path: string): URL {
  return new URL(page.root + path, location.href.replace(/[?#].*$/, ""));
}

/** Adds a style sheet to the page. Resolves when it holds; rejects where it cannot be fetched. */
export async function loadStyle(path: string): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = path;
  await new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
}
