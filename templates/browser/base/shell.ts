/** When nothing else is loaded any more. */
const QUIET_MS = 6_000;

/**
 * Has the service worker keep what a visit without a network needs and that it has not seen go by:
 * this page and the lobby, with all that they may load.
 */
async function keepForOffline(root: string): Promise<void> {
  const base = new URL(root, location.href).href;
  const [pages, assets] = [await caches.open("pages"), await caches.open("assets")];
  for (const address of [location.href.replace(/#.*$/, ""), base]) {
    const known = await pages.match(address);
    const answer = known ?? (await fetch(address));
    if (!answer.ok) continue;
    if (!known) await pages.put(address, answer.clone());
    // Named by their hash, as the worker keeps them: it may not look after this very page yet.
    for (const [path] of (await answer.text()).matchAll(
      /assets\/[\w-]+\.\w{10}\.(?:js|css|svg|txt)/g,
    )) {
      if (!(await assets.match(base + path))) await assets.add(base + path);
    }
  }
}

/** Asks for the service worker; where there can be none (plain http, say) the page works without. */
export function offerOffline(): void {
  const address = document.documentElement.dataset["worker"];
  if (!("serviceWorker" in navigator) || address === undefined) return;
  const script = new URL(address, location.href);
  const scope = new URL("../", script).pathname;
  void navigator.serviceWorker.register(script, { scope }).catch(() => undefined);
  const { root = "./" } = document.documentElement.dataset;
  const keep = () => void keepForOffline(root).catch(() => undefined);
  // Until the worker has this page, it does not see what the page asks for.
  void navigator.serviceWorker.ready.then(() => setTimeout(keep, QUIET_MS));
}

/** The height that is left over a phone's keyboard: the composer stays in sight. */
export function followKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  const follow = () => {
    // Two fingers make it smaller too, and leave no less room: what they do is undone here.
    document.documentElement.style.setProperty("--height", `${view.height * view.scale}px`);
    // Some browsers also push the page up, on top of making it smaller.
    if (view.scale === 1 && view.offsetTop > 0) window.scrollTo(0, 0);
  };
  view.addEventListener("resize", follow);
  view.addEventListener("scroll", follow);
  follow();
}
