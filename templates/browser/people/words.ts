import type { Catalogue } from "../../locales/en.ts";

const [, , words = ""] = document.documentElement.dataset["people"]?.split(" ") ?? [];
const module: { default: Pick<Catalogue, "people"> } = await import(
  new URL(words, location.href).href
);

/** What the dialogs about people and messages say, in the page's language. */
export const { people: p } = module.default;
