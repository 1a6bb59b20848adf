import { below } from "../base/dom.ts";
import { account, forgetRooms, setAccount } from "../base/memory.ts";
import { forgetBelow } from "./pending-store.ts";

/**
 * Records the account that a page was made for; empty: a guest. If another one was signed in
 * before, deletes everything stored about its rooms: pages, drafts, unsent messages, and their
 * names.
 */
export function changeAccount(id: string): void {
  const before = account();
  if (before === id) return;
  if (before !== "") {
    forgetRooms();
    void forgetBelow(below("").href);
  }
  setAccount(id);
  // Also on signing in: a page cached for a guest must not look like a sign-out later.
  void forgetPages();
}

/** Deletes the service worker's cached pages of this chat; the host may have others. */
async function forgetPages(): Promise<void> {
  if (!("caches" in window)) return;
  const cache = await caches.open("pages");
  for (const request of await cache.keys()) {
    if (request.url.startsWith(below("").href)) await cache.delete(request);
  }
}
