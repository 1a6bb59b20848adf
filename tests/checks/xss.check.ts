import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { personName } from "../../lib/model/people/person.ts";
import { roomName } from "../../lib/model/rooms/room.ts";
import { type Alarm, arm } from "../support/alarm.ts";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { PENDING, visit } from "../support/browser/page.ts";
import { PAYLOADS } from "../support/browser/payloads.ts";
import { administrator } from "../support/people/people.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

/** As many as a page shows at once. */
const PART = 50;
/** In one text of a handler. */
const FEW = 20;
const parts = Array.from({ length: Math.ceil(PAYLOADS.length / PART) }, (_, at) =>
  PAYLOADS.slice(at * PART, (at + 1) * PART),
);
/** Everything that our pages load by themselves; `x`, where many payloads point, is not of it. */
const OURS =
  /^\/(?:$|(?:rooms|ws)\/(?:start|text-\d+|change|refuse|names|topics)\/?$|api\/v1\/rooms\/(?:start|text-\d+|change|refuse|names|topics)\/messages$|assets\/|me$|account\/|admin\/|index\/$)/;

describe("the alarm", () => {
  test.skipIf(!canBrowse)("rings in a page that lets payloads in", async () => {
    const csp = { "content-security-policy": "script-src 'self'" };
    const bad = `<div class="body">${PAYLOADS.slice(0, 60).join("</div><div class='body'>")}</div>`;
    using server = Bun.serve({
      port: 0,
      routes: {
        "/open": () => new Response(bad, { headers: { "content-type": "text/html" } }),
        "/policy": () => new Response(bad, { headers: { "content-type": "text/html", ...csp } }),
        "/*": () => new Response("no", { status: 404 }),
      },
    });
    const tab = openTab();
    await tab.navigate(`${server.url}nothing`);
    const alarm = await arm(tab);
    await tab.navigate(`${server.url}open`);
    await until(tab, `document.readyState === "complete"`);
    expect(alarm.heard).toContain("ran");
    expect((await alarm.foreign()).length).toBeGreaterThan(20);
    expect(alarm.addresses.some((address) => new URL(address).pathname === "/x")).toBe(true);
    alarm.heard.length = 0;
    await tab.navigate(`${server.url}policy`);
    await until(tab, `document.readyState === "complete"`);
    expect(alarm.heard.some((each) => each.startsWith("stopped by the policy"))).toBe(true);
    expect(alarm.heard).not.toContain("ran");
    tab.close();
  });
});

