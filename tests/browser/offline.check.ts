import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openRoom, PENDING, shows, STATE, visit, write } from "../support/browser/page.ts";
import { Wire } from "../support/servers/proxy.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(40_000);

/** How many things wait in the browser's own store. */
const STORED = `new Promise((resolve) => {
  const opening = indexedDB.open("chatroom", 1);
  opening.onsuccess = () => {
    const counting = opening.result.transaction("outbox").objectStore("outbox").count();
    counting.onsuccess = () => resolve(counting.result);
  };
})`;

const row = (seq: number) => `document.getElementById("${seq}")`;
const KEPT = `caches.open("pages").then((pages) => pages.keys()).then((keys) => keys.map(({ url }) => url))`;

/** A picture of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const DROP = `(() => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob("${PIXEL}"), (each) => each.charCodeAt(0));
  data.items.add(new File([bytes], "dot.png", { type: "image/png" }));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
})()`;

describe.skipIf(!canBrowse)("without a network", () => {
  let server: Server;
  let wire: Wire;
  let tab: Bun.WebView;
  let bo: Awaited<ReturnType<typeof join>>;
  let address: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    wire = await Wire.to(() => server.url, "127.0.0.1");
    bo = await join(server, "cellar", { name: "Bo" });
    tab = await openRoom(Object.create(server, { url: { value: wire.url } }), "cellar", "Ada");
    address = String(await tab.evaluate("location.href"));
  });
  afterAll(async () => {
    tab.close();
    wire[Symbol.dispose]();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });
  const act = async (seq: number, label: string) => {
    await tab.evaluate(`${row(seq)}.focus()`);
    await tab.click(`[id="${seq}"] .actions [aria-label="${label}"]`, { timeout: 5_000 });
  };
  const cut = async () => {
    wire.cut();
    await until(tab, `${STATE} !== "open"`);
  };
  const mend = async () => {
    wire.mend();
    await tab.evaluate(`dispatchEvent(new Event("online"))`);
    await until(tab, `${STATE} === "open"`);
  };

  test("the page keeps itself, the lobby and the code for files, soon after it was opened", async () => {
    await until(tab, `${KEPT}.then((urls) => urls.includes("${wire.url}"))`);
    await until(tab, `${KEPT}.then((urls) => urls.includes("${address}"))`);
    const assets = `caches.open("assets").then((all) => all.keys()).then((keys) => keys.map(({ url }) => url).join(" "))`;
    for (const name of ["files", "en-later", "room", "lobby", "page"]) {
      await until(tab, `${assets}.then((urls) => urls.includes("assets/${name}."))`);
    }
  });

  test("edits, reactions and deletions are shown as waiting, survive a reload, and are sent once", async () => {
    await write(tab, "teh text");
    await write(tab, "to be deleted");
    const edited = (await bo.next("message", ({ text }) => text === "teh text")).seq;
    const deleted = (await bo.next("message", ({ text }) => text === "to be deleted")).seq;
    const { seq: liked } = await bo.post("like me");
    await until(tab, `${row(liked)}`);
    // The room is kept every two seconds.
    const kept = `caches.match("${address}?kept").then((answer) => answer?.text()).then((text) => text?.includes("like me"))`;
    await until(tab, kept);
    await cut();
    await act(edited, "Edit");
    await tab.evaluate(`(document.querySelector("#text").value = "the text")`);
    await tab.press("Enter");
    await act(liked, "👍");
    await tab.evaluate(`${row(deleted)}.focus()`);
    await tab.press("Delete");
    // A deletion can be taken back for some seconds.
    await until(tab, `${STORED}.then((count) => count === 3)`);
    const waiting = async () => {
      await until(tab, `${row(edited)}?.querySelector(".body").textContent.startsWith("the text")`);
      for (const seq of [edited, liked, deleted]) {
        await until(tab, `${row(seq)}.querySelector(".waits") !== null`);
      }
      expect(
        await tab.evaluate(`${row(liked)}.querySelector("[data-emoji='👍']").ariaPressed`),
      ).toBe("true");
      expect(await tab.evaluate(`${row(deleted)}.querySelector(".body.deleted") !== null`)).toBe(
        true,
      );
    };
    await waiting();
    await tab.navigate(address);
    await waiting();
    await mend();
    expect((await bo.next("edited")).text).toBe("the text");
    expect((await bo.next("reacted")).target).toBe(liked);
    expect((await bo.next("deleted")).target).toBe(deleted);
    await until(tab, `document.querySelector(".waits") === null`);
    await visit(tab, address);
    await write(tab, "after");
    const { seq } = await bo.next("message", ({ text }) => text === "after");
    // Three messages, three changes, and this one: nothing was sent twice.
    expect(seq).toBe(liked + 4);
  });

  test("what waits stands under its author's own name, also after a reload, with the room above it", async () => {
    await bo.post("the last word is Bo's");
    await until(tab, shows("the last word is Bo's"));
    await until(
      tab,
      `caches.match("${address}?kept").then((answer) => answer.text()).then((text) => text.includes("the last word"))`,
    );
    await cut();
    await write(tab, "mine, and late");
    const name = `document.querySelector("#pending .first .name")?.textContent`;
    await until(tab, `${name} === "Ada"`);
    await until(tab, `${STORED}.then((count) => count === 1)`);
    await tab.navigate(address);
    await until(tab, `${name} === "Ada"`);
    await until(tab, shows("the last word is Bo's"));
    expect(await tab.evaluate(`document.querySelector("#empty").hidden`)).toBe(true);
    expect(await tab.evaluate(PENDING)).toEqual(["sending"]);
    await mend();
    await bo.next("message", ({ text }) => text === "mine, and late");
    await until(tab, `${PENDING}.length === 0`);
  });

  test("a first file is taken, waits across a reload, and is sent once", async () => {
    await cut();
    await tab.evaluate(DROP);
    await until(tab, `document.querySelector("#attached li") !== null`);
    await write(tab, "with a picture");
    await until(tab, `document.querySelector("#pending .body")?.textContent.includes("dot.png")`);
    await until(tab, `${STORED}.then((count) => count === 1)`);
    await tab.navigate(address);
    await until(tab, `document.querySelector("#pending .body")?.textContent.includes("dot.png")`);
    await mend();
    const { files } = await bo.next("message", ({ text }) => text === "with a picture");
    expect(files?.map(({ name, type }) => [name, type])).toEqual([["dot.png", "image/png"]]);
    await until(tab, `${PENDING}.length === 0`);
  });

  test("a room that was never open here leads to the lobby, which says so and has its looks", async () => {
    await cut();
    await tab.navigate(new URL("rooms/never-seen", wire.url).href);
    await until(tab, `location.href === "${wire.url}#offline"`);
    await until(tab, `document.querySelector("#alert").textContent.includes("offline")`);
    expect(await tab.evaluate("document.styleSheets.length")).toBeGreaterThan(0);
    expect(await tab.evaluate(`document.querySelector("#rooms-list").textContent`)).toContain(
      "cellar",
    );
    wire.mend();
  });
});
