import type * as Files from "./files.ts";

let loading: Promise<typeof Files> | null = null;

/** What uploads, and shows pictures large: fetched when it is needed first. */
export function loadFiles(): Promise<typeof Files> {
  const address = new URL(document.documentElement.dataset["files"] ?? "", location.href).href;
  loading ??= import(address);
  // Without a network it is asked for again the next time.
  loading.catch(() => (loading = null));
  return loading;
}
