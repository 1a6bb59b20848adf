/** The live numbers of the administration: the same fragment the page came with, again and again. */
const EVERY_MS = 2_000;

async function refresh(): Promise<void> {
  const response = await fetch("./numbers", { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const fresh = new DOMParser()
    .parseFromString(await response.text(), "text/html")
    .getElementById("numbers");
  if (fresh) document.getElementById("numbers")?.replaceWith(fresh);
}

setInterval(() => {
  // What nobody sees is not fetched; a fault is over by the next time.
  if (document.visibilityState === "visible") refresh().catch(() => undefined);
}, EVERY_MS);
