/**
 * Renders pages: `{{ a.b }}` (escaped), `{% if a.b %}…{% else %}…{% endif %}`, `{% for x in a.b
 * %}…{% endfor %}`, `{% include "name.html" %}`. HTML comments are removed. There are no
 * expressions or filters: decisions are made in TypeScript. A template is compiled once; a syntax
 * error throws then, a missing value when it is rendered.
 */
export type Values = Readonly<Record<string, unknown>>;
export type Template = (values: Values) => string;

/** Markup created by our own code, the only values that are not escaped. */
export class SafeHtml {
  constructor(readonly html: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes for element text and quoted attribute values; not for scripts or styles. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

/** Compiles the template `name` of `sources` with everything it includes. */
export function compileTemplate(name: string, sources: Readonly<Record<string, string>>): Template {
  const source = sources[name];
  if (source === undefined) throw new Error(`There is no template ${name}.`);
  const tokens = source.split(/(\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->)/s);
  const parser = new Parser(name, tokens, sources);
  return parser.whole();
}

class Parser {
  #at = 0;

  constructor(
    readonly name: string,
    readonly tokens: readonly string[],
    readonly sources: Readonly<Record<string, string>>,
  ) {}

  whole(): Template {
    const { body, end } = this.#block();
    if (end !== null) throw this.#fault(`{% ${end} %} closes nothing`);
    return body;
  }

  /** Parts up to the tag that closes or divides the block; null at the end of the file. */
  #block(): { body: Template; end: string | null } {
    const parts: Template[] = [];
    let end: string | null = null;
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at] ?? "";
      this.#at += 1;
      if (token.startsWith("{{")) {
        parts.push(this.#value(token.slice(2, -2).trim()));
      } else if (token.startsWith("{%")) {
        const tag = token.slice(2, -2).trim();
        if (tag === "else" || tag === "endif" || tag === "endfor") {
          end = tag;
          break;
        }
        parts.push(this.#tag(tag));
      } else if (token !== "" && !token.startsWith("<!--")) {
        parts.push(() => token);
      }
    }
    return { body: (values) => parts.map((part) => part(values)).join(""), end };
  }

  #tag(tag: string): Template {
    const include = /^include "([\w.-]+)"$/.exec(tag)?.[1];
    if (include !== undefined) return compileTemplate(include, this.sources);
    const condition = /^if ([\w.]+)$/.exec(tag)?.[1];
    if (condition !== undefined) return this.#if(condition);
    const [, item, list] = /^for (\w+) in ([\w.]+)$/.exec(tag) ?? [];
    if (item !== undefined && list !== undefined) return this.#for(item, list);
    throw this.#fault(`{% ${tag} %} is not known`);
  }

  #if(path: string): Template {
    const yes = this.#block();
    const no = yes.end === "else" ? this.#block() : null;
    if ((no ?? yes).end !== "endif") throw this.#fault(`{% if ${path} %} is not closed`);
    return (values) => (this.#look(path, values) ? yes.body(values) : (no?.body(values) ?? ""));
  }

  #for(item: string, path: string): Template {
    const { body, end } = this.#block();
    if (end !== "endfor") throw this.#fault(`{% for ${item} in ${path} %} is not closed`);
    return (values) => {
      const list = this.#look(path, values);
      if (!Array.isArray(list)) throw this.#fault(`${path} is not a list`);
      return list.map((each: unknown) => body({ ...values, [item]: each })).join("");
    };
  }

  #value(path: string): Template {
    if (!/^[\w.]+$/.test(path)) throw this.#fault(`{{ ${path} }} is not a name`);
    return (values) => {
      const value = this.#look(path, values);
      if (value instanceof SafeHtml) return value.html;
      if (typeof value === "string") return escapeHtml(value);
      if (typeof value === "number") return String(value);
      throw this.#fault(`${path} is a ${typeof value}`);
    };
  }

  #look(path: string, values: Values): unknown {
    let value: unknown = values;
    for (const key of path.split(".")) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
        throw this.#fault(`${path} is missing`);
      }
      value = Reflect.get(value, key);
    }
    if (value === undefined) throw this.#fault(`${path} is missing`);
    return value;
  }

  #fault(what: string): Error {
    return new Error(`Template ${this.name}: ${what}.`);
  }
}
