import type { Catalogue } from "../locales/en.ts";

const address = new URL(document.documentElement.dataset["words"] ?? "", location.href);
const module: { default: Catalogue } = await import(address.href);

/** The words of the page's language. */
export const t: Catalogue = module.default;
