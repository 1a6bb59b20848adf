import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join, type Client } from "../support/people/client.ts";
import { picture } from "../support/files.ts";
import { Firefox, hasFirefox } from "../support/browser/firefox.ts";
import { BODIES, PENDING, shows, STATE, TEXT } from "../support/browser/page.ts";
import { Wire } from "../support/servers/proxy.ts";
import { Server } from "../support/servers/server.ts";

describe.skipIf(!hasFirefox)("in Firefox", () => {
  let server: Server;
  let wire: Wire;
  let firefox: Firefox;
  let bo: Client;
  beforeAll(async () => {
    server = await Server.start();
    wire = await Wire.to(() => server.url, "127.0.0.1");
    firefox = await Firefox.start();
    bo = await join(server, "fox", { name: "Bo" });
  }, 30_000);
  afterAll(async () => {
    await firefox[Symbol.asyncDispose]();
    await bo.close();
    wire[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  test("from the lobby into a room, with a name; two talk with each other", async () => {
    await firefox.navigate(wire.url);
    await firefox.click("#room");
    await firefox.type("Fox");
    await firefox.click("#name");
    await firefox.type("Ada");
    await firefox.press("Enter");
    await firefox.until(`location.pathname === "/rooms/fox" && ${STATE} === "open"`);
    await bo.post("hello, **fox**");
    await firefox.until(shows("hello, fox"));
    await firefox.click("#text");
    await firefox.type("hello");
    await firefox.chord("Shift", "Enter");
    await firefox.type("from Firefox");
    await firefox.press("Enter");
    const heard = await bo.next("message", ({ text }) => text.includes("Firefox"));
    expect(heard.text).toBe("hello\nfrom Firefox");
    expect(heard.author.name).toBe("Ada");
    await firefox.until(shows("hello\nfrom Firefox"));
  });

  test("an Enter that ends a composition sends nothing, the next one sends", async () => {
    await firefox.click("#text");
    await firefox.type("ni");
    const happens = (event: string) =>
      firefox.evaluate(`document.querySelector("#text").dispatchEvent(${event})`);
    await happens(`new CompositionEvent("compositionstart", { bubbles: true, data: "ni" })`);
    const enter = `key: "Enter", keyCode: 229, bubbles: true, cancelable: true`;
    await happens(`new KeyboardEvent("keydown", { ${enter}, isComposing: true })`);
    expect(await firefox.evaluate(TEXT)).toBe("ni");
    expect(await firefox.evaluate(PENDING)).toEqual([]);
    await firefox.evaluate(`(document.querySelector("#text").value = "你", 0)`);
    await happens(`new CompositionEvent("compositionend", { bubbles: true, data: "你" })`);
    expect(await firefox.evaluate(TEXT)).toBe("你");
    await firefox.press("Enter");
    await bo.next("message", ({ text }) => text === "你");
    expect(bo.texts).not.toContain("ni");
  });

  test("a picture that is dropped is uploaded, sent, and shown large", async () => {
    const png = (await picture(1200, 600)).toBase64();
    await firefox.evaluate(`(() => { const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob("${png}"), (each) => each.charCodeAt(0))], "图.png", { type: "image/png" }));
      document.querySelector("#log").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })); })()`);
    await firefox.until(`document.querySelector('#attached [data-state="here"]') !== null`);
    await firefox.click("#text");
    await firefox.press("Enter");
    const { files } = await bo.next("message", (message) => message.files !== undefined);
    expect(files).toMatchObject([{ name: "图.png", width: 1200, height: 600 }]);
    await firefox.until(`document.querySelector("#log .picture img")?.naturalWidth === 800`);
    await firefox.evaluate(`(document.querySelector("#log .picture").click(), 0)`);
    await firefox.until(`document.querySelector("#large img")?.naturalWidth === 1200`);
    await firefox.press("Escape");
    await firefox.until(`!document.querySelector("#large").open`);
    await firefox.click("#text");
  });

  test("cut off and back, everything is there once, in one order", async () => {
    await firefox.until(`${PENDING}.length === 0`);
    wire.cut();
    await firefox.until(`${STATE} === "connecting"`);
    for (const text of ["one", "two", "three"]) {
      await firefox.type(text);
      await firefox.press("Enter");
    }
    expect(await firefox.evaluate(PENDING)).toEqual(["sending", "sending", "sending"]);
    await bo.post("meanwhile");
    wire.mend();
    await firefox.until(`${shows("three")} && ${PENDING}.length === 0`, 15_000);
    await bo.next("message", ({ text }) => text === "three");
    expect(await firefox.evaluate(BODIES)).toEqual(
      bo.texts.map((text) => text.replaceAll("**", "")),
    );
    expect(bo.texts.slice(-4)).toEqual(["meanwhile", "one", "two", "three"]);
  });

  test("in Chinese, by its button in the lobby; a room by a number from the old address", async () => {
    await firefox.navigate(wire.url);
    await firefox.click(`.language [value="zh"]`);
    await firefox.until(`document.documentElement.lang.startsWith("zh")`);
    await firefox.navigate(`${wire.url}index/?num=123`);
    await firefox.until(`${STATE} === "open"`);
    // It is drawn with the frame after.
    const notice = `document.querySelector("#log [data-notice]")?.textContent`;
    await firefox.until(`${notice} === "[连接成功啦]"`);
    const other = await join(server, "123", { name: "小雨" });
    await firefox.click("#text");
    await firefox.type("你好，小雨 👋");
    await firefox.press("Enter");
    await other.next("message", ({ text }) => text === "你好，小雨 👋");
    await other.post("你好！");
    await firefox.until(shows("你好！"));
    await other.close();
  });
});
