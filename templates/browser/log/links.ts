import { toast } from "../base/announce.ts";
import { copyText } from "../base/copy.ts";
import { t } from "../base/words.ts";
import type { History } from "./history.ts";
import type { LogView } from "./log.ts";

/** Shows the message that the page's address names, and gives it the focus. */
export function openHash(history: History, view: LogView): Promise<void> {
  return showMessage(Number(location.hash.slice(1)), history, view);
}

/** Shows a message, wherever it is, and gives it the focus. */
export async function showMessage(seq: number, history: History, view: LogView): Promise<void> {
  if (!Number.isSafeInteger(seq) || seq < 1) return;
  if (!(await history.show(seq))) return toast(t.notFound);
  const row = view.element(seq);
  row?.classList.add("flash");
  row?.focus({ preventScroll: true });
}

/** Puts the address of a message on the clipboard, and into the page's own. */
export async function copyLink(seq: number): Promise<void> {
  window.history.replaceState(null, "", `#${seq}`);
  await copyText(location.href);
  toast(t.copied);
}
