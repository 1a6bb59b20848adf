import { loadStyle } from "../base/dom.ts";
import type * as Files from "./files.ts";

let loading: Promise<typeof Files> | null = null;

/** What uploads files, shows pictures large, and knows all emoji: fetched when first needed. */
export function loadFiles(): Promise<typeof Files> {
  loading ??= load();
  // Without a network it is asked for again the next time.
  loading.catch(() => (loading = null));
  return loading;
}

/** The addresses of the script and of its style, as the page has them. */
async function load(): Promise<typeof Files> {
  const [script = "", style = ""] = document.documentElement.dataset["files"]?.split(" ") ?? [];
  const address = new URL(script, location.href).href;
  const [files]: [typeof Files, unknown] = await Promise.all([import(address), loadStyle(style)]);
  return files;
}
