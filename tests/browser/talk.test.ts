import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { joinPlain } from "../support/people/client.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

const bodies = `[...document.querySelectorAll("#log [data-seq] .body")].map((each) => each.textContent)`;
const state = `document.querySelector("#state").dataset.state`;

async function write(tab: Bun.WebView, text: string): Promise<void> {
  await tab.click("#text");
  await tab.type(text);
  await tab.press("Enter");
}

describe.skipIf(!canBrowse)("two pages in a room", () => {
  let server: Server;
  let ada: Bun.WebView;
  let bo: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start();
    ada = openTab();
    bo = openTab();
    await ada.navigate(new URL("rooms/123", server.url).href);
    await until(ada, `${state} === "open"`);
    // Another host name, so that the two do not share a cookie.
    const elsewhere = server.url.replace("127.0.0.1", "localhost");
    await bo.navigate(new URL("index/?num=123", elsewhere).href);
    await until(bo, `${state} === "open"`);
  });
  afterAll(async () => {
    ada.close();
    bo.close();
    await server[Symbol.asyncDispose]();
    await rm(server.data, { recursive: true, force: true });
  });

  test("are told that they are connected", async () => {
    const notice = await ada.evaluate(`document.querySelector("#log [data-notice]").textContent`);
    expect(["[connected]", "[连接成功啦]"]).toContain(String(notice));
  });

  test("take a name and show it to each other", async () => {
    await ada.click("#name");
    await ada.type("艾达");
    await ada.press("Enter");
    await until(ada, `document.querySelector("#me").hidden`);
    await write(ada, "你好 <b>world</b>");
    await until(bo, `${bodies}.includes("你好 <b>world</b>")`);
    expect(await bo.evaluate(`document.querySelector("#log .name").textContent`)).toBe("艾达");
  });

  test("hear plain text, and are heard by it; another room hears nothing", async () => {
    const plain = await joinPlain(server, "123", { name: "cat" });
    const other = await joinPlain(server, "456");
    plain.raw("from websocat");
    await until(ada, `${bodies}.includes("from websocat")`);
    await write(bo, "to websocat");
    await plain.next((line) => line.endsWith("to websocat"));
    expect(other.lines).toEqual([]);
    await Promise.all([plain.close(), other.close()]);
  });

  test("one leaves by the close button, hears nothing, and comes back in", async () => {
    await bo.click("#leave");
    await until(bo, `${state} === "closed" && document.querySelector("#composer").hidden`);
    await write(ada, "while bo is out");
    await until(ada, `${bodies}.includes("while bo is out")`);
    expect(await bo.evaluate(`${bodies}.includes("while bo is out")`)).toBe(false);
    await bo.click("#rejoin");
    await until(bo, `${bodies}.includes("while bo is out")`);
    const notices = `[...document.querySelectorAll("[data-notice]")].map((each) => each.dataset.notice)`;
    await until(bo, `${notices}.length === 3`);
    expect(await bo.evaluate(notices)).toEqual(["connected", "disconnected", "connected"]);
  });

  test("cut off, one goes on typing; back, both show everything once, in the same order", async () => {
    await server.kill();
    await until(ada, `${state} === "connecting"`);
    for (const text of ["one", "two", "three"]) await write(ada, text);
    const waiting = `document.querySelectorAll("#pending [data-state=sending]").length`;
    expect(await ada.evaluate(waiting)).toBe(3);
    const port = Number(new URL(server.url).port);
    server = await Server.start({ data: server.data, port });
    for (const tab of [ada, bo]) {
      await until(tab, `${bodies}.includes("three")`, 15_000);
      const shown = await tab.evaluate<string[]>(bodies);
      expect(shown.filter((text) => ["one", "two", "three"].includes(text))).toEqual([
        "one",
        "two",
        "three",
      ]);
    }
    expect(await ada.evaluate(bodies)).toEqual(await bo.evaluate(bodies));
    expect(await ada.evaluate(waiting)).toBe(0);
  });
});
