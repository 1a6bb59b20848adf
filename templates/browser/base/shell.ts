/** Asks for the service worker; where there can be none (plain http, say) the page works without. */
export function offerOffline(): void {
  const address = document.documentElement.dataset["worker"];
  if (!("serviceWorker" in navigator) || address === undefined) return;
  const script = new URL(address, location.href);
  const scope = new URL("../", script).pathname;
  void navigator.serviceWorker.register(script, { scope }).catch(() => undefined);
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
