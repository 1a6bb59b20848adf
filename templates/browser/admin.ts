/** How often the live numbers are fetched: the same fragment the page came with. */
const EVERY_MS = 2_000;

async function refresh(): Promise<void> {
  const response = await fetch("./numbers", { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const fresh = new DOMParser()
    .parseFromString(await response.text(), "text/html")
    .getElementById("numbers");
  if (fresh) document.getElementById("numbers")?.replaceWith(fresh);
}

/** Times as the visitor's clock and language have them; the server wrote them in its own. */
function localTimes(): void {
  const language = document.documentElement.lang;
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  const whole = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });
  for (const time of document.querySelectorAll("time")) {
    const at = Date.parse(time.dateTime);
    time.textContent = format.format(at);
    time.title = whole.format(at);
  }
}

localTimes();
if (document.getElementById("numbers"))
  setInterval(() => {
    // What nobody sees is not fetched; a fault is over by the next time.
    if (document.visibilityState === "visible") refresh().catch(() => undefined);
  }, EVERY_MS);
