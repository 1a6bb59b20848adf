import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../../support/browser/browser.ts";
import { openRoom, shows, visit, write } from "../../support/browser/page.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(20_000);

describe.skipIf(!canBrowse)("the looks that are chosen in the settings", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    tab = await openRoom(server, "mirror", "Ada");
    await write(tab, "what time is it?");
    await until(tab, shows("what time is it?"));
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const choose = async (label: string, value: string) => {
    await tab.evaluate(`document.querySelector("#show-settings").click()`);
    await until(tab, `document.querySelector("#settings").open`);
    await tab.evaluate(`(() => {
      const field = [...document.querySelectorAll("#settings label")].find((each) => each.textContent.startsWith("${label}"));
      const select = field.querySelector("select");
      select.selectedIndex = [...select.options].findIndex((each) => each.value === "${value}");
      select.dispatchEvent(new Event("change"));
    })()`);
    await tab.press("Escape");
  };
  const TIME = `document.querySelector("#log time").textContent`;
  const SIZE = `parseFloat(getComputedStyle(document.documentElement).fontSize)`;

  test("hours are written at once in the chosen way, and after a reload", async () => {
    expect(await tab.evaluate<string>(TIME)).toMatch(/[AP]M$/);
    await choose("Time", "24");
    expect(await tab.evaluate<string>(TIME)).toMatch(/^\d{2}:\d{2}$/);
    await visit(tab, String(await tab.evaluate("location.href")));
    expect(await tab.evaluate<string>(TIME)).toMatch(/^\d{2}:\d{2}$/);
  });

  test("text grows, and messages move together", async () => {
    const before = await tab.evaluate<number>(SIZE);
    await choose("Text size", "huge");
    expect(await tab.evaluate<number>(SIZE)).toBeGreaterThan(before * 1.2);
    const height = `document.querySelector("#log .message").getBoundingClientRect().height`;
    const roomy = await tab.evaluate<number>(height);
    await choose("Spacing", "compact");
    expect(await tab.evaluate<number>(height)).toBeLessThan(roomy);
  });
});
