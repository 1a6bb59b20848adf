import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../../support/browser/browser.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(20_000);

describe.skipIf(!canBrowse)("the administration, in a browser", () => {
  let server: Server;
  let boss: Visitor;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    boss = await administrator(server);
    await owner(server, "Ada");
    tab = openTab({ width: 1280, height: 800 });
    await tab.navigate("about:blank");
    for (const pair of [...boss.cookie.split("; "), "language=en"]) {
      const [name = "", value = ""] = pair.split("=");
      await tab.cdp("Network.setCookie", { url: server.url, name, value });
    }
    await tab.cdp("Emulation.setTimezoneOverride", { timezoneId: "Pacific/Kiritimati" });
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const go = (path: string) => tab.navigate(server.url + path);

  test("tells times by the visitor's clock", async () => {
    await go("admin/people");
    const local = `[...document.querySelectorAll("td time")].every((time) => time.textContent ===
      new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short",
        timeZone: "Pacific/Kiritimati" }).format(new Date(time.dateTime)))`;
    await until(tab, `document.querySelectorAll("td time").length > 1 && ${local}`);
  });

  test("names the devices that are signed in, and not their User-Agent", async () => {
    await go("account/");
    await until(tab, `document.querySelector(".plain-list")`);
    const agent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
    const ada = await owner(server, "Phoebe", { "user-agent": agent });
    const { text } = await ada.get("account/");
    expect(text.replace(/<[^>]*>/g, "")).toContain("Safari on iPhone");
  });

  test("on a phone a row has its verbs below it, the field's names beside them, and nothing to scroll sideways", async () => {
    await tab.resize(320, 600);
    await go("admin/people?q=Ada");
    const row = `document.querySelector("[data-action=account]")`;
    await until(tab, row);
    const [wide, verbs, label] = await tab.evaluate<[number, boolean, string]>(
      `[document.documentElement.scrollWidth, [...${row}.querySelectorAll("button")].every((each) => {
        const { left, right, height } = each.getBoundingClientRect();
        return left >= 0 && right <= innerWidth && height >= 44;
      }), getComputedStyle(${row}.querySelector("td:nth-child(3)"), "::before").content]`,
    );
    expect(wide).toBeLessThanOrEqual(320);
    expect(verbs).toBe(true);
    expect(label).toBe('"Role"');
    await tab.click("#show-rooms");
    await until(tab, `document.querySelector("#sections [aria-current]").checkVisibility()`);
    await tab.resize(1280, 800);
  });

  test("verbs that take something away look so", async () => {
    await go("admin/rooms");
    const { text } = await boss.get("admin/rooms");
    expect(text).not.toContain('class="quiet">Lock<');
    await tab.evaluate(`fetch("../api/v1/rooms/tea/messages", { method: "POST",
      headers: { "content-type": "application/json" }, body: JSON.stringify({ text: "hello" }) }).then(() => 0)`);
    await go("admin/rooms");
    await until(tab, `document.querySelector("[data-action=room]")`);
    const looks = `Object.fromEntries([...document.querySelectorAll("[data-action=room] button")]
      .map((each) => [each.textContent, each.className]))`;
    expect(await tab.evaluate<Record<string, string>>(looks)).toEqual({
      Lock: "danger",
      Archive: "danger",
      "Show in the lobby": "quiet",
    });
  });
});
