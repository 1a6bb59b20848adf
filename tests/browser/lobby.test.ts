import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openSettings, shows, STATE, visit } from "../support/browser/page.ts";
import { owner, PASSWORD } from "../support/people/people.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

describe.skipIf(!canBrowse)("the lobby", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--base-path", "/chat"] });
    tab = openTab();
    await tab.navigate(server.url);
    await until(tab, `document.querySelector("#theme").textContent`);
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const fill = (id: string, text: string) =>
    tab.evaluate(`(document.querySelector("#${id}").value = ${JSON.stringify(text)}, 0)`);

  test("says what is wrong with a room or a name, and stays", async () => {
    await fill("room", "not a room");
    await tab.click("#go");
    await until(tab, `document.querySelector("#alert").textContent !== ""`);
    expect(await tab.evaluate("document.activeElement.id")).toBe("room");
    await fill("room", "123");
    await fill("name", "\u202e");
    await tab.click("#go");
    await until(tab, `document.activeElement.id === "name"`);
  });

  test("takes a number and a name, and leads into the room as that person", async () => {
    await fill("room", "１２３");
    await fill("name", "Ada");
    await tab.click("#go");
    await until(tab, `${STATE} === "open"`);
    expect(new URL(String(await tab.evaluate("location.href"))).pathname).toBe("/chat/rooms/123");
    const bo = await join(server, "123", { name: "Bo" });
    expect(bo.welcome.people.map(({ name }) => name)).toContain("Ada");
    await bo.post("hello");
    await until(tab, shows("hello"));
    await bo.close();
  });

  test("lists the rooms one was in, what was last said, what is new, and who called", async () => {
    await tab.navigate(server.url);
    const bo = await join(server, "123", { name: "Bo" });
    await bo.post("one");
    await bo.post("@Ada two");
    await bo.close();
    await tab.reload();
    await until(tab, `document.querySelector("#rooms-list .badge").textContent === "@ 1"`);
    await until(tab, `document.querySelector("#rooms-list small").textContent === "Bo: @Ada two"`);
    await tab.evaluate(`document.querySelector("#rooms-list button").click()`);
    await until(tab, `document.querySelector("#rooms-list").childElementCount === 0`);
  });

  test("what one has said oneself, just before leaving, is not new to oneself; what others say is", async () => {
    const here = new URL("rooms/124", server.url).href;
    const BADGE = `document.querySelector("#rooms-list .badge")?.textContent`;
    // Empty, when it was visited: what is said since is new all the same.
    await visit(tab, here);
    await tab.navigate(server.url);
    const form = `{ method: "POST", body: new URLSearchParams({ text: "bye" }), redirect: "manual" }`;
    await tab.evaluate(`fetch("rooms/124", ${form}).then(() => 0)`);
    const last = (text: string) =>
      `document.querySelector("#rooms-list small").textContent === "${text}"`;
    await tab.reload();
    await until(tab, last("Ada: bye"));
    expect(await tab.evaluate(`${BADGE} ?? ""`)).toBe("");
    const bo = await join(server, "124", { name: "Bo" });
    await bo.post("wait ||a secret||");
    await bo.close();
    await tab.reload();
    // What was covered in the room is covered here.
    await until(tab, last("Bo: wait ▒▒▒"));
    await until(tab, `${BADGE} === "1"`);
    await tab.evaluate(`document.querySelector('[data-room="124"] button').click()`);
  });

  test("who goes through the list by keys stays where they are when it is drawn again", async () => {
    await visit(tab, new URL("rooms/125", server.url).href);
    // Who touches something in a room means to be there, and is told of its news.
    await tab.click("#text");
    const bo = await join(server, "125", { name: "Bo" });
    await tab.navigate(server.url);
    await until(tab, `document.querySelector('[data-room="125"] a')`);
    await tab.evaluate(`document.querySelector('[data-room="125"] a').focus()`);
    await bo.post("new");
    await bo.close();
    await until(tab, `document.querySelector("#rooms-list .badge")`);
    expect(await tab.evaluate(`document.activeElement.textContent`)).toBe("125Bo: new1");
    await tab.evaluate(`document.querySelector('[data-room="125"] button').click()`);
  });

  test("a room that is muted counts nothing", async () => {
    await visit(tab, new URL("rooms/123", server.url).href);
    await openSettings(tab);
    await tab.evaluate(
      `(() => { const select = document.querySelector("#settings select"); select.value = "none"; select.dispatchEvent(new Event("change")); })()`,
    );
    await tab.navigate(server.url);
    const bo = await join(server, "123", { name: "Bo" });
    await bo.post("three");
    await bo.close();
    await tab.reload();
    await until(tab, `document.querySelector("#rooms-list small").textContent === "Bo: three"`);
    expect(await tab.evaluate(`document.querySelectorAll("#rooms-list .badge").length`)).toBe(0);
  });

  test("a name that is someone's leads to signing in, for it may be one's own; and back", async () => {
    await owner(server, "Countess");
    await tab.navigate(server.url);
    await fill("room", "图书馆");
    await fill("name", "Countess");
    const hint = `document.querySelector("#yours-hint")`;
    expect(await tab.evaluate(`${hint}.checkVisibility()`)).toBe(false);
    await tab.click("#go");
    await until(tab, `${hint}.checkVisibility()`);
    await visit(tab, new URL(`rooms/${encodeURIComponent("图书馆")}`, server.url).href);
    await tab.click(".self");
    await tab.click("#you-menu a.primary");
    await until(tab, `document.querySelector("form[action='./sign-in']")`);
    const set = (name: string, value: string) =>
      `document.querySelector("form[action='./sign-in'] [name=${name}]").value = "${value}"`;
    await tab.evaluate(`(${set("name", "Countess")}, ${set("password", PASSWORD)}, 0)`);
    await tab.evaluate(
      `(setTimeout(() => document.querySelector("form[action='./sign-in']").requestSubmit()), 0)`,
    );
    await until(
      tab,
      `decodeURIComponent(location.pathname).endsWith("/rooms/图书馆") && ${STATE} === "open"`,
    );
    await until(tab, `document.querySelector("#my-name").textContent === "Countess"`);
    await tab.click(".self");
    await tab.click("#you-menu form button");
    await until(tab, `document.querySelector("form[action='./sign-in']")`);
  });

  test("speaks the other language when it is asked to, everywhere", async () => {
    const other = String(await tab.evaluate(`document.querySelector(".language button").value`));
    await tab.evaluate(
      `(setTimeout(() => document.querySelector(".language button").click(), 20), 0)`,
    );
    await Bun.sleep(200);
    await until(tab, `document.documentElement?.lang.startsWith("${other}")`);
    await visit(tab, new URL("rooms/123", server.url).href);
    expect(await tab.evaluate("document.documentElement.lang")).toStartWith(other);
  });
});
