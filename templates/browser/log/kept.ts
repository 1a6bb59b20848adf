import type { Message } from "../../../lib/model/wire/event.ts";
import { below, page } from "../base/dom.ts";
import type { Connection } from "../net/connection.ts";
import type { LogView } from "./log.ts";
import type { Timeline } from "./timeline.ts";

/** Messages stored for visits without a network. */
const MOST = 50;
/** How long a visit waits for the room before stored messages are shown. */
const WAIT_MS = 400;
const EVERY_MS = 2_000;

interface Kept {
  readonly head: number;
  readonly messages: readonly Message[];
}

/**
 * Stores the end of the room in the browser, and shows it when the room cannot be reached. Does
 * nothing without storage.
 */
export function keepRoom(connection: Connection, timeline: Timeline, view: LogView): void {
  if (!("caches" in window)) return;
  const address = below(`rooms/${encodeURIComponent(page.room)}?kept`).href;
  let last = "";
  const keep = async () => {
    if (connection.state !== "open" || timeline.after) return;
    const kept: Kept = { head: timeline.head, messages: timeline.messages.slice(-MOST) };
    const text = JSON.stringify(kept);
    if (text === last) return;
    last = text;
    await (await caches.open("pages")).put(address, new Response(text));
  };
  const show = async () => {
    const found = await (await caches.open("pages")).match(address);
    const kept: unknown = await found?.json();
    if (timeline.isKnown || !isKept(kept) || kept.head < drawnHead()) return;
    timeline.reset(kept.messages, (kept.messages[0]?.seq ?? 1) > 1, false);
    timeline.head = kept.head;
    view.toEnd();
  };
  // Storage may be unavailable or full; then less is shown without a network.
  setInterval(() => void keep().catch(() => undefined), EVERY_MS);
  addEventListener("pagehide", () => void keep().catch(() => undefined));
  setTimeout(() => void show().catch(() => undefined), WAIT_MS);
}

/** The last `seq` in the server's page. */
function drawnHead(): number {
  const rows = document.querySelectorAll<HTMLElement>("#log [data-seq]");
  return Number([...rows].at(-1)?.dataset["seq"] ?? 0);
}

function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "head" in value && "messages" in value;
}
