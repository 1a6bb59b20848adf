import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { watchRequests } from "../support/browser/cdp.ts";
import { joinPlain } from "../support/people/client.ts";
import { shows, STATE, write } from "../support/browser/page.ts";
import { Wire } from "../support/servers/proxy.ts";
import { Server } from "../support/servers/server.ts";

/** 40 KB, of everything that comes over the wire: pages, headers, scripts, icons, frames. */
const MOST_BYTES = 40_000;

describe.skipIf(!canBrowse)("a first view of a room", () => {
  let server: Server;
  let wire: Wire;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--base-path", "/chat"] });
    wire = await Wire.to(() => server.url, "127.0.0.1");
    tab = openTab();
    await tab.navigate("about:blank");
  });
  afterAll(async () => {
    tab.close();
    wire[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test(`is at most ${MOST_BYTES} bytes, and all of them come from the server, from below its path`, async () => {
    const addresses = await watchRequests(tab);
    await tab.navigate(`${wire.url}chat/rooms/scales`);
    await until(tab, `${STATE} === "open"`);
    // The service worker and the icon come after everything else.
    await until(tab, `navigator.serviceWorker.getRegistration().then((each) => each?.active)`);
    await until(tab, `document.readyState === "complete"`);
    let before = -1;
    while (before !== wire.received) {
      before = wire.received;
      await Bun.sleep(300);
    }
    console.info(`A first view of a room: ${wire.received} bytes.`);
    expect(wire.received).toBeGreaterThan(10_000);
    expect(wire.received).toBeLessThanOrEqual(MOST_BYTES);
    const base = new RegExp(`^(?:http|ws)://${new URL(wire.url).host}/chat/`);
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((address) => !base.test(address))).toEqual([]);
    // Those are for home screens.
    expect(addresses.filter((address) => address.endsWith(".png"))).toEqual([]);
  });

  test("below a path, from the lobby on: in, talk, and be heard; a link back", async () => {
    const addresses = await watchRequests(tab);
    await tab.navigate(`${wire.url}chat/`);
    await until(tab, `document.readyState === "complete"`);
    await tab.click("#room");
    await tab.type("below");
    await tab.click("#name");
    await tab.type("Ada");
    await tab.press("Enter");
    await until(tab, `location.pathname === "/chat/rooms/below" && ${STATE} === "open"`);
    const plain = await joinPlain(server, "below");
    await write(tab, "is this below?");
    expect(await plain.next()).toBe("Ada: is this below?");
    plain.raw("it is");
    await until(tab, shows("it is"));
    await plain.close();
    const back = `new URL(document.querySelector("a.brand").href).pathname`;
    expect(await tab.evaluate(back)).toBe("/chat/");
    const { host } = new URL(wire.url);
    expect(
      addresses
        .map((address) => new URL(address))
        .filter((url) => url.host !== host || !url.pathname.startsWith("/chat/")),
    ).toEqual([]);
  });
});
