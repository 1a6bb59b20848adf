import type * as Panels from "./panels.ts";

let loading: Promise<typeof Panels> | null = null;

/** What opens over the page: settings, the list of keys, the switcher. Fetched when first needed. */
export function loadPanels(): Promise<typeof Panels> {
  const address = new URL(document.documentElement.dataset["panels"] ?? "", location.href).href;
  loading ??= import(address);
  // Without a network it is asked for again the next time.
  loading.catch(() => (loading = null));
  return loading;
}
