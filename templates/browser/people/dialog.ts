import { h } from "../base/dom.ts";
import { t } from "../base/words.ts";

type Content = readonly (Node | string | null)[];

/** A dialog that is made when it opens and gone when it closes. On a phone it is a sheet. */
export class Dialog {
  readonly element: HTMLDialogElement;
  readonly #body = h("div", { class: "sheet-body" });
  readonly #title: HTMLHeadingElement;
  /** What had the focus before. */
  #back: Element | null = null;
  #isClosed = false;

  /** `id` is unique among open dialogs. What has the focus gets it back when the dialog closes. */
  constructor(id: string, title: string, onClose: () => void = () => undefined) {
    this.#title = h("h2", { id: `${id}-title`, dir: "auto", tabindex: -1 }, title);
    const close = h("button", { class: "quiet", type: "button", onclick: () => this.close() });
    close.append(t.close);
    this.element = h(
      "dialog",
      { id, class: "sheet", "aria-labelledby": `${id}-title` },
      h("header", {}, this.#title, close),
      this.#body,
    );
    this.element.addEventListener("close", () => {
      this.element.remove();
      this.#isClosed = true;
      // A message that was drawn again meanwhile is another element, of the same id.
      const { id = "", isConnected = true } = this.#back ?? {};
      if (!isConnected && id !== "") document.getElementById(id)?.focus({ preventScroll: true });
      onClose();
    });
    this.element.addEventListener("click", ({ target }) => {
      if (target === this.element) this.close();
    });
  }

  get isOpen(): boolean {
    return this.element.open;
  }

  /** Shows this content, and puts the focus on its first `autofocus`. */
  show(title: string, ...content: Content): void {
    this.#title.textContent = title;
    this.#body.replaceChildren(...content.filter((each) => each !== null));
    // An answer that comes after it was closed brings nothing back.
    if (this.#isClosed) return;
    if (!this.element.open) {
      this.#back = document.activeElement;
      document.body.append(this.element);
      this.element.showModal();
    }
    const first = this.#body.querySelector<HTMLElement>("[autofocus]");
    (first ?? this.#title).focus();
  }

  close(): void {
    this.element.close();
  }
}

/** A button with words in it. */
export function press(label: string, act: () => void, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: `press ${kind}`.trim(), onclick: act }, label);
}

export type Choices = readonly (readonly [value: string, words: string])[];

export function select(label: string, name: string, choices: Choices, now = "") {
  const options = choices.map(([value, words]) =>
    h("option", { value, selected: value === now }, words),
  );
  return h("label", { class: "field" }, h("span", {}, label), h("select", { name }, ...options));
}

export function input(label: string, name: string, value: string, most: number, type = "text") {
  const field = h("input", {
    name,
    value,
    type,
    maxlength: most,
    dir: "auto",
    autocomplete: "off",
  });
  return h("label", { class: "field" }, h("span", {}, label), field);
}

export function check(label: string, name: string, checked: boolean) {
  return h(
    "label",
    { class: "check" },
    h("input", { type: "checkbox", name, checked }),
    h("span", {}, label),
  );
}

/** A form of fields whose submit button says what it does. */
export function form(
  submit: string,
  kind: string,
  act: (fields: FormData) => void,
  cancel: () => void,
  ...content: Content
): HTMLFormElement {
  const send = (event: Event) => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement) act(new FormData(event.currentTarget));
  };
  return h(
    "form",
    { onsubmit: send },
    ...content,
    h(
      "div",
      { class: "ends" },
      press(t.cancel, cancel),
      h("button", { class: `primary ${kind}`.trim() }, submit),
    ),
  );
}

/** A field's text; empty where the form has none. */
export function textOf(fields: FormData, name: string): string {
  const value = fields.get(name);
  return typeof value === "string" ? value : "";
}

/** The line that says what has happened, also to a screen reader. */
export function status(text: string, isRefusal = false): HTMLElement {
  return h(
    "p",
    { class: isRefusal ? "alert" : "happened", role: isRefusal ? "alert" : "status" },
    text,
  );
}
