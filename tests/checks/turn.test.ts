import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { canBrowse, until, drawn } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openRoom, shows } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

const BELOW = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector("#scroller"))`;

describe.skipIf(!canBrowse)("a phone that is turned", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    const ada = await join(server, "turn", { name: "Ada" });
    for (let at = 0; at < 12; at += 1) ada.say(`message ${at} ${"and more ".repeat(at % 8)}`);
    await ada.post("the last");
    await ada.close();
    tab = await openRoom(server, "turn", "Bo");
    await until(tab, shows("the last"));
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  test("shows the newest message still, whichever way it is held", async () => {
    const sizes = [
      [390, 700],
      [320, 600],
      [640, 400],
      [1280, 800],
      [700, 390],
      [390, 700],
    ] as const;
    for (const [width, height] of sizes) {
      await tab.resize(width, height);
      await drawn(tab);
      expect({ width, below: Number(await tab.evaluate(BELOW)) < 48 }).toEqual({
        width,
        below: true,
      });
    }
  });

  test("also where a scroll is heard before the new size is", async () => {
    await tab.evaluate(`(document.documentElement.style.setProperty("--height", "300px"),
      document.querySelector("#scroller").dispatchEvent(new Event("scroll")))`);
    await drawn(tab);
    expect(Number(await tab.evaluate(BELOW))).toBeLessThan(48);
  });
});
