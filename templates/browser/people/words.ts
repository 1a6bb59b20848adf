import type { Catalogue } from "../../locales/en.ts";

const [, , words = ""] = document.documentElement.dataset["people"]?.split(" ") ?? [];
const module: { default: Pick<Catalogue, "people" | "panels" | "push"> } = await import(
  new URL(words, location.href).href
);

/** What is said by the parts of the page that are fetched when they are needed, in the page's language. */
export const { people: p, panels, push } = module.default;
