import type { Refusal } from "../../model/base/errors.ts";
import { fill, type Language } from "../../model/text/locale.ts";
import { catalogue } from "./languages.ts";

/** A refusal in the reader's language. */
export function translate({ key, params }: Pick<Refusal, "key" | "params">, language: Language) {
  return fill(catalogue(language).refusals[key], params);
}
