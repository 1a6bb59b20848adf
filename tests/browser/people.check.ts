import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { openRoom, shows, STATE, visit } from "../support/browser/page.ts";
import { join } from "../support/people/client.ts";
import { administrator } from "../support/people/people.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

const row = (seq: number) => `document.getElementById("${seq}")`;
const TEXT_OF = (selector: string) => `(document.querySelector("${selector}")?.innerText ?? "")`;
/** Presses the button of these words in a dialog. */
const press = (dialog: string, words: string) =>
  `[...document.querySelectorAll("${dialog} button")].find((each) => each.innerText.startsWith("${words}")).click()`;

describe.skipIf(!canBrowse)("people on the page", () => {
  let server: Server;
  let tab: Bun.WebView;
  let troll: Awaited<ReturnType<typeof join>>;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    const boss = await administrator(server, "Boss");
    tab = await openRoom(server, "order", "Boss", "localhost");
    const url = server.url.replace("127.0.0.1", "localhost");
    for (const pair of boss.cookie.split("; ")) {
      const [name = "", ...value] = pair.split("=");
      await tab.cdp("Network.setCookie", { url, name, value: value.join("=") });
    }
    await visit(tab, `${url}rooms/order`);
    troll = await join(server, "order", { name: "Troll Face" });
  });
  afterAll(async () => {
    tab.close();
    await troll.close();
    await server[Symbol.asyncDispose]();
  });
  const open = async (seq: number) => {
    await until(tab, `${row(seq)}`);
    await tab.evaluate(`(${row(seq)}.querySelector(".avatar").click(), 0)`);
    await until(tab, `document.querySelector("#card")?.open`);
  };

  test("who looks after the room is marked in the list and beside names", async () => {
    await until(tab, `${TEXT_OF("#people li .role")} === "admin"`);
  });

  test("a troll is muted for ten minutes from a card, and unmuted there", async () => {
    const { seq } = await troll.post("I am here to annoy");
    await open(seq);
    expect(await tab.evaluate<string>(TEXT_OF("#card"))).toContain("Guest");
    await tab.evaluate(press("#card", "Mute"));
    await until(tab, `${TEXT_OF("#card h2")} === "Mute Troll Face?"`);
    expect(await tab.evaluate<string>(TEXT_OF("#card .says"))).toContain(
      "Troll Face can read, but cannot write in this room for 10 minutes.",
    );
    await tab.evaluate(press("#card", "Mute"));
    await until(tab, `${TEXT_OF("#card .happened")} === "Troll Face is muted for 10 minutes."`);
    const id = troll.say("and now?");
    expect((await troll.next("error", (error) => error.id === id)).code).toBe("muted");
    await tab.evaluate(press("#card .sanction", "Unmute"));
    await until(tab, `${TEXT_OF("#card .happened")} === "Troll Face may write again."`);
    await troll.post("sorry");
    await tab.press("Escape");
    await until(tab, `!document.querySelector("#card")`);
    expect(await tab.evaluate(`document.activeElement.id`)).toBe(String(seq));
  });

  test("a row of the list opens the card of its person", async () => {
    const { id } = troll.welcome.you;
    await tab.evaluate(
      `(document.querySelector("#people [data-person='${id}'] button").click(), 0)`,
    );
    await until(tab, `${TEXT_OF("#card h2")} === "Troll Face"`);
    await tab.evaluate(press("#card", "Mention"));
    await until(tab, `document.querySelector("#text").value === "@Troll Face "`);
    await tab.evaluate(`(document.querySelector("#text").value = "", 0)`);
  });

  test("the menu opens by a right click and by M, and leads by arrow keys", async () => {
    const { seq } = await troll.post("menu me");
    await until(tab, shows("menu me"));
    await tab.evaluate(
      `${row(seq)}.querySelector(".body").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }))`,
    );
    await until(tab, `document.querySelector("#menu")?.open`);
    expect(await tab.evaluate<string>(`document.activeElement.innerText`)).toBe("Reply");
    await tab.press("ArrowUp");
    expect(await tab.evaluate<string>(`document.activeElement.innerText`)).toBe("Delete");
    await tab.press("Escape");
    await until(tab, `!document.querySelector("#menu")`);
    await tab.evaluate(`(document.querySelector("#text").focus(), 0)`);
    await tab.press("ArrowUp", { modifiers: ["Alt"] });
    await tab.press("m");
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.press("Escape");
    await until(tab, `document.activeElement.id === "${seq}"`);
  });

  test("a deletion is shown at once, and taken back before anyone else sees it", async () => {
    const { seq } = await troll.post("keep me");
    await until(tab, shows("keep me"));
    await tab.evaluate(`(${row(seq)}.focus(), 0)`);
    await tab.evaluate(`(${row(seq)}.querySelector(".actions [aria-label=More]").click(), 0)`);
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.evaluate(press("#menu", "Delete"));
    await until(tab, `${row(seq)}.querySelector(".body").textContent === "deleted"`);
    await tab.evaluate(`(document.querySelector("#undo button").click(), 0)`);
    await until(tab, shows("keep me"));
    await troll.fence();
    expect(troll.events.some(({ type }) => type === "deleted")).toBe(false);
  });

  test("a deletion that is not taken back reaches everyone, also when the page is left", async () => {
    const { seq } = await troll.post("away with me");
    await until(tab, shows("away with me"));
    await tab.evaluate(`(${row(seq)}.focus(), 0)`);
    await tab.evaluate(`(${row(seq)}.querySelector(".actions [aria-label=More]").click(), 0)`);
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.evaluate(press("#menu", "Delete"));
    await until(tab, `${row(seq)}.querySelector(".body").textContent === "deleted"`);
    await tab.evaluate(`(location.reload(), 0)`);
    expect((await troll.next("deleted")).target).toBe(seq);
    await until(tab, `${STATE} === "open"`);
  });

  test("mentions are chips that open a card, of people who have left, too, and no part of a word", async () => {
    const gone = await join(server, "order", { name: "Gone Girl" });
    await gone.post("bye");
    await gone.close();
    const text = "@Gone Girl, @troll face, @Trolley and me@boss.example: `@Boss` שלום @Boss!";
    const { seq } = await troll.post(text);
    const chips = `[...${row(seq)}.querySelectorAll(".mention")].map((each) => each.innerText).join("|")`;
    await until(tab, `${chips} === "@Gone Girl|@troll face|@Boss"`);
    expect(await tab.evaluate(`${row(seq)}.classList.contains("mentions")`)).toBe(true);
    expect(await tab.evaluate(`${row(seq)}.querySelector(".mention").tagName`)).toBe("BDI");
    await tab.evaluate(`(${row(seq)}.querySelector(".mention").click(), 0)`);
    await until(tab, `${TEXT_OF("#card h2")} === "Gone Girl"`);
    await tab.press("Escape");
  });

  test("a mention of somebody whose name begins with mine is not one of me", async () => {
    const longer = await join(server, "order", { name: "Boss Two" });
    const { seq } = await troll.post("ask @Boss Two about it");
    await until(tab, `${row(seq)}?.querySelector(".mention")?.innerText === "@Boss Two"`);
    expect(await tab.evaluate(`${row(seq)}.classList.contains("mentions")`)).toBe(false);
    await longer.close();
  });

  test("the room's panel holds its address, its pins and its settings, and saves them", async () => {
    const { seq } = await troll.post("the key is under the mat");
    await until(tab, shows("the key is under the mat"));
    await tab.evaluate(`(${row(seq)}.focus(), 0)`);
    await tab.press("m");
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.evaluate(press("#menu", "Pin"));
    expect((await troll.next("room")).pins).toEqual([seq]);
    await tab.evaluate(`(document.querySelector("#show-room").click(), 0)`);
    await until(tab, `document.querySelector("#room-panel")?.open`);
    const open = (words: string) =>
      `([...document.querySelectorAll("#room-panel summary")].find((each) => each.innerText.startsWith("${words}")).click(), 0)`;
    await tab.evaluate(open("Share"));
    await until(
      tab,
      `document.querySelector("#room-panel .link").innerText === location.href.replace(/#.*/, "")`,
    );
    expect(
      await tab.evaluate(`document.querySelector("#room-panel .qr path").getAttribute("d").length`),
    ).toBeGreaterThan(1_000);
    await tab.evaluate(open("Pinned"));
    await until(tab, `${TEXT_OF("#room-panel")}.includes("under the mat")`);
    await tab.evaluate(open("Room settings"));
    await until(tab, `document.querySelector("#room-panel [name=topic]")`);
    await tab.evaluate(`(document.querySelector("#room-panel [name=topic]").value = "Tea", 0)`);
    await tab.evaluate(press("#room-panel", "Save"));
    expect((await troll.next("room")).topic).toBe("Tea");
    await until(tab, `${TEXT_OF("#room-panel .happened")} !== ""`);
    await tab.evaluate(open("Invite"));
    await tab.evaluate(press("#room-panel", "Make a link"));
    await until(tab, `${TEXT_OF("#room-panel")}.includes("/invite/")`);
    await tab.press("Escape");
  });

  test("a report reaches the moderator in the room with a badge, and is settled there", async () => {
    const reader = await join(server, "order", { name: "Reader" });
    const { seq } = await troll.post("something vile");
    reader.send({ type: "report", seq, reason: "rude" });
    await until(tab, `${TEXT_OF("#show-reports .count")} === "1"`);
    await tab.evaluate(`(document.querySelector("#show-reports").click(), 0)`);
    await until(tab, `${TEXT_OF("#reports")}.includes("something vile")`);
    expect(await tab.evaluate<string>(TEXT_OF("#reports"))).toContain("rude");
    await tab.evaluate(press("#reports", "Delete the message"));
    expect((await reader.next("deleted")).target).toBe(seq);
    await until(tab, `document.querySelector("#show-reports").hidden`);
    await tab.press("Escape");
    await reader.close();
  });
});
