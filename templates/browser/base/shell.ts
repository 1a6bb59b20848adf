/** A quiet time after which loading counts as finished. */
const QUIET_MS = 6_000;

/**
 * Has the service worker cache what a visit without a network needs and it has not seen: this page
 * and the lobby, with their assets.
 */
async function keepForOffline(root: string): Promise<void> {
  const base = new URL(root, location.href).href;
  const [pages, assets] = [await caches.open("pages"), await caches.open("assets")];
  for (const address of [location.href.replace(/#.*$/, ""), base]) {
    const known = await pages.match(address);
    const answer = known ?? (await fetch(address));
    if (!answer.ok) continue;
    if (!known) await pages.put(address, answer.clone());
    // Addressed by their hash, as the worker caches them; it may not control this page yet.
    for (const [path] of (await answer.text()).matchAll(
      /assets\/[\w-]+\.\w{10}\.(?:js|css|svg|txt)/g,
    )) {
      if (!(await assets.match(base + path))) await assets.add(base + path);
    }
  }
}

/** Registers the service worker; without one (as on plain http) the page still works. */
export function offerOffline(): void {
  const address = document.documentElement.dataset["worker"];
  if (!("serviceWorker" in navigator) || address === undefined) return;
  const script = new URL(address, location.href);
  const scope = new URL("../", script).pathname;
  void navigator.serviceWorker.register(script, { scope }).catch(() => undefined);
  const { root = "./" } = document.documentElement.dataset;
  const keep = () => void keepForOffline(root).catch(() => undefined);
  // The worker does not see this page's requests until it controls the page.
  void navigator.serviceWorker.ready.then(() => setTimeout(keep, QUIET_MS));
}

/** Fits the page into the height above a phone's keyboard, so that the composer stays visible. */
export function followKeyboard(): void {
  const view = window.visualViewport;
  if (!view) return;
  const follow = () => {
    // Zooming changes the same values, but leaves as much room: its effect is undone here.
    document.documentElement.style.setProperty("--height", `${view.height * view.scale}px`);
    // Some browsers also scroll the page up.
    if (view.scale === 1 && view.offsetTop > 0) window.scrollTo(0, 0);
  };
  view.addEventListener("resize", follow);
  view.addEventListener("scroll", follow);
  follow();
}
