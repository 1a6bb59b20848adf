import { type Language, negotiateLanguage } from "../../model/text/locale.ts";
import en, { type Catalogue } from "../../../templates/locales/en.ts";
import { catalogues } from "./bundle.macro.ts" with { type: "macro" };

/** Every language in `templates/locales/`, also in the standalone executable. */
const CATALOGUES: Readonly<Record<Language, Catalogue>> = await catalogues();

export const LANGUAGES: readonly Language[] = Object.keys(CATALOGUES);

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

export function catalogue(language: Language): Catalogue {
  return CATALOGUES[language] ?? en;
}

/** The language of a request: that of the cookie, or the browser's preference. */
export function languageOf(cookies: Bun.CookieMap, headers: Headers): Language {
  const chosen = cookies.get("language");
  return isLanguage(chosen) ? chosen : negotiateLanguage(headers.get("accept-language"), LANGUAGES);
}
