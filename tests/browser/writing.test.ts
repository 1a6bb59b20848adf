import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until, drawn } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import {
  BODIES,
  openRoom,
  PENDING,
  shows,
  TEXT,
  type,
  visit,
  write,
} from "../support/browser/page.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

describe.skipIf(!canBrowse)("writing", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    const handlers = await temporaryFolder();
    await Bun.write(
      `${handlers}/picky.ts`,
      `export default ({ text }) => text === "forbidden" ? { refuse: "Not that word." } : {};`,
    );
    await Bun.write(
      `${handlers}/dice.ts`,
      `export default { commands: { roll: { usage: "[dice]", help: "rolls dice", run: () => "a six" } } };`,
    );
    server = await Server.start({ args: ["--handlers", handlers] });
    tab = await openRoom(server, "desk", "Ada");
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const clear = () => tab.evaluate(`document.querySelector("#text").value = ""`);
  const key = (init: string) =>
    tab.evaluate(
      `document.querySelector("#text").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ${init} }))`,
    );

  test("Enter sends, Shift and Enter begins a line, and the box grows with it", async () => {
    const height = `document.querySelector("#text").offsetHeight`;
    const before = Number(await tab.evaluate(height));
    await type(tab, "one");
    await tab.press("Enter", { modifiers: ["Shift"] });
    await tab.type("two");
    expect(await tab.evaluate(TEXT)).toBe("one\ntwo");
    expect(Number(await tab.evaluate(height))).toBeGreaterThan(before);
    await tab.press("Enter");
    await until(tab, shows("one\ntwo"));
    expect(await tab.evaluate(TEXT)).toBe("");
    expect(Number(await tab.evaluate(height))).toBe(before);
  });

  test("an Enter that is for an input method sends nothing: Chrome, Firefox, and Safari", async () => {
    await type(tab, "zhong");
    // Chrome and Firefox say so while composing; Safari ends the composition first and says 229.
    await key(`isComposing: true`);
    await key(`isComposing: true, keyCode: 229`);
    await key(`keyCode: 229`);
    expect(await tab.evaluate(TEXT)).toBe("zhong");
    expect(await tab.evaluate(PENDING)).toEqual([]);
    await tab.press("Enter");
    await until(tab, shows("zhong"));
  });

  test("a real composition takes its Enter for itself", async () => {
    await tab.evaluate(`document.querySelector("#text").focus()`);
    await tab.cdp("Input.imeSetComposition", { text: "你", selectionStart: 1, selectionEnd: 1 });
    await tab.cdp("Input.dispatchKeyEvent", {
      type: "rawKeyDown",
      key: "Process",
      windowsVirtualKeyCode: 229,
    });
    expect(await tab.evaluate(PENDING)).toEqual([]);
    await tab.cdp("Input.insertText", { text: "你好" });
    expect(await tab.evaluate(TEXT)).toBe("你好");
    await tab.press("Enter");
    await until(tab, shows("你好"));
  });

  test("the arrow up edits the last own message; Escape leaves it as it was", async () => {
    await write(tab, "teh end");
    await until(tab, shows("teh end"));
    await tab.press("ArrowUp");
    expect(await tab.evaluate(TEXT)).toBe("teh end");
    await tab.press("Escape");
    expect(await tab.evaluate(TEXT)).toBe("");
    await tab.press("ArrowUp");
    await clear();
    await tab.type("the end");
    await tab.press("Enter");
    await until(tab, shows("the end (edited)"));
    expect(await tab.evaluate(shows("teh end"))).toBe(false);
  });

  test("a draft is there again after the page was left, in its own room only", async () => {
    const address = String(await tab.evaluate("location.href"));
    await type(tab, "half a thou");
    await visit(tab, address.replace("desk", "other"));
    expect(await tab.evaluate(TEXT)).toBe("");
    await visit(tab, address);
    expect(await tab.evaluate(TEXT)).toBe("half a thou");
    await tab.press("Escape");
    await tab.evaluate(`document.querySelector("#text").focus()`);
    await tab.type("ght");
    await tab.press("Enter");
    await until(tab, shows("half a thought"));
    await visit(tab, address);
    expect(await tab.evaluate(TEXT)).toBe("");
  });

  test("emoji by their name in two languages, and from the picker", async () => {
    await type(tab, "nice :thumbsu");
    await until(tab, `!document.querySelector("#suggestions").hidden`);
    await tab.press("Enter");
    expect(await tab.evaluate(TEXT)).toBe("nice 👍 ");
    await tab.type(":笑哭");
    await tab.press("Tab");
    expect(await tab.evaluate(TEXT)).toBe("nice 👍 😂 ");
    await tab.click("#show-emoji");
    await until(tab, `document.activeElement.closest("#emoji") !== null`);
    await tab.type("joy");
    await until(tab, `document.querySelector("#emoji .cells button")?.textContent === "😂"`);
    await tab.press("Enter");
    expect(await tab.evaluate(TEXT)).toBe("nice 👍 😂 😂");
    await tab.press("Enter");
    await until(tab, shows("nice 👍 😂 😂"));
  });

  test("commands of handlers, which answer", async () => {
    await type(tab, "/ro");
    const list = `document.querySelector("#suggestions").textContent`;
    await until(tab, `${list}.includes("/roll [dice]") && ${list}.includes("rolls dice")`);
    await tab.press("Enter");
    expect(await tab.evaluate(TEXT)).toBe("/roll ");
    await tab.press("Enter");
    await until(tab, `document.body.textContent.includes("a six")`);
  });

  test("people by the beginning of their name", async () => {
    const grace = await join(server, "desk", { name: "Grace Hopper" });
    await until(tab, `document.querySelector("#people").textContent.includes("Grace")`);
    await type(tab, "hi @gr");
    await tab.press("Tab");
    expect(await tab.evaluate(TEXT)).toBe("hi @Grace Hopper ");
    await tab.press("Enter");
    await grace.next("message", ({ text }) => text === "hi @Grace Hopper ");
    await grace.close();
  });

  test("a refused message says why, and can be tried again or thrown away", async () => {
    await write(tab, "forbidden");
    await until(tab, `${PENDING}.includes("failed")`);
    const failed = `document.querySelector("#pending [data-state=failed]")`;
    expect(await tab.evaluate(`${failed}.textContent`)).toContain("Not that word.");
    await write(tab, "allowed");
    await until(tab, shows("allowed"));
    await tab.click("#pending button:nth-of-type(1)");
    await until(tab, `${PENDING}.includes("failed")`);
    await tab.click("#pending button:nth-of-type(2)");
    await until(tab, `${PENDING}.length === 0`);
    expect(await tab.evaluate(`${BODIES}.includes("forbidden")`)).toBe(false);
  });

  test("thirty at once all arrive, once and in order, though twenty are the limit", async () => {
    const texts = Array.from({ length: 30 }, (_, at) => `burst ${at}`);
    const all = JSON.stringify(texts);
    await tab.evaluate(
      `${all}.forEach((text) => { const box = document.querySelector("#text"); box.value = text; document.querySelector("#composer").requestSubmit(); })`,
    );
    await until(tab, `${PENDING}.length === 0`, 15_000);
    const bursts = `${BODIES}.filter((text) => text.startsWith("burst"))`;
    expect(await tab.evaluate(bursts)).toEqual(texts);
  });

  test("what waits to be sent outlives the page", async () => {
    await tab.click("#leave");
    await tab.evaluate(`document.querySelector("#text").value = "kept"`);
    await tab.evaluate(`document.querySelector("#composer").requestSubmit()`);
    expect(await tab.evaluate(PENDING)).toEqual(["sending"]);
    await Bun.sleep(100);
    await visit(tab, String(await tab.evaluate("location.href")));
    await until(tab, shows("kept"));
    await until(tab, `${PENDING}.length === 0`);
  });

  test("a phone's keyboard covers neither the composer nor the last message", async () => {
    const phone = (height: number) =>
      tab.cdp("Emulation.setDeviceMetricsOverride", {
        width: 390,
        height,
        deviceScaleFactor: 1,
        mobile: true,
      });
    const inSight = (height: number) => `(() => {
      const composer = document.querySelector("#composer").getBoundingClientRect();
      const last = [...document.querySelectorAll("#log [data-seq]")].at(-1).getBoundingClientRect();
      return visualViewport.height === ${height} && visualViewport.offsetTop === 0 &&
        composer.bottom <= ${height} && composer.bottom > ${height} - 40 && last.bottom <= composer.top;
    })()`;
    await phone(700);
    await until(tab, inSight(700));
    await tab.click("#text");
    // Android makes the page smaller.
    await phone(380);
    await until(tab, inSight(380));
    await phone(700);
    await until(tab, inSight(700));
    // Safari leaves it as large as it was, lays the keyboard over it, and pushes it up.
    await tab.evaluate(`(() => {
      let pushed = 200;
      window.scrollTo = () => (pushed = 0);
      Object.defineProperties(visualViewport, {
        height: { configurable: true, get: () => 380 },
        offsetTop: { configurable: true, get: () => pushed },
      });
      visualViewport.dispatchEvent(new Event("resize"));
    })()`);
    await until(tab, inSight(380));
    await tab.evaluate(`(() => {
      delete visualViewport.height;
      delete visualViewport.offsetTop;
      visualViewport.dispatchEvent(new Event("resize"));
    })()`);
    await until(tab, inSight(700));
    // Two fingers make the view smaller, and leave the page as it is.
    await tab.cdp("Emulation.setPageScaleFactor", { pageScaleFactor: 2 });
    await until(tab, "visualViewport.scale === 2 && visualViewport.height === 350");
    await drawn(tab);
    expect(await tab.evaluate("document.body.offsetHeight")).toBe(700);
    await tab.cdp("Emulation.setPageScaleFactor", { pageScaleFactor: 1 });
    await tab.cdp("Emulation.clearDeviceMetricsOverride");
  });
});
