import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../../support/browser/browser.ts";
import { shows, visit } from "../../support/browser/page.ts";
import { join } from "../../support/people/client.ts";
import { owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(30_000);

/** What the page puts on the app's icon, which no headless browser has. */
const BADGE = `
  window.badge = 0;
  navigator.setAppBadge = async (count) => { window.badge = count; };
  navigator.clearAppBadge = async () => { window.badge = 0; };
`;
/** Longer than the second that is promised: the machine may be doing other things. */
const SOON_MS = 5_000;

describe.skipIf(!canBrowse)("one inbox on a phone and a laptop", () => {
  let server: Server;
  let phone: Bun.WebView;
  let laptop: Bun.WebView;
  let ada: Visitor;
  let bo: Awaited<ReturnType<typeof join>>;

  /** A browser profile of its own: cookies and what pages keep are by host. */
  async function profile(host: string): Promise<Bun.WebView> {
    const tab = openTab();
    const url = server.url.replace("127.0.0.1", host);
    await tab.navigate("about:blank");
    await tab.cdp("Page.enable");
    await tab.cdp("Page.addScriptToEvaluateOnNewDocument", { source: BADGE });
    for (const pair of [...ada.cookie.split("; "), "language=en"]) {
      const [name = "", ...value] = pair.split("=");
      await tab.cdp("Network.setCookie", { name, value: value.join("="), url });
    }
    return tab;
  }
  const on = (tab: Bun.WebView, room: string) => {
    const host = tab === phone ? "localhost" : "127.0.0.1";
    return new URL(`rooms/${room}`, server.url.replace("127.0.0.1", host)).href;
  };
  const lobby = (tab: Bun.WebView) => tab.navigate(new URL("..", on(tab, "x")).href);
  const badgeOf = (room: string) =>
    `(document.querySelector('[data-room="${room}"] .badge')?.textContent ?? "")`;
  const reads = (room: string, text: string) => `${badgeOf(room)} === ${JSON.stringify(text)}`;

  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    ada = await owner(server, "Ada");
    bo = await join(server, "tea", { name: "Bo" });
    const own = await join(server, "tea", { cookie: ada.cookie, inbox: 0 });
    await own.post("I take milk");
    await own.next("inbox", ({ rooms = [] }) => rooms.length > 0);
    await own.close();
    [phone, laptop] = [await profile("localhost"), await profile("127.0.0.1")];
    await lobby(phone);
    await visit(laptop, on(laptop, "elsewhere"));
  });
  afterAll(async () => {
    phone.close();
    laptop.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });

  test("what is new is unread on both, and read on both when one has read it", async () => {
    await bo.post("one");
    await bo.post("two");
    await until(laptop, reads("tea", "2"), SOON_MS);
    await until(phone, reads("tea", "2"), SOON_MS);
    await visit(phone, on(phone, "tea"));
    await until(phone, shows("two"));
    await until(laptop, reads("tea", ""), SOON_MS);
  });

  test("the first unread line is where the other device stopped reading", async () => {
    await lobby(phone);
    await bo.post("three");
    await until(laptop, reads("tea", "1"), SOON_MS);
    await visit(laptop, on(laptop, "tea"));
    await until(laptop, shows("three"));
    const after = `document.querySelector("#log .unread").nextElementSibling.querySelector(".body").textContent`;
    expect(await laptop.evaluate(after)).toBe("three");
    await visit(laptop, on(laptop, "elsewhere"));
  });

  test("a mention is a call on the icon and in the title, until it is read somewhere", async () => {
    await bo.post("@Ada four");
    await until(laptop, reads("tea", "@ 1"), SOON_MS);
    await until(laptop, `document.title.startsWith("(1) ") && badge === 1`, SOON_MS);
    await visit(phone, on(phone, "tea"));
    await until(laptop, reads("tea", ""), SOON_MS);
    await until(laptop, `!document.title.startsWith("(") && badge === 0`, SOON_MS);
  });

  test("what is marked as unread on one is unread on the other; all is marked as read by keys", async () => {
    const press = (key: string, shiftKey: boolean) =>
      `(document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "${key}", shiftKey: ${shiftKey}, bubbles: true })), 0)`;
    await phone.evaluate(`document.querySelector("#log [data-seq='4']").focus()`);
    await phone.evaluate(press("u", false));
    await until(laptop, reads("tea", "@ 1"), SOON_MS);
    await laptop.evaluate(`document.querySelector("#log").closest("main, body").focus()`);
    await laptop.evaluate(`document.activeElement.blur()`);
    await laptop.evaluate(press("Escape", true));
    await until(laptop, reads("tea", ""), SOON_MS);
  });

  test("a private message is there for someone who was away, under its author's name", async () => {
    await lobby(phone);
    await laptop.navigate("about:blank");
    const me = await join(server, "hall", { cookie: ada.cookie });
    const { id } = me.welcome.you;
    await me.close();
    const dora = await owner(server, "Dora");
    const headers = { cookie: dora.cookie, "content-type": "application/json" };
    const path = new URL(`api/v1/people/${id}/messages`, server.url);
    const body = JSON.stringify({ text: "are you there?" });
    const { status } = await fetch(path, { method: "POST", headers, body });
    expect(status).toBe(201);
    const row = `[...document.querySelectorAll("#rooms-list li, #talks-list li")].find((each) => each.textContent.includes("Dora"))`;
    await until(phone, `${row}.querySelector(".badge").textContent === "1"`, SOON_MS);
    await until(phone, `badge === 1`, SOON_MS);
    await visit(laptop, on(laptop, "elsewhere"));
    await until(laptop, `${row} !== undefined && badge === 1`, SOON_MS);
    await laptop.evaluate(`${row}.querySelector("a").click()`);
    await until(laptop, shows("are you there?"));
    await until(phone, `badge === 0`, SOON_MS);
  });

  test("the words of someone who is blocked are not shown", async () => {
    await visit(laptop, on(laptop, "tea"));
    await bo.post("buy this");
    await until(laptop, shows("buy this"));
    const { id } = bo.welcome.you;
    const headers = { cookie: ada.cookie, "content-type": "application/json" };
    const body = JSON.stringify({ block: id });
    await fetch(new URL("api/v1/inbox", server.url), { method: "POST", headers, body });
    const hidden = `[...document.querySelectorAll("#log [data-seq]")].filter((each) => each.textContent.includes("buy this")).every((each) => each.hidden)`;
    await until(laptop, hidden, SOON_MS);
  });
});
