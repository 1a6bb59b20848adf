import type { ErrorCode } from "../../../lib/model/base/errors.ts";
import { fill, type Plural } from "../../../lib/model/text/locale.ts";
import type { Catalogue } from "../../locales/en.ts";

const address = new URL(document.documentElement.dataset["words"] ?? "", location.href);
const module: { default: Pick<Catalogue, "page" | "commands"> } = await import(address.href);
const rules = new Intl.PluralRules(document.documentElement.lang);

/** The words of the page's language. */
export const { page: t, commands } = module.default;

/** A text that depends on a number, with the number inserted. */
export function counted(forms: Plural, count: number): string {
  return fill(forms[rules.select(count)] ?? forms.other, { count });
}

/** The words of a refusal. */
export function refused(code: ErrorCode, message: string): string {
  return fill(t.refusals[code], { message });
}
