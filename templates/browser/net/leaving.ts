import { below } from "../base/dom.ts";
import { account, forgetRooms, setAccount } from "../base/memory.ts";
import { forgetBelow } from "./keep.ts";

/**
 * Tells this browser as which account a page was made; empty: as a guest. Where it was signed in to
 * another before, all that it keeps of that one's rooms goes: pages, drafts, unsent messages, and
 * which rooms they were.
 */
export function changeAccount(id: string): void {
  const before = account();
  if (before === id) return;
  if (before !== "") {
    forgetRooms();
    void forgetBelow(below("").href);
  }
  setAccount(id);
  // Also on the way in: a page that was kept for a guest must not look like a sign-out later.
  void forgetPages();
}

/** The pages that the service worker keeps of this chat; of others on this host it has some too. */
async function forgetPages(): Promise<void> {
  if (!("caches" in window)) return;
  const cache = await caches.open("pages");
  for (const request of await cache.keys()) {
    if (request.url.startsWith(below("").href)) await cache.delete(request);
  }
}
