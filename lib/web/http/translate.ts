import { FALLBACK, fill, type Language } from "../../model/text/locale.ts";
import type { Refusal } from "../../model/base/errors.ts";
import en from "../../../templates/locales/en.ts";
import { catalogue } from "./languages.ts";

type Key = keyof typeof en.refusals;

interface Pattern {
  readonly key: Key;
  readonly fits: RegExp;
}

let patterns: readonly Pattern[] | null = null;

/** A refusal's text with what stands in its `{places}`. */
function patternsOf(texts: typeof en.refusals): readonly Pattern[] {
  return keysOf(texts).map((key) => {
    const parts = texts[key].split(/(\{\w+\})/).map((part) => {
      const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
      return name === undefined ? RegExp.escape(part) : `(?<${name}>.*)`;
    });
    return { key, fits: new RegExp(`^${parts.join("")}$`, "su") };
  });
}

function keysOf<T extends object>(record: T): readonly (keyof T)[] {
  const isKey = (key: string): key is Extract<keyof T, string> => Object.hasOwn(record, key);
  return Object.keys(record).filter(isKey);
}

/**
 * Why the chat says no, in a visitor's language: the chat gives its reasons in English, and here they
 * are found again among the English ones. What is not there, such as a handler's reason, stays as it is.
 */
export function said({ message }: Pick<Refusal, "message">, language: Language): string {
  if (language === FALLBACK) return message;
  const { refusals } = catalogue(language);
  patterns ??= patternsOf(en.refusals);
  for (const { key, fits } of patterns) {
    const found = fits.exec(message);
    if (found) return fill(refusals[key], found.groups ?? {});
  }
  return message;
}
