import { toast } from "../base/announce.ts";
import { copyText } from "../base/copy.ts";
import { t } from "../base/words.ts";
import type { History } from "./history.ts";
import type { LogView } from "./log.ts";

/** Shows and focuses the message in the page's address. */
export function openHash(history: History, view: LogView): Promise<void> {
  return showMessage(Number(location.hash.slice(1)), history, view);
}

/** Shows and focuses a message, wherever it is. */
export async function showMessage(seq: number, history: History, view: LogView): Promise<void> {
  if (!Number.isSafeInteger(seq) || seq < 1) return;
  if (!(await history.show(seq))) return toast(t.notFound);
  const row = view.element(seq);
  row?.classList.add("flash");
  row?.focus({ preventScroll: true });
}

/** Copies the address of a message, and puts it into the page's own. */
export async function copyLink(seq: number): Promise<void> {
  window.history.replaceState(null, "", `#${seq}`);
  await copyText(location.href);
  toast(t.copied);
}
