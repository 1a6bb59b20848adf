/** How often the live numbers are fetched, as the same fragment that came with the page. */
const EVERY_MS = 2_000;

async function refresh(): Promise<void> {
  const response = await fetch("./numbers", { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const fresh = new DOMParser()
    .parseFromString(await response.text(), "text/html")
    .getElementById("numbers");
  if (fresh) document.getElementById("numbers")?.replaceWith(fresh);
}

/** Shows times in the visitor's time zone and language. */
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
    // Hidden pages do not fetch; a failure is retried at the next interval.
    if (document.visibilityState === "visible") refresh().catch(() => undefined);
  }, EVERY_MS);
