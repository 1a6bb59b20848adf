import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../../support/browser/browser.ts";
import { watchRequests } from "../../support/browser/cdp.ts";
import { join } from "../../support/people/client.ts";
import { openRoom, TEXT, type, visit } from "../../support/browser/page.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(20_000);

const FIRST = `document.querySelector("#emoji .cells button")?.textContent`;
const SEARCH = `document.querySelector("#emoji input")`;
const search = (words: string) =>
  `(() => { ${SEARCH}.value = ${JSON.stringify(words)}; ${SEARCH}.dispatchEvent(new Event("input")); })()`;

describe.skipIf(!canBrowse)("emoji", () => {
  let server: Server;
  let tab: Bun.WebView;
  let bo: Awaited<ReturnType<typeof join>>;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    bo = await join(server, "faces", { name: "Bo" });
    tab = await openRoom(server, "faces", "Ada");
  });
  afterAll(async () => {
    tab.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });
  const open = async () => {
    await tab.click("#show-emoji");
    await until(tab, `!document.querySelector("#emoji").hidden`);
  };

  test("are fetched when they are first asked for, and are all of Unicode's", async () => {
    const addresses = await watchRequests(tab);
    await visit(tab, String(await tab.evaluate("location.href")));
    expect(addresses.filter((address) => address.includes("emoji."))).toEqual([]);
    await open();
    expect(addresses.filter((address) => address.includes("emoji."))).toHaveLength(1);
    const count = await tab.evaluate<number>(
      `document.querySelectorAll("#emoji .cells button").length`,
    );
    expect(count).toBeGreaterThan(1_700);
  });

  test("are found by words in both languages", async () => {
    for (const [words, emoji] of [
      ["rocket", "🚀"],
      ["火箭", "🚀"],
      ["加油", "💪"],
    ] as const) {
      await tab.evaluate(search(words));
      await until(tab, `${FIRST} === "${emoji}"`);
    }
  });

  test("take the chosen skin tone, and the last used come first", async () => {
    await tab.evaluate(`document.querySelectorAll("#emoji .tones button")[3].click()`);
    await tab.evaluate(search("thumbsup"));
    await until(tab, `${FIRST} === "👍🏽"`);
    await tab.evaluate(`${SEARCH}.focus()`);
    await tab.press("Enter");
    expect(await tab.evaluate(TEXT)).toBe("👍🏽");
    await open();
    await until(tab, `${FIRST} === "👍🏽"`);
    await tab.evaluate(`document.querySelectorAll("#emoji .tones button")[0].click()`);
    await until(tab, `${FIRST} === "👍"`);
    await tab.press("Escape");
    expect(await tab.evaluate(`document.querySelector("#emoji").hidden`)).toBe(true);
    await tab.evaluate(`(document.querySelector("#text").value = "")`);
  });

  test("a name typed in full becomes its emoji; what is no name stays", async () => {
    await type(tab, ":smile:");
    await until(tab, `${TEXT} === "😄"`);
    await tab.type(" :no_such_name: 12:30:");
    expect(await tab.evaluate(TEXT)).toBe("😄 :no_such_name: 12:30:");
    await tab.evaluate(`(document.querySelector("#text").value = "")`);
  });

  test("for a reaction the panel opens at its message", async () => {
    const { seq } = await bo.post("react to me");
    const row = `document.getElementById("${seq}")`;
    await until(tab, row);
    await tab.evaluate(`${row}.focus()`);
    await tab.press("+");
    await until(tab, `!document.querySelector("#emoji").hidden`);
    const apart = `(() => {
      const bar = ${row}.querySelector(".actions").getBoundingClientRect();
      const panel = document.querySelector("#emoji").getBoundingClientRect();
      const gap = Math.max(panel.top - bar.bottom, bar.top - panel.bottom);
      return [gap < 48, panel.top >= 0 && panel.bottom <= innerHeight];
    })()`;
    expect(await tab.evaluate(apart)).toEqual([true, true]);
    await tab.evaluate(search("tada"));
    await until(tab, `${FIRST} === "🎉"`);
    await tab.evaluate(`${SEARCH}.focus()`);
    await tab.press("Enter");
    expect((await bo.next("reacted")).emoji).toBe("🎉");
  });
});
