import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { shows, type, visit } from "../support/browser/page.ts";
import { join } from "../support/people/client.ts";
import { PASSWORD } from "../support/people/people.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

const SECRET = "the treasure is under the old oak";
/** The room's text in anything that the browser keeps of this page's origin. */
const KEPT = `(async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const text = await (await cache.match(request)).text();
      if (text.includes("treasure")) found.push(request.url);
    }
  }
  for (const [key, value] of Object.entries(localStorage)) {
    if (/treasure|secret-room/.test(key + value)) found.push(key);
  }
  const db = await new Promise((resolve) => {
    const request = indexedDB.open("chatroom", 1);
    request.onsuccess = () => resolve(request.result);
  });
  const rows = await new Promise((resolve) => {
    const request = db.transaction("outbox").objectStore("outbox").getAll();
    request.onsuccess = () => resolve(request.result);
  });
  for (const row of rows) found.push(row.text);
  return found;
})()`;

describe.skipIf(!canBrowse)("after signing out", () => {
  let server: Server;
  let tab: Bun.WebView;
  let room: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    tab = openTab({ width: 1000, height: 700 });
    room = new URL("rooms/secret-room", server.url).href;
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  const submit = async (verb: string, fields: Readonly<Record<string, string>> = {}) => {
    await tab.navigate(new URL("account/", server.url).href);
    const fill = Object.entries(fields)
      .map(([name, value]) => `form.elements.${name}.value = ${JSON.stringify(value)};`)
      .join(" ");
    await tab.evaluate(
      `(() => { const form = document.querySelector('form[action="./${verb}"]'); ${fill} form.requestSubmit(); })()`,
    );
  };

  test("nothing of a members' room is left in the browser, not even without a network", async () => {
    await submit("claim", { name: "Ada", password: PASSWORD });
    await until(tab, `document.querySelector('form[action="./sign-out"]') !== null`);
    await visit(tab, room);
    await type(tab, `/close members`);
    await tab.press("Enter");
    await type(tab, SECRET);
    await tab.press("Enter");
    await until(tab, shows(SECRET));
    await until(tab, `navigator.serviceWorker.ready.then(({ active }) => active !== null)`);
    await visit(tab, room);
    await visit(tab, room);
    await type(tab, "a draft about the treasure");
    const before = await tab.evaluate<string[]>(KEPT);
    expect(before.some((each) => each.includes("rooms/secret-room"))).toBe(true);

    await submit("sign-out");
    await until(tab, `document.querySelector('form[action="./sign-in"]') !== null`);
    await until(tab, `${KEPT}.then((found) => found.length === 0)`);
    await server.kill();
    await tab.navigate(room).catch(() => undefined);
    expect(
      await tab.evaluate(`(document.documentElement?.textContent ?? "").includes("treasure")`),
    ).toBe(false);
  });

  test("what a guest had stays when they claim a name, and what was chosen for the browser always", async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    const bo = await join(server, "open", { name: "Bo" });
    await bo.post("hello");
    await tab.navigate(server.url);
    const open = new URL("rooms/open", server.url).href;
    await visit(tab, open);
    const rooms = `Object.entries(localStorage).find(([key]) => key.endsWith(":rooms"))?.[1] ?? ""`;
    await until(tab, `(${rooms}).includes("open")`);
    await submit("claim", { name: "Ada", password: PASSWORD });
    await until(tab, `document.querySelector('form[action="./sign-out"]') !== null`);
    expect(await tab.evaluate<string>(rooms)).toContain("open");
    const key = `Object.keys(localStorage).find((each) => each.endsWith(":rooms")).replace("rooms", "preferences")`;
    await tab.evaluate(`localStorage.setItem(${key}, '{"theme":"dark"}')`);
    await submit("sign-out");
    await until(tab, `document.querySelector('form[action="./sign-in"]') !== null`);
    expect(await tab.evaluate<string>(rooms)).toBe("");
    expect(await tab.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    await bo.close();
  });
});
