import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import {
  BODIES,
  openRoom,
  PENDING,
  shows,
  STATE,
  TEXT,
  type,
  visit,
  write,
} from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

const row = (seq: number) => `document.getElementById("${seq}")`;
const FOCUS = "document.activeElement.id";
const fill = (text: string) =>
  `(() => { const box = document.querySelector("#text"); box.value = ${JSON.stringify(text)}; box.dispatchEvent(new Event("input")); })()`;

describe.skipIf(!canBrowse)("the composer and the keyboard", () => {
  let server: Server;
  let tab: Bun.WebView;
  let bo: Awaited<ReturnType<typeof join>>;
  let address: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    bo = await join(server, "desk", { name: "Bo" });
    tab = await openRoom(server, "desk", "Ada");
    address = String(await tab.evaluate("location.href"));
  });
  afterAll(async () => {
    tab.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });

  test("the message box has the focus on arrival", async () => {
    await visit(tab, address);
    expect(await tab.evaluate(FOCUS)).toBe("text");
  });

  test("what is typed while nothing has the focus goes into the message box", async () => {
    await tab.evaluate("document.activeElement.blur()");
    await tab.press("h");
    await tab.press("i");
    expect(await tab.evaluate(TEXT)).toBe("hi");
    await tab.evaluate(fill(""));
  });

  test("a message is pressed, then typed: every letter goes into the message box", async () => {
    const { seq } = await bo.post("press me");
    await until(tab, `${row(seq)}`);
    await tab.click(`[id="${seq}"] .body`);
    for (const letter of "ready") await tab.press(letter);
    expect(await tab.evaluate(TEXT)).toBe("ready");
    expect(await tab.evaluate(`document.querySelector("#context").hidden`)).toBe(true);
    await tab.evaluate(fill(""));
  });

  test("too long a text is counted before it is sent, and stays in the message box", async () => {
    const left = `document.querySelector("#characters-left").textContent`;
    await tab.evaluate(fill("a".repeat(7_000)));
    expect(await tab.evaluate(left)).toBe("");
    await tab.evaluate(fill("界".repeat(7_990)));
    expect(await tab.evaluate(left)).toBe("10");
    await tab.evaluate(fill("a".repeat(8_001)));
    expect(await tab.evaluate(left)).toBe("-1");
    await tab.evaluate(`document.querySelector("#composer").requestSubmit()`);
    await until(tab, `document.querySelector("#toast").textContent.includes("8000")`);
    expect(await tab.evaluate(PENDING)).toEqual([]);
    expect(await tab.evaluate(`${TEXT}.length`)).toBe(8_001);
    await tab.evaluate(fill(""));
  });

  test("the toolbar of a message is one stop for Tab, and the arrows lead along it", async () => {
    const { seq } = await bo.post("a bar");
    await until(tab, `${row(seq)}`);
    await tab.evaluate(`${row(seq)}.focus()`);
    const stops = `[...${row(seq)}.querySelectorAll(".actions button")].filter((each) => each.tabIndex === 0).length`;
    expect(await tab.evaluate(stops)).toBe(1);
    const label = "document.activeElement.ariaLabel";
    const at = `[...${row(seq)}.querySelectorAll(".actions button")].indexOf(document.activeElement)`;
    await tab.evaluate(`${row(seq)}.querySelector(".actions button").focus()`);
    await tab.press("ArrowRight");
    expect(await tab.evaluate(at)).toBe(1);
    await tab.press("End");
    const last = await tab.evaluate(label);
    await tab.press("ArrowRight");
    expect(await tab.evaluate(at)).toBe(0);
    await tab.press("ArrowLeft");
    expect(await tab.evaluate(label)).toBe(last);
    expect(await tab.evaluate(stops)).toBe(1);
  });

  test("two tabs have a draft each; a new one takes over what a closed one left", async () => {
    await visit(tab, address);
    await type(tab, "mine");
    const other = openTab();
    await visit(other, address);
    expect(await other.evaluate(TEXT)).toBe("");
    await type(other, "theirs");
    await visit(tab, address);
    expect(await tab.evaluate(TEXT)).toBe("mine");
    await write(tab, " and sent");
    await until(tab, shows("mine and sent"));
    await visit(other, address);
    expect(await other.evaluate(TEXT)).toBe("theirs");
    await other.navigate("about:blank");
    other.close();
    const next = openTab();
    await visit(next, address);
    expect(await next.evaluate(TEXT)).toBe("theirs");
    next.close();
  });

  test("a word of the page does not cover the field that it is about", async () => {
    await visit(tab, address);
    await tab.click("#show-settings");
    await tab.click("#settings .pair button");
    await tab.evaluate(`(document.querySelector("#name").value = "\\u202e")`);
    await tab.press("Enter");
    await until(tab, `document.querySelector("#toast").textContent !== ""`);
    const covered = `["#name", "#text"].some((each) => {
      const field = document.querySelector(each).getBoundingClientRect();
      const toast = document.querySelector("#toast").getBoundingClientRect();
      return field.top < toast.bottom && toast.top < field.bottom;
    })`;
    expect(await tab.evaluate(covered)).toBe(false);
  });
});

describe.skipIf(!canBrowse)("rooms that let not everyone in", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    tab = await openRoom(server, "客厅", "Ada");
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  test("the address of a Chinese room is read without percent signs", async () => {
    const shown = await tab.evaluate<string>(`document.querySelector("#address").textContent`);
    expect(shown).toEndWith("/rooms/客厅");
  });

  test("a room that nobody comes into by its address does not offer it", async () => {
    expect(await tab.evaluate(`document.querySelector("#copy-address").hidden`)).toBe(false);
    const account = openTab();
    await account.navigate(new URL("account/", server.url).href);
    await account.evaluate(`(() => {
      const form = document.querySelector('form[action="./claim"]');
      form.elements.name.value = "Ada";
      form.elements.password.value = "correct horse battery";
      form.requestSubmit();
    })()`);
    await until(account, `document.querySelector('form[action="./sign-out"]') !== null`);
    account.close();
    await visit(tab, new URL("rooms/inner", server.url).href);
    await write(tab, "/close members");
    await until(tab, `document.querySelector("#copy-address").hidden`);
    await visit(tab, new URL("rooms/inner", server.url).href);
    expect(await tab.evaluate(`document.querySelector("#bring-in").innerText`)).toContain(
      "/invite",
    );
    expect(await tab.evaluate(`document.querySelector("#bring-in").innerText`)).not.toContain(
      "/rooms/",
    );
  });

  test("put out of a room, the page shows nobody as being here or typing", async () => {
    await visit(tab, new URL("rooms/inner", server.url).href);
    await until(tab, `${STATE} === "open"`);
    await tab.click("#leave");
    await until(tab, `${STATE} === "closed"`);
    expect(await tab.evaluate(`document.querySelectorAll("#people li").length`)).toBe(0);
    expect(await tab.evaluate(`document.querySelector("#typing").textContent`)).toBe("");
    expect(await tab.evaluate<string[]>(BODIES)).toEqual([]);
  });
});
