import type * as Panels from "./panels.ts";

let loading: Promise<typeof Panels> | null = null;

/** Loads settings, help and the switcher on first use. */
export function loadPanels(): Promise<typeof Panels> {
  const address = new URL(document.documentElement.dataset["panels"] ?? "", location.href).href;
  loading ??= import(address);
  // A failed load is retried on next use.
  loading.catch(() => (loading = null));
  return loading;
}
