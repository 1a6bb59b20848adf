import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until, drawn } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openRoom, shows, STATE, visit, write } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

describe.skipIf(!canBrowse)("for everyone", () => {
  let server: Server;
  let tab: Bun.WebView;
  let address: string;
  beforeAll(async () => {
    server = await Server.start();
    const bo = await join(server, "open", { name: "Bo" });
    for (const text of [
      "hello",
      "**bold** `code` ||hidden|| https://a.b",
      "> quoted\n\n- a list",
    ]) {
      await bo.post(text);
    }
    await bo.post("an answer", { replyTo: 1 });
    bo.send({ type: "react", seq: 1, emoji: "👍", on: true });
    bo.send({ type: "typing" });
    for (let at = 0; at < 12; at += 1) {
      const other = await join(server, "open", { name: `Person ${at}` });
      await other.post(`from ${at}`);
    }
    tab = await openRoom(server, "open", "Ada");
    address = String(await tab.evaluate("location.href"));
    await write(tab, "mine");
    await until(tab, shows("mine"));
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  test("320 pixels are enough, in the lobby and in a room; so is 200 % of 640", async () => {
    await tab.resize(320, 600);
    for (const where of [server.url, address]) {
      await tab.navigate(where);
      await until(tab, `document.readyState === "complete"`);
      await drawn(tab);
      expect(await tab.evaluate("document.documentElement.scrollWidth <= 320")).toBe(true);
    }
    const inSight = `["#text", "#send", "#show-rooms", "#more"].every((each) => {
      const { left, right, top, bottom } = document.querySelector(each).getBoundingClientRect();
      return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
    })`;
    expect(await tab.evaluate(inSight)).toBe(true);
    await tab.resize(1000, 700);
  });

  test("what can be done with a message does not cover it, on a small screen neither", async () => {
    await tab.resize(320, 600);
    await visit(tab, address);
    const covered = `(() => {
      const bar = document.querySelector(".actions").getBoundingClientRect();
      const body = document.activeElement.querySelector(".body").getBoundingClientRect();
      const isInSight = bar.top >= document.querySelector("#scroller").getBoundingClientRect().top && bar.left >= 0;
      return [isInSight, Math.max(0, Math.min(bar.bottom, body.bottom) - Math.max(bar.top, body.top))];
    })()`;
    for (const seq of [2, 3, 8, 16]) {
      await tab.evaluate(
        `(document.getElementById("${seq}").scrollIntoView(), document.getElementById("${seq}").focus(), 0)`,
      );
      const [isInSight, pixels] = await tab.evaluate<[boolean, number]>(covered);
      expect({ seq, isInSight, covered: pixels > 6 }).toEqual({
        seq,
        isInSight: true,
        covered: false,
      });
    }
    await tab.resize(1000, 700);
  });

  test("an empty room says how to bring people in, until something is said", async () => {
    const quiet = new URL("rooms/quiet", server.url).href;
    const shown = `document.querySelector("#empty").checkVisibility()`;
    await visit(tab, quiet);
    expect(await tab.evaluate(shown)).toBe(true);
    expect(await tab.evaluate(`document.querySelector("#address").textContent`)).toBe(quiet);
    await tab.click("#copy-address");
    await until(tab, `document.querySelector("#toast").textContent === "Link copied"`);
    await write(tab, "first");
    await until(tab, shows("first"));
    await until(tab, `!${shown}`);
    expect(await (await fetch(quiet)).text()).toMatch(/id="empty"\s+hidden/);
  });

  test("a window of 1280 pixels at 200 % has everything in sight, nothing covered or cut off", async () => {
    // What the zoom of a browser does to a page: half as many pixels, each twice as large.
    await tab.cdp("Emulation.setDeviceMetricsOverride", {
      width: 640,
      height: 360,
      deviceScaleFactor: 2,
      mobile: false,
    });
    const controls = {
      [server.url]: `header a, header button, #room, #name, form button`,
      [address]: `#text, #send, main > header a, main > header button`,
    };
    for (const [where, which] of Object.entries(controls)) {
      await tab.navigate(where);
      if (where === address) await until(tab, `${STATE} === "open"`);
      await until(tab, `document.readyState === "complete"`);
      await drawn(tab);
      expect(await tab.evaluate("[innerWidth, devicePixelRatio]")).toEqual([640, 2]);
      expect(await tab.evaluate("document.documentElement.scrollWidth <= 640")).toBe(true);
      const shown = `[...document.querySelectorAll(${JSON.stringify(which)})].filter((each) => each.checkVisibility())`;
      expect(Number(await tab.evaluate(`${shown}.length`))).toBeGreaterThan(3);
      // The lobby is as long as it needs to be: it scrolls down, and only down.
      const outside = `${shown}.filter((each) => {
        if (${where !== address}) each.scrollIntoView({ block: "center" });
        const { left, right, top, bottom } = each.getBoundingClientRect();
        const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const isInside = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
        return !isInside || !each.contains(there);
      }).map((each) => each.id || each.className || each.outerHTML.slice(0, 80))`;
      expect(await tab.evaluate(outside)).toEqual([]);
    }
    await tab.cdp("Emulation.clearDeviceMetricsOverride");
    await tab.resize(1000, 700);
  });

  test("whoever wants no motion sees none", async () => {
    await tab.cdp("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-reduced-motion", value: "reduce" }],
    });
    const moving = `[...document.querySelectorAll("*")].filter((each) => {
      const { transitionDuration, animationName } = getComputedStyle(each);
      return transitionDuration !== "0s" || animationName !== "none";
    }).length`;
    expect(await tab.evaluate(moving)).toBe(0);
    await tab.cdp("Emulation.setEmulatedMedia", { features: [] });
  });

  test("dark follows the system until one of them is chosen", async () => {
    const dark = `getComputedStyle(document.documentElement).backgroundColor`;
    await tab.cdp("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: "dark" }],
    });
    await visit(tab, address);
    expect(await tab.evaluate(dark)).toBe("rgb(23, 24, 27)");
    await tab.navigate(server.url);
    await tab.click("#theme");
    expect(await tab.evaluate(dark)).toBe("rgb(251, 249, 245)");
    await visit(tab, address);
    expect(await tab.evaluate(dark)).toBe("rgb(251, 249, 245)");
    await tab.cdp("Emulation.setEmulatedMedia", { features: [] });
  });

  test("without scripts the last messages are there, and a form that posts", async () => {
    await tab.cdp("Emulation.setScriptExecutionDisabled", { value: true });
    await tab.navigate(address);
    // By keys: pointing needs scripts to find what to point at.
    await tab.press("Tab");
    await tab.press("Enter");
    await tab.type("by hand");
    await tab.press("Tab");
    const posted = Promise.withResolvers<void>();
    tab.onNavigated = () => posted.resolve();
    await tab.press("Enter");
    await posted.promise;
    tab.onNavigated = null;
    await tab.cdp("Emulation.setScriptExecutionDisabled", { value: false });
    await visit(tab, address);
    await until(tab, shows("by hand"));
  });

  test("offline, the page is there, and says that it is not connected", async () => {
    await until(tab, `navigator.serviceWorker.ready.then(({ active }) => active !== null)`);
    await visit(tab, address);
    await visit(tab, address);
    await server.kill();
    await tab.reload();
    await until(tab, `document.querySelector("#state p").checkVisibility()`);
    expect(await tab.evaluate(shows("by hand"))).toBe(true);
    await write(tab, "from the tunnel");
    const port = Number(new URL(server.url).port);
    server = await Server.start({ data: server.data, port });
    await until(tab, shows("from the tunnel"), 20_000);
  });

  test("it can be installed: a manifest, an icon, a worker", async () => {
    const manifest = await (await fetch(new URL("assets/manifest.webmanifest", server.url))).json();
    expect(manifest).toMatchObject({ display: "standalone", start_url: "../" });
    const icon = await fetch(new URL(`assets/${manifest.icons[0].src}`, server.url));
    expect(icon.headers.get("content-type")).toBe("image/svg+xml");
  });
});
