import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import {
  openSettings,
  BODIES,
  openRoom,
  PENDING,
  shows,
  STATE,
  TEXT,
  type,
  write,
} from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

const row = (seq: number) => `document.getElementById("${seq}")`;

describe.skipIf(!canBrowse)("doing", () => {
  let server: Server;
  let tab: Bun.WebView;
  let bo: Awaited<ReturnType<typeof join>>;
  beforeAll(async () => {
    server = await Server.start();
    bo = await join(server, "act", { name: "Bo" });
    tab = await openRoom(server, "act", "Ada");
  });
  afterAll(async () => {
    tab.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });
  /** Presses a button of the toolbar of a message. */
  const act = async (seq: number, label: string) => {
    await tab.evaluate(`${row(seq)}.focus()`);
    await tab.click(`[id="${seq}"] .actions [aria-label="${label}"]`, { timeout: 5_000 });
  };

  /** Presses an item of the menu of a message. */
  const choose = async (seq: number, words: string) => {
    await act(seq, "More");
    await until(tab, `document.querySelector("#menu")?.open`);
    const items = `[...document.querySelectorAll("#menu .item")]`;
    await tab.evaluate(
      `(${items}.find((each) => each.innerText.startsWith("${words}")).click(), 0)`,
    );
  };

  test("a reply quotes what it answers, and leads back to it", async () => {
    const { seq } = await bo.post("Who has the key?");
    await until(tab, shows("Who has the key?"));
    await act(seq, "Reply");
    await write(tab, "I have.");
    const reply = await bo.next("message", ({ text }) => text === "I have.");
    expect(reply.replyTo).toBe(seq);
    const quote = `${row(reply.seq)}?.querySelector(".quote")`;
    await until(tab, `${quote}?.textContent === "Bo Who has the key?"`);
    expect(await tab.evaluate(`${quote}.getAttribute("href")`)).toBe(`#${seq}`);
    await write(tab, "And no reply.");
    const next = await bo.next("message", ({ text }) => text === "And no reply.");
    expect(next.replyTo).toBeUndefined();
  });

  test("an edit and a deletion are seen by the other, and by the one who did them", async () => {
    await write(tab, "a typo hear");
    const { seq } = await bo.next("message", ({ text }) => text === "a typo hear");
    await until(tab, `${row(seq)}`);
    await act(seq, "Edit");
    await tab.evaluate(`(document.querySelector("#text").value = "a typo **here**")`);
    await tab.press("Enter");
    expect((await bo.next("edited")).text).toBe("a typo **here**");
    await until(tab, `${row(seq)}.querySelector("strong")?.textContent === "here"`);
    await choose(seq, "Delete");
    expect((await bo.next("deleted")).target).toBe(seq);
    await until(tab, `${row(seq)}.querySelector(".body").textContent === "deleted"`);
  });

  test("another's message has no edit and no deletion", async () => {
    const { seq } = await bo.post("mine alone");
    await until(tab, `${row(seq)}`);
    await tab.evaluate(`${row(seq)}.focus()`);
    const labels = `[...${row(seq)}.querySelectorAll(".actions button")].map((each) => each.ariaLabel)`;
    const shown = await tab.evaluate<string[]>(labels);
    expect(shown).toContain("Reply");
    expect(shown).not.toContain("Edit");
    expect(shown).not.toContain("Delete");
  });

  test("another's message can be reported, with words of one's own", async () => {
    const { seq } = await bo.post("something bad");
    await until(tab, `${row(seq)}`);
    await choose(seq, "Report");
    await until(tab, `document.querySelector("#report")?.open`);
    await tab.evaluate(`(document.querySelector("#report [name=more]").focus(), 0)`);
    await tab.type("rude");
    await tab.press("Enter");
    const answer = `document.querySelector("#report .happened")?.textContent`;
    await until(tab, `${answer} === "Thank you. Someone will look at it."`);
    await tab.press("Escape");
  });

  test("a reaction is counted with who gave it, and taken back by pressing it again", async () => {
    const { seq } = await bo.post("It is done.");
    bo.send({ type: "react", seq, emoji: "🎉", on: true });
    const party = `${row(seq)}?.querySelector("[data-emoji='🎉']")`;
    await until(tab, `${party}?.title === "Bo"`);
    await tab.click(`[id="${seq}"] [data-emoji='🎉']`);
    await until(tab, `${party}.getAttribute("aria-pressed") === "true"`);
    expect(await tab.evaluate(`${party}.title`)).toBe("Bo and Ada");
    await tab.click(`[id="${seq}"] [data-emoji='🎉']`);
    await until(tab, `${party}.title === "Bo"`);
  });

  test("a spoiler shows what it hides when it is pressed", async () => {
    const { seq } = await bo.post("the end: ||he wakes up||");
    await until(tab, `${row(seq)}?.querySelector(".spoiler")`);
    const spoiler = `${row(seq)}.querySelector(".spoiler")`;
    expect(await tab.evaluate(`getComputedStyle(${spoiler}.firstChild).visibility`)).toBe("hidden");
    await tab.click(`[id="${seq}"] .spoiler`);
    expect(await tab.evaluate(`getComputedStyle(${spoiler}.firstChild).visibility`)).not.toBe(
      "hidden",
    );
  });

  test("who is here, who types, and who has read", async () => {
    const people = `document.querySelector("#people").textContent`;
    const dora = await join(server, "act", { name: "Dora" });
    await until(tab, `${people}.includes("Dora")`);
    dora.send({ type: "typing" });
    const typing = `document.querySelector("#typing").textContent`;
    await until(tab, `${typing} === "Dora is typing …"`);
    const { seq } = await dora.post("there");
    await until(tab, `${typing} === ""`);
    bo.send({ type: "read", seq });
    await until(tab, `document.querySelector("#seen").textContent === "Read by Bo"`);
    await dora.close();
    await until(tab, `!${people}.includes("Dora")`);
  });

  test("joining and leaving are said only to those who want to hear it", async () => {
    const moved = `document.querySelectorAll("[data-notice=moved]").length`;
    const people = `document.querySelector("#people").textContent`;
    const first = await join(server, "act", { name: "Eve" });
    await until(tab, `${people}.includes("Eve")`);
    await first.close();
    await until(tab, `!${people}.includes("Eve")`);
    expect(await tab.evaluate(moved)).toBe(0);
    await openSettings(tab);
    await tab.evaluate(
      `[...document.querySelectorAll("#settings label")].find((each) => each.textContent.includes("comes and goes")).click()`,
    );
    await tab.press("Escape");
    const eve = await join(server, "act", { name: "Eve" });
    await until(tab, `${moved} === 1`);
    await eve.close();
    await until(tab, `${moved} === 2`);
  });

  test("by keys alone: to a message, a reply, the list of keys", async () => {
    const { seq } = await bo.post("key me");
    await until(tab, `${row(seq)}`);
    await tab.evaluate(`document.querySelector("#text").focus()`);
    await tab.press("ArrowUp", { modifiers: ["Alt"] });
    expect(await tab.evaluate("document.activeElement.id")).toBe(String(seq));
    await tab.press("?");
    await until(tab, `document.querySelector("#help").open`);
    await tab.press("Escape");
    await tab.evaluate(`${row(seq)}.focus()`);
    await tab.press("r");
    expect(await tab.evaluate("document.activeElement.id")).toBe("text");
    expect(await tab.evaluate(`document.querySelector("#context").hidden`)).toBe(false);
    await tab.press("Escape");
    expect(await tab.evaluate(`document.querySelector("#context").hidden`)).toBe(true);
  });

  test("out of sight, the title counts; a mention of me is marked", async () => {
    await tab.evaluate(
      `(Object.defineProperty(document, "hasFocus", { value: () => false, configurable: true }), 0)`,
    );
    const { seq } = await bo.post("@ada are you there?");
    await until(tab, `document.title.startsWith("(1)")`);
    await until(tab, `${row(seq)}?.classList.contains("mentions")`);
    await tab.evaluate(`(delete document.hasFocus, dispatchEvent(new Event("focus")))`);
    await until(tab, `document.title === "act · chatroom"`);
  });

  test("a command is found in the list, answered here alone, and leaves nothing waiting", async () => {
    await type(tab, "/wh");
    await until(tab, `document.querySelector("#suggestions").textContent.includes("Who is here")`);
    await tab.press("Tab");
    await tab.press("Enter");
    const answer = `[...document.querySelectorAll("[data-notice=answer]")].at(-1)?.textContent`;
    await until(tab, `${answer}?.includes("Bo")`);
    await until(tab, `${PENDING}.length === 0`);
    expect(bo.texts).not.toContain("/who");
  });

  test("a name for this visit is the one that mentions call", async () => {
    await write(tab, "/nick Countess");
    await until(tab, `document.querySelector("#people").textContent.includes("Countess")`);
    const { seq } = await bo.post("@countess, please");
    await until(tab, `${row(seq)}?.classList.contains("mentions")`);
  });

  test("what was said is found, by its words, and leads to where it was said", async () => {
    const { seq } = await bo.post("the **zebra** is in the garden, 在花园里");
    for (let at = 0; at < 3; at += 1) await bo.post(`nothing of it ${at}`);
    await until(tab, shows("nothing of it 2"));
    await tab.evaluate(`document.activeElement.blur()`);
    await tab.press("k", { modifiers: ["Control"] });
    await until(tab, `document.querySelector("#search").open`);
    const found = `[...document.querySelectorAll("#found a")].map((each) => each.hash + each.querySelector("span").textContent)`;
    for (const words of ["zebra garden", "花园"]) {
      await tab.evaluate(`document.querySelector("#search-for").select()`);
      await tab.type(words);
      await until(tab, `${found}.join() === "#${seq}the zebra is in the garden, 在花园里"`);
    }
    await tab.evaluate(`document.querySelector("#search-for").select()`);
    await tab.type("unicorn");
    await tab.press("Enter");
    await until(tab, `document.querySelector("#search-status").textContent === "Nothing found."`);
    expect(await tab.evaluate(found)).toEqual([]);
    await tab.evaluate(`document.querySelector("#search-for").select()`);
    await tab.type("zebra");
    await until(tab, `${found}.length === 1`);
    await tab.click("#found a");
    await until(
      tab,
      `!document.querySelector("#search").open && document.activeElement.id === "${seq}"`,
    );
  });

  test("a new name is heard by the others, and the page stays in the room", async () => {
    await openSettings(tab);
    await tab.click("#settings .pair button");
    await tab.evaluate(`(document.querySelector("#name").value = "Lovelace")`);
    await tab.press("Enter");
    await bo.next(
      "presence",
      ({ joined }) => joined?.some(({ name }) => name === "Lovelace") ?? false,
    );
    await write(tab, "it is me");
    expect((await bo.next("message", ({ text }) => text === "it is me")).author.name).toBe(
      "Lovelace",
    );
    expect(
      await tab.evaluate(`document.querySelectorAll("[data-notice=disconnected]").length`),
    ).toBe(0);
  });

  test("told not to come back, it says why and waits to be asked", async () => {
    await tab.evaluate(`(window.Real = WebSocket, window.WebSocket = class extends Real {
      constructor(...all) { super(...all); setTimeout(() => this.onclose?.({ code: 4500 }), 50); }
    }, 0)`);
    await tab.click("#leave");
    await tab.click("#rejoin");
    await until(tab, `document.querySelector("#left").textContent.includes("asked to leave")`);
    await Bun.sleep(800);
    expect(await tab.evaluate(STATE)).toBe("closed");
    await tab.evaluate(`(window.WebSocket = Real, 0)`);
    await tab.click("#rejoin");
    await until(tab, `${STATE} === "open"`);
    expect(await tab.evaluate(TEXT)).toBe("");
    expect(await tab.evaluate<string[]>(BODIES)).toContain("it is me");
  });
});
