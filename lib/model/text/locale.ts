/** A language code: the name of its file in `templates/locales/`, in lower case. */
export type Language = string;

/** The default language, which defines the shape of the others. */
export const FALLBACK: Language = "en";

/** The plural categories of CLDR; each language uses some of them. */
const CATEGORIES = ["zero", "one", "two", "few", "many", "other"] as const;

/**
 * A text that depends on a number, `{count}`, with a form for each plural category of its language.
 */
export type Plural = { readonly other: string } & {
  readonly [Category in (typeof CATEGORIES)[number]]?: string;
};

/** Marks a text as having plural forms, whose categories differ between languages. */
export function plural(forms: Plural): Plural {
  return forms;
}

/** Replaces each `{name}` in a text. Inserted values are not searched again. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}

/** The longest part of a header that is read. */
const HEADER_LIMIT = 500;

/**
 * The language that `Accept-Language` (RFC 9110, 12.5.4) prefers; the first of several equal ones.
 * `zh-Hant-TW` finds `zh-hant`, or else `zh` (RFC 4647, 3.4).
 */
export function negotiateLanguage(header: string | null, spoken: readonly Language[]): Language {
  let best = FALLBACK;
  let bestWeight = 0;
  for (const part of (header ?? "").slice(0, HEADER_LIMIT).split(",")) {
    const [range = "", ...parameters] = part.split(";").map((each) => each.trim().toLowerCase());
    const language = range === "*" ? FALLBACK : lookUp(range, spoken);
    const quality = parameters.find((each) => each.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (language !== undefined && weight > bestWeight && weight <= 1) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}

function lookUp(range: string, spoken: readonly Language[]): Language | undefined {
  for (let tag = range; tag !== ""; tag = tag.slice(0, Math.max(0, tag.lastIndexOf("-")))) {
    if (spoken.includes(tag)) return tag;
  }
  return undefined;
}

/** What is wrong with a language's words, compared with `model`; null: nothing. */
export function catalogueFault(given: unknown, model: unknown, path = ""): string | null {
  if (typeof model === "string") return textFault(given, model, path);
  if (!isObject(given) || !isObject(model)) return `${path} is missing`;
  const isPlural = "other" in model;
  const known = isPlural ? CATEGORIES : Object.keys(model);
  const needed = isPlural ? ["other"] : known;
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const extra = Object.keys(given).find((key) => !known.some((each) => each === key));
  if (extra !== undefined) return `${at(extra)} is not known`;
  const lacking = needed.find((key) => !Object.hasOwn(given, key));
  if (lacking !== undefined) return `${at(lacking)} is missing`;
  for (const [key, value] of Object.entries(given)) {
    const fault = catalogueFault(value, isPlural ? model["other"] : model[key], at(key));
    if (fault !== null) return fault;
  }
  return null;
}

function textFault(given: unknown, model: string, path: string): string | null {
  if (typeof given !== "string") return `${path} is no text`;
  if (given.trim() === "" && model !== "") return `${path} is empty`;
  const names: readonly string[] = model.match(/\{\w+\}/g) ?? [];
  const unknown = (given.match(/\{\w+\}/g) ?? []).find((name) => !names.includes(name));
  return unknown === undefined ? null : `${path} has ${unknown}, which nothing fills in`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
