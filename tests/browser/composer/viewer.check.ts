import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../../support/browser/browser.ts";
import { openRoom, shows, visit } from "../../support/browser/page.ts";
import { picture, upload } from "../../support/files.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(20_000);

const LARGE = `document.querySelector("#large")`;
const SCALE = `new DOMMatrix(getComputedStyle(${LARGE}.querySelector("img")).transform).a`;
const NAME = `${LARGE}.querySelector("bdi").textContent`;

describe.skipIf(!canBrowse)("a picture over the whole page", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    tab = await openRoom(server, "gallery", "Ada");
    const bytes = await picture(1200, 600);
    for (const name of ["one.png", "two.png"]) {
      const { file } = await upload(server, "gallery", name, bytes, {});
      await fetch(new URL("api/v1/rooms/gallery/messages", server.url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ name: "Bo", text: `see ${name}`, files: [file.id] }),
      });
    }
    await visit(tab, String(await tab.evaluate("location.href")));
    await until(tab, shows("see two.png"));
    await tab.evaluate(`document.querySelector("#log a.picture").click()`);
    await until(tab, `${LARGE}.open && ${LARGE}.querySelector("img").naturalWidth === 1200`);
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const drag = (by: number) =>
    tab.evaluate(`(() => {
      const stage = document.querySelector(".picture-stage");
      stage.setPointerCapture = () => undefined;
      const point = (type, clientX) => stage.dispatchEvent(new PointerEvent(type, { clientX, clientY: 300, pointerId: 1 }));
      point("pointerdown", 400);
      point("pointermove", ${400 + by});
      point("pointerup", ${400 + by});
    })()`);

  test("says who sent it, and when", async () => {
    const about = await tab.evaluate<string>(`${LARGE}.querySelector("small").textContent`);
    expect(about).toStartWith("Bo, ");
    expect(about).toContain(String(new Date().getFullYear()));
  });

  test("is enlarged by a double press, dragged, and fits again", async () => {
    const press = `document.querySelector(".picture-stage").dispatchEvent(new MouseEvent("dblclick"))`;
    await tab.evaluate(press);
    expect(await tab.evaluate(SCALE)).toBe(2.5);
    await drag(-100);
    expect(
      await tab.evaluate(
        `new DOMMatrix(getComputedStyle(${LARGE}.querySelector("img")).transform).e`,
      ),
    ).toBe(-100);
    await tab.evaluate(press);
    expect(await tab.evaluate(SCALE)).toBe(1);
  });

  test("leads to the next one by a swipe, and back by an arrow", async () => {
    await drag(-100);
    expect(await tab.evaluate(NAME)).toBe("two.png");
    await tab.press("ArrowLeft");
    expect(await tab.evaluate(NAME)).toBe("one.png");
  });
});
