import { loadStyle } from "../base/dom.ts";
import type * as Files from "./files.ts";

let loading: Promise<typeof Files> | null = null;

/** Loads uploads, large pictures and emoji on first use. */
export function loadFiles(): Promise<typeof Files> {
  loading ??= load();
  // A failed load is retried on next use.
  loading.catch(() => (loading = null));
  return loading;
}

/** The addresses of the script and style, as written on the page. */
async function load(): Promise<typeof Files> {
  const [script = "", style = ""] = document.documentElement.dataset["files"]?.split(" ") ?? [];
  const address = new URL(script, location.href).href;
  const [files]: [typeof Files, unknown] = await Promise.all([import(address), loadStyle(style)]);
  return files;
}
