/** The element with this id, which must exist. */
export function byId<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`The page has no #${id}.`);
  return found;
}

type Child = Node | string | null;
type Listener = (event: Event) => void;

/**
 * Creates an element: attributes by name, listeners as `on…` functions; null and false omit an
 * attribute.
 */
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

/** An icon of `icons.html`. */
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

/** The data the server wrote on the page. */
export const page = {
  root: document.documentElement.dataset["root"] ?? "./",
  room: document.documentElement.dataset["room"] ?? "",
  language: document.documentElement.lang,
  /** The id of the visitor. */
  me: document.documentElement.dataset["me"] ?? "",
};

/** An address in readable form: `/rooms/客厅` instead of `/rooms/%E5%AE%A2%E5%8E%85`. */
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

let dialogStyle: Promise<void> | null = null;

/** Adds the style sheet of the dialogs once. Rejects if it cannot be loaded. */
export function loadDialogStyle(): Promise<void> {
  const [, style = ""] = document.documentElement.dataset["people"]?.split(" ") ?? [];
  dialogStyle ??= loadStyle(style);
  dialogStyle.catch(() => (dialogStyle = null));
  return dialogStyle;
}

/** Adds a style sheet to the page. Resolves when it is applied; rejects if it cannot be loaded. */
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