describe.skipIf(!canBrowse)(`${PAYLOADS.length} payloads run nothing, ask for nothing`, () => {
  let server: Server;
  let tab: Bun.WebView;
  let alarm: Alarm;
  let cookie: string;
  beforeAll(async () => {
    const handlers = await temporaryFolder();
    await Bun.write(`${handlers}/payloads.json`, JSON.stringify(PAYLOADS));
    await Bun.write(
      `${handlers}/repeat.ts`,
      `const payloads = await Bun.file(import.meta.dir + "/payloads.json").json();
      export default ({ room, text }) => {
        const some = payloads.slice(Number(text), Number(text) + ${FEW}).join("\\n\\n");
        if (room === "change") return { text: some, reply: some, say: some };
        return room === "refuse" ? { refuse: some } : {};
      };`,
    );
    server = await Server.start({ args: ["--limits", "off", "--handlers", handlers] });
    const boss = await administrator(server);
    ({ cookie } = boss);
    tab = openTab();
    await tab.navigate(server.url);
    for (const pair of cookie.split("; ")) {
      const [name = "", value = ""] = pair.split("=");
      await tab.cdp("Network.setCookie", { url: server.url, name, value });
    }
    alarm = await arm(tab);
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  const clean = async () => {
    await alarm.poke();
    expect(await alarm.foreign()).toEqual([]);
    expect(alarm.heard.splice(0)).toEqual([]);
    const { host } = new URL(server.url);
    const others = alarm.addresses.splice(0).filter((address) => {
      const url = new URL(address);
      return url.protocol !== "about:" && (url.host !== host || !OURS.test(url.pathname));
    });
    expect(others).toEqual([]);
  };
  /** Without the policy, the escaping alone has to hold; with it, it must have nothing to stop. */
  const bothWays = async (path: string, ready: string) => {
    for (const enabled of [true, false]) {
      await tab.cdp("Page.setBypassCSP", { enabled });
      await tab.navigate(server.url + path);
      await until(tab, ready);
      await clean();
    }
  };
  const inRoom = `document.querySelector("#state")?.dataset.state === "open"`;

  test("as text, in the page as it is sent and as the script makes it", async () => {
    for (const [at, part] of parts.entries()) {
      const mallory = await join(server, `text-${at}`, { name: "Mallory" });
      for (const payload of part) mallory.say(payload);
      await mallory.fence();
      await mallory.close();
      await bothWays(`rooms/text-${at}`, inRoom);
      expect(await tab.evaluate(`document.querySelectorAll("#log [data-seq]").length`)).toBe(
        part.length,
      );
    }
  }, 40_000);

  test("as what a handler makes of a text, says to the room, and answers the sender", async () => {
    await tab.cdp("Page.setBypassCSP", { enabled: true });
    await visit(tab, `${server.url}rooms/change`);
    const texts = JSON.stringify(PAYLOADS.map((_, at) => at).filter((at) => at % FEW === 0));
    const send = () =>
      tab.evaluate(`(() => { for (const at of ${texts}) {
        document.querySelector("#text").value = String(at);
        document.querySelector("#composer").requestSubmit();
      } })()`);
    const count = Math.ceil(PAYLOADS.length / FEW);
    await send();
    await until(tab, `document.querySelectorAll("#log [data-seq]").length === ${2 * count}`);
    // Each answer takes the place of the one before; what one of them ran would have been heard.
    await until(tab, `document.querySelector("#log [data-notice] .said") !== null`);
    await clean();
    await visit(tab, `${server.url}rooms/refuse`);
    await send();
    await until(tab, `${PENDING}.filter((state) => state === "failed").length === ${count}`);
    await clean();
  }, 40_000);

  test("as a name: of an author, of who is here, types, reacts and has read; for an administrator", async () => {
    const names = PAYLOADS.map((payload) => payload.slice(0, 32)).filter(
      (name) => typeof personName(name) === "string",
    );
    expect(names.length).toBeGreaterThan(200);
    await tab.cdp("Page.setBypassCSP", { enabled: true });
    await visit(tab, `${server.url}rooms/names`);
    for (let from = 0; from < names.length; from += PART) {
      const people = await Promise.all(
        names.slice(from, from + PART).map((name) => join(server, "names", { name })),
      );
      for (const person of people) {
        person.say("x");
        person.send({ type: "react", seq: from + 1, emoji: "👍", on: true });
        person.send({ type: "typing" });
        person.send({ type: "read", seq: from + 1 });
      }
      await Promise.all(people.map((person) => person.fence()));
      await clean();
      await visit(tab, `${server.url}rooms/names`);
      await clean();
      if (from === 0) {
        for (const section of ["here", "people", "rooms", "audit"]) {
          await bothWays(`admin/${section}`, `document.querySelector("#main")`);
        }
      }
      await Promise.all(people.map((person) => person.close()));
    }
  }, 40_000);

  test("as a topic", async () => {
    const boss = await join(server, "topics", { cookie });
    await visit(tab, `${server.url}rooms/topics`);
    for (const payload of PAYLOADS) boss.say(`/topic ${payload}`);
    await boss.say("/topic the end");
    await until(tab, `document.querySelector("#topic").textContent === "the end"`);
    await clean();
    for (const payload of [PAYLOADS[0], PAYLOADS.at(-1)]) {
      boss.say(`/topic ${payload}`);
      await boss.fence();
      await bothWays(
        "rooms/topics",
        `${inRoom} && document.querySelector("#topic").textContent.includes("hit()")`,
      );
    }
    await boss.close();
  });

  test("as an address: none is a room's, and the page that says so is the same for each", async () => {
    expect(PAYLOADS.filter((payload) => roomName(payload) !== null)).toEqual([]);
    await tab.navigate(server.url);
    const paths = PAYLOADS.map(encodeURIComponent).map((name, at) =>
      at % 2 === 0 ? `rooms/${name}` : `rooms/?room=${name}`,
    );
    const pages = await tab.evaluate<string[]>(
      `Promise.all(${JSON.stringify(paths)}.map((path) => fetch(path).then(async (answer) => answer.status + await answer.text())))
        .then((all) => [...new Set(all)])`,
    );
    expect(pages.length).toBeLessThan(4);
    for (const html of pages) expect(html).not.toContain("hit()");
  });
});
