/** The languages the pages speak. Each has its catalogue, `templates/locales/<language>.ts`. */
export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a language calls itself, and its BCP 47 tag for `lang` and `Intl`. */
export const LANGUAGE_NAMES: Readonly<Record<Language, { own: string; tag: string }>> = {
  en: { own: "English", tag: "en" },
  zh: { own: "中文", tag: "zh-Hans" },
};

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}

/** No real header is longer; the rest of one is not read. */
const HEADER_LIMIT = 500;

/**
 * The language of ours that `Accept-Language` (RFC 9110, 12.5.4) likes best; the first of several
 * liked equally. `zh-TW` finds `zh`. English where nothing fits.
 */
export function negotiateLanguage(header: string | null): Language {
  let best: Language = "en";
  let bestWeight = 0;
  for (const part of (header ?? "").slice(0, HEADER_LIMIT).split(",")) {
    const [range = "", ...parameters] = part.split(";").map((each) => each.trim().toLowerCase());
    const language = range === "*" ? LANGUAGES[0] : range.split("-")[0];
    const quality = parameters.find((each) => each.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (isLanguage(language) && weight > bestWeight && weight <= 1) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}
