import {
  type CommandLine,
  type CommandReader,
  commandsFor,
  usageOf,
  writeUsage,
} from "../../../lib/model/rooms/commands.ts";
import type { Author } from "../../../lib/model/people/person.ts";
import { byId, h } from "../base/dom.ts";
import { loadFiles } from "./lazy.ts";
import { preferences } from "../base/memory.ts";
import { commands } from "../base/words.ts";

interface Choice {
  readonly label: string;
  readonly detail: string;
  readonly insert: string;
}

const MOST = 8;
const WORD = /(^|\s|[\p{Script=Han}，。！？])([:@/])([\p{L}\p{N}_+-]*)$/u;

/** A complete `:name:`, whose last colon was just typed. */
const NAMED = /(?:^|\s|[\p{Script=Han}，。！？])(:([\p{L}\p{N}_+-]+):)$/u;

/** The completion list while a word that begins with `:`, `@` or `/` is typed. */
export class Suggestions {
  readonly #list = byId("suggestions", HTMLDivElement);
  #choices: readonly Choice[] = [];
  #at = 0;
  /** The commands of handlers. */
  more: readonly CommandLine[] = [];

  constructor(
    readonly text: HTMLTextAreaElement,
    readonly people: () => readonly Author[],
    readonly reader: () => CommandReader,
  ) {}

  get isOpen(): boolean {
    return this.#choices.length > 0;
  }

  update(): void {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const [, written, name = ""] = NAMED.exec(before) ?? [];
    if (written !== undefined) void this.#replace(written, name);
    const [, , sign = "", part = ""] = WORD.exec(before) ?? [];
    if (sign === ":" && (part.length > 1 || /\p{Script=Han}/u.test(part))) void this.#emoji(part);
    else this.#show(this.#find(sign, part, before));
  }

  #show(choices: readonly Choice[]): void {
    this.#choices = choices;
    this.#at = 0;
    this.#draw();
  }

  /** Whether the text before the caret is still the same after loading. */
  #isLast(written: string): boolean {
    const { value, selectionStart } = this.text;
    return value.slice(0, selectionStart).endsWith(written);
  }

  /** Suggests emoji once they are loaded. */
  async #emoji(part: string): Promise<void> {
    const files = await loadFiles().catch(() => null);
    const found = (await files?.findEmoji(part, MOST).catch(() => [])) ?? [];
    if (!files || !this.#isLast(`:${part}`)) return;
    this.#show(
      found.map((each) => {
        const emoji = files.toned(each, preferences().tone);
        return { label: emoji, detail: each.names.join(" "), insert: `${emoji} ` };
      }),
    );
  }

  /** Replaces a complete name by its emoji, if there is one. */
  async #replace(written: string, name: string): Promise<void> {
    const emoji = await loadFiles()
      .then(({ emojiNamed }) => emojiNamed(name))
      .catch(() => undefined);
    if (emoji === undefined || !this.#isLast(written)) return;
    const end = this.text.selectionStart;
    this.text.setRangeText(emoji, end - written.length, end, "end");
    this.text.dispatchEvent(new Event("input"));
  }

  close(): void {
    this.#choices = [];
    this.#draw();
  }

  /** Handles a key of the list; false if it is none. */
  handleKey(key: string): boolean {
    if (!this.isOpen) return false;
    const count = this.#choices.length;
    if (key === "ArrowDown") this.#at = (this.#at + 1) % count;
    else if (key === "ArrowUp") this.#at = (this.#at + count - 1) % count;
    else if (key === "Enter" || key === "Tab") this.#choose(this.#at);
    else if (key === "Escape") this.close();
    else return false;
    this.#draw();
    return true;
  }

  #find(sign: string, part: string, before: string): readonly Choice[] {
    const wanted = part.toLowerCase();
    if (sign === "@") {
      const named = this.people().filter(({ name }) => name.toLowerCase().startsWith(wanted));
      const some = named.filter(({ name }) => name !== "").slice(0, MOST);
      return some.map(({ name }) => ({ label: `@${name}`, detail: "", insert: `@${name} ` }));
    }
    if (sign === "/" && before === `/${part}`) {
      const reader = this.reader();
      const own = commandsFor(reader, wanted).map((command) => {
        const label = usageOf(command, reader, commands);
        return { label, detail: commands[command.name][1], insert: `/${command.name} ` };
      });
      const more = this.more
        .filter(({ name }) => name.startsWith(wanted))
        .map((command) => {
          return { label: writeUsage(command), detail: command.help, insert: `/${command.name} ` };
        });
      return [...own, ...more].slice(0, MOST);
    }
    return [];
  }

  #choose(at: number): void {
    const choice = this.#choices[at];
    if (!choice) return;
    const { selectionStart, value } = this.text;
    const start =
      selectionStart - (/[:@/][^:@/\s]*$/.exec(value.slice(0, selectionStart))?.[0].length ?? 0);
    this.text.setRangeText(choice.insert, start, selectionStart, "end");
    this.close();
    this.text.dispatchEvent(new Event("input"));
    this.text.focus();
  }

  #draw(): void {
    const options = this.#choices.map(({ label, detail }, at) => {
      const state = {
        role: "option",
        id: `option-${at}`,
        "aria-selected": String(at === this.#at),
      };
      const take = (event: Event) => {
        event.preventDefault();
        this.#choose(at);
      };
      const kind = /^\p{RGI_Emoji}$/v.test(label) ? "emoji" : null;
      const name = h("bdi", { class: kind }, label);
      return h("div", { ...state, onmousedown: take }, name, h("small", {}, detail));
    });
    this.#list.replaceChildren(...options);
    this.#list.hidden = !this.isOpen;
    options[this.#at]?.scrollIntoView({ block: "nearest" });
    if (this.isOpen) this.text.setAttribute("aria-activedescendant", `option-${this.#at}`);
    else this.text.removeAttribute("aria-activedescendant");
  }
}
