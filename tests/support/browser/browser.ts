const path =
  Bun.which("chromium") ?? Bun.which("google-chrome-stable") ?? Bun.which("google-chrome");

/** Whether pages can be tested here. In CI they must be: a test that needs a browser then fails. */
export const canBrowse = path !== null || process.env["CI"] === "true";
if (!canBrowse) console.warn("No Chromium on this machine: what needs a browser is skipped.");

/** A tab of a Chromium that all tabs of this run share, cookies included. */
export function openTab(size = { width: 900, height: 700 }): Bun.WebView {
  if (path === null) throw new Error("CI has no Chromium: install it");
  const argv = ["--no-sandbox", "--disable-dev-shm-usage"];
  return new Bun.WebView({ ...size, backend: { type: "chrome", url: false, path, argv } });
}

/** Resolves when the expression, or what it promises, is true in the page; it is in the failure. */
export async function until(tab: Bun.WebView, expression: string, limit = 15_000): Promise<void> {
  const deadline = Date.now() + limit;
  // On a page that is still loading an expression may find nothing to look at: not true yet.
  const asked = `(async () => { try { return Boolean(await (${expression})); } catch (fault) { return String(fault); } })()`;
  for (;;) {
    const answer = await tab.evaluate(asked);
    if (answer === true) return;
    if (Date.now() > deadline) {
      const shown = await tab.evaluate<string>(`document.body?.innerText ?? ""`);
      throw new Error(
        `never true: ${expression} (${String(answer)})\nThe page shows:\n${shown.slice(0, 400)}`,
      );
    }
    await Bun.sleep(20);
  }
}

/** Resolves when the page has drawn what was done to it: layout, observers and scrolling included. */
export async function drawn(tab: Bun.WebView): Promise<void> {
  const frame = "new Promise((done) => requestAnimationFrame(done))";
  await tab.evaluate(`(async () => { await ${frame}; await ${frame}; await ${frame}; })()`);
}
