import { loadDialogStyle } from "../base/dom.ts";
import type * as Panels from "./panels.ts";

let loading: Promise<typeof Panels> | null = null;

/** Loads settings, help and the switcher on first use. */
export function loadPanels(): Promise<typeof Panels> {
  loading ??= load();
  // A failed load is retried on next use.
  loading.catch(() => (loading = null));
  return loading;
}

async function load(): Promise<typeof Panels> {
  const address = new URL(document.documentElement.dataset["panels"] ?? "", location.href).href;
  const [panels]: [typeof Panels, unknown] = await Promise.all([
    import(address),
    loadDialogStyle(),
  ]);
  return panels;
}
