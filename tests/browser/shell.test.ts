import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { textAt } from "../support/browser/cdp.ts";
import { openRoom, shows, STATE, visit, write } from "../support/browser/page.ts";
import { type Client, guest, join } from "../support/people/client.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

const BANNER = `document.querySelector("#state p")`;
const ANSWERS = `[...document.querySelectorAll("[data-notice=answer] .said")].map((each) => each.textContent)`;
/** The rows of the log, as one word each. */
const ROWS = `[...document.querySelectorAll("#log > li")].map((each) =>
  each.querySelector(".body")?.textContent ?? each.dataset.notice ?? each.textContent)`;
const LISTED = `[...document.querySelectorAll("#rooms-list [data-room]")].map((each) => each.dataset.room)`;

describe.skipIf(!canBrowse)("the frame of the page", () => {
  let server: Server;
  let tab: Bun.WebView;
  let bo: Client;
  let base: string;
  let cookie: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    base = server.url;
    tab = await openRoom(server, "frame", "Ada");
    cookie = await guest(server);
    bo = await join(server, "frame", { name: "Bo", cookie });
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  test("a log that is shorter than its place stands on the bottom edge", async () => {
    await bo.post("low");
    await until(tab, shows("low"));
    const gap = await tab.evaluate<number>(
      `document.querySelector("#scroller").getBoundingClientRect().bottom -
        document.querySelector("#log > :last-child").getBoundingClientRect().bottom`,
    );
    expect(gap).toBeLessThan(24);
    expect(gap).toBeGreaterThanOrEqual(0);
  });

  test("the first live message of a day stands under that day, and goes on with its group", async () => {
    // What the welcome brings was said the day before.
    const source = `window.WebSocket = class extends WebSocket {
      set onmessage(take) {
        super.onmessage = take && (({ data }) => take({ data: data.includes('"welcome"')
          ? data.replace(/"at":(\\d+)/g, (_, at) => '"at":' + (at - 86_400_000)) : data }));
      }
    };`;
    const script = await tab.cdp("Page.addScriptToEvaluateOnNewDocument", { source });
    await visit(tab, `${base}rooms/frame`);
    await bo.post("dawn");
    await bo.post("noon");
    await until(tab, shows("noon"));
    const rows = await tab.evaluate<string[]>(ROWS);
    expect(rows.slice(-6)).toEqual(["Yesterday", "low", "connected", "Today", "dawn", "noon"]);
    const isFirst = (text: string) =>
      `[...document.querySelectorAll("#log .message")].find((each) => each.querySelector(".body").textContent === "${text}").classList.contains("first")`;
    expect(await tab.evaluate(isFirst("dawn"))).toBe(true);
    expect(await tab.evaluate(isFirst("noon"))).toBe(false);
    await tab.cdp("Page.removeScriptToEvaluateOnNewDocument", {
      identifier: textAt(script, "identifier"),
    });
  });

  test("a line about the connection does not break a group", async () => {
    await bo.post("before it");
    await visit(tab, `${base}rooms/frame`);
    await bo.post("after it");
    await until(tab, shows("after it"));
    expect(await tab.evaluate(`document.querySelector("#log > :last-child").className`)).toBe(
      "message",
    );
  });

  test("the line over what is new is there for a room's very first message, too", async () => {
    await visit(tab, `${base}rooms/fresh`);
    await tab.evaluate(
      `(Object.defineProperty(document, "hasFocus", { value: () => false, configurable: true }), 0)`,
    );
    const cy = await join(server, "fresh", { name: "Cy" });
    await cy.post("anyone here?");
    await until(tab, shows("anyone here?"));
    expect((await tab.evaluate<string[]>(ROWS)).slice(-2)).toEqual(["New", "anyone here?"]);
    await cy.close();
  });

  test("an answer takes the place of the one before, and goes when it is dismissed", async () => {
    await visit(tab, `${base}rooms/frame`);
    await write(tab, "/who ");
    await until(tab, `${ANSWERS}.join().includes("Bo")`);
    await write(tab, "/topic ");
    await until(tab, `${ANSWERS}.join() === "This room has no topic."`);
    await tab.click("[data-dismiss]");
    await until(tab, `${ANSWERS}.length === 0`);
  });

  test("rooms are listed in an order that stays; what is new is bold, and says who called", async () => {
    for (const room of ["10", "9", "aleph"]) await visit(tab, `${base}rooms/${room}`);
    const before = await tab.evaluate<string[]>(LISTED);
    expect(before).toEqual(["9", "10", "aleph", "frame", "fresh"]);
    const cy = await join(server, "9", { name: "Cy" });
    await cy.post("@Ada look");
    await visit(tab, `${base}rooms/frame`);
    await until(
      tab,
      `document.querySelector("[data-room='9'] .new .badge")?.textContent === "@ 1"`,
    );
    expect(await tab.evaluate<string[]>(LISTED)).toEqual(before);
    const weight = (room: string) =>
      `getComputedStyle(document.querySelector("[data-room='${room}'] bdi")).fontWeight`;
    expect(await tab.evaluate(weight("9"))).toBe("700");
    expect(await tab.evaluate(weight("10"))).toBe("400");
    await cy.close();
  });

  test("one field leads to a room one was in, and to a new one", async () => {
    await tab.press("k", { modifiers: ["Control"] });
    await tab.type("ale");
    await until(tab, `document.querySelector("#places a")?.textContent.includes("aleph")`);
    await tab.press("Enter");
    await until(tab, `location.pathname === "/rooms/aleph" && ${STATE} === "open"`);
    await tab.click("#add-room");
    await tab.type("Brand-New");
    await until(tab, `document.querySelector("#places .join")`);
    await tab.press("Enter");
    await until(tab, `location.pathname === "/rooms/brand-new" && ${STATE} === "open"`);
  });

  test("someone who is here is talked to alone from the same field, and listed by name", async () => {
    await visit(tab, `${base}rooms/frame`);
    await tab.click("#add-talk");
    await until(tab, `document.querySelector("#places button")?.textContent.includes("Bo")`);
    await tab.press("ArrowDown");
    await tab.press("Enter");
    await until(tab, `location.pathname.startsWith("/people/") && ${STATE} === "open"`);
    const room = String(await tab.evaluate(`document.documentElement.dataset.room`));
    const other = await join(server, room, {
      name: "Bo",
      cookie,
    });
    await other.post("psst");
    await until(tab, shows("psst"));
    await tab.reload();
    await until(tab, `document.querySelector("h1").textContent === "Bo"`);
    await until(tab, `document.querySelector("#talks-list bdi")?.textContent === "Bo"`);
    await other.close();
  });

  test("nothing is said of a connection that holds; of a lost one, what is kept and when it is tried", async () => {
    await visit(tab, `${base}rooms/frame`);
    expect(await tab.evaluate(`${BANNER}.checkVisibility()`)).toBe(false);
    const port = Number(new URL(server.url).port);
    await server.kill();
    await until(tab, `${BANNER}.checkVisibility()`);
    await until(tab, `/What you write is kept.*Next try in \\d+ s/.test(${BANNER}.textContent)`);
    await write(tab, "kept");
    server = await Server.start({ data: server.data, port, args: ["--limits", "off"] });
    await tab.click("#try-now");
    await until(tab, `${STATE} === "open" && !${BANNER}.checkVisibility()`);
    await until(tab, shows("kept"));
  });

  test("a finger finds targets of 44 pixels, and no toolbar that stays", async () => {
    await tab.cdp("Emulation.setTouchEmulationEnabled", { enabled: true, maxTouchPoints: 5 });
    await tab.resize(390, 700);
    await visit(tab, `${base}rooms/frame`);
    const cy = await join(server, "frame", { name: "Cy" });
    const { seq } = await cy.post("touch me");
    cy.send({ type: "react", seq, emoji: "👍", on: true });
    const row = `document.querySelector("#log [data-seq='${seq}']")`;
    await until(tab, `${row}?.querySelector(".reactions button")`);
    const tap = async (selector: string) => {
      const at = `(({ left, top, width, height }) => ({ x: left + width / 2, y: top + height / 2 }))(
        document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`;
      const point = await tab.evaluate<{ x: number; y: number }>(at);
      await tab.cdp("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [point] });
      await tab.cdp("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    };
    await tap(`#log [data-seq='${seq}'] .body`);
    await until(tab, `${row}.querySelector(".actions")`);
    // The time beside a message is a link in a line of text.
    const small = `[...document.querySelectorAll("button, input, textarea, nav a")].filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      return each.checkVisibility() && width > 0 && Math.min(width, height) < 43.5;
    }).map((each) => each.id || each.className || each.textContent)`;
    expect(await tab.evaluate<string[]>(small)).toEqual([]);
    await tap("h1");
    await until(tab, `!document.querySelector(".actions")`);
    await tab.evaluate(`(document.querySelector("#show-rooms").click(), 0)`);
    expect(await tab.evaluate<string[]>(small)).toEqual([]);
    await cy.close();
    await tab.cdp("Emulation.setTouchEmulationEnabled", { enabled: false });
    await tab.resize(1000, 700);
  });

  test("on a phone there is one button for rooms and people, and one for the room", async () => {
    await tab.resize(390, 700);
    await visit(tab, `${base}rooms/frame`);
    expect(await tab.evaluate(`document.querySelector("#rooms").checkVisibility()`)).toBe(false);
    await tab.click("#show-rooms");
    await until(tab, `document.querySelector("#rooms").checkVisibility()`);
    await tab.click("#rooms-list [data-room='aleph'] a");
    await until(tab, `location.pathname === "/rooms/aleph" && ${STATE} === "open"`);
    await tab.click("#more");
    await tab.click("#show-search");
    await until(tab, `document.querySelector("#search").open`);
    await tab.resize(1000, 700);
  });
});
