import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until, drawn } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openRoom, shows, visit, write } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

/** As many as make the point: the page reads 50 at a time. A check, `long.check.ts`, has 100,000. */
const MANY = 5_000;
const ROWS = `document.querySelectorAll("#log > li").length`;
const SEQS = `[...document.querySelectorAll("#log [data-seq]")].map((each) => Number(each.dataset.seq))`;
const scroll = (to: string) =>
  `(() => { const box = document.querySelector("#scroller"); box.scrollTop = ${to}; })()`;
const BELOW = `(() => { const box = document.querySelector("#scroller"); return box.scrollHeight - box.scrollTop - box.clientHeight; })()`;
const topOf = (seq: number) => `document.getElementById("${seq}").getBoundingClientRect().top`;

describe.skipIf(!canBrowse)("reading", () => {
  let server: Server;
  let tab: Bun.WebView;
  let ada: Awaited<ReturnType<typeof join>>;
  let address: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    ada = await join(server, "long", { name: "Ada" });
    for (let from = 0; from < MANY; from += 64 * 50) {
      for (let at = from; at < Math.min(MANY, from + 64 * 50); at += 64) {
        const frames = Array.from({ length: Math.min(64, MANY - at) }, (_, index) => {
          return { type: "send", id: `m${at + index + 1}`, text: `message ${at + index + 1}` };
        });
        ada.send(frames);
      }
      await ada.fence();
    }
    await ada.next("message", ({ id }) => id === `m${MANY}`, 60_000);
    tab = await openRoom(server, "long", "Grace", "localhost");
    address = String(await tab.evaluate("location.href"));
  }, 90_000);
  afterAll(async () => {
    tab.close();
    await ada.close();
    await server[Symbol.asyncDispose]();
  });

  test("begins at the end, with only what is near in the page", async () => {
    await until(tab, shows(`message ${MANY}`));
    await until(tab, `${BELOW} < 2`);
    expect(Number(await tab.evaluate(ROWS))).toBeLessThan(200);
  });

  test("older ones come in above without moving what is looked at", async () => {
    const first = async () => Math.min(...(await tab.evaluate<number[]>(SEQS)));
    for (let turn = 0; turn < 8; turn += 1) {
      const before = await first();
      // As a reader does who is pulled back to the end while it settles: once more.
      for (let tries = 0; tries < 20 && (await first()) >= before; tries += 1) {
        await tab.evaluate(scroll("700"));
        await Bun.sleep(100);
      }
      await until(tab, `Math.min(...${SEQS}) < ${before}`);
      const seen = before + 2;
      const top = Number(await tab.evaluate(topOf(seen)));
      await drawn(tab);
      expect(Math.abs(Number(await tab.evaluate(topOf(seen))) - top)).toBeLessThan(2);
    }
    expect(Number(await tab.evaluate(ROWS))).toBeLessThan(200);
    const seqs = await tab.evaluate<number[]>(SEQS);
    expect(seqs).toEqual(Array.from(seqs, (_, at) => (seqs[0] ?? 0) + at));
  });

  test("new ones do not move it either; a button says how many, and takes one down", async () => {
    const [, , seen = 0] = await tab.evaluate<number[]>(SEQS);
    await tab.evaluate(`document.getElementById("${seen}").scrollIntoView()`);
    await drawn(tab);
    const top = Number(await tab.evaluate(topOf(seen)));
    for (const text of ["new 1", "new 2", "new 3"]) await ada.post(text);
    await until(tab, `document.querySelector("#newer").textContent.trim() === "3 new messages"`);
    expect(Math.abs(Number(await tab.evaluate(topOf(seen))) - top)).toBeLessThan(2);
    await tab.click("#newer");
    await until(tab, shows("new 3"));
    await until(tab, `document.querySelector("#newer").hidden`);
    expect(Number(await tab.evaluate(BELOW))).toBeLessThan(2);
  });

  test("a reader at the end stays at the end", async () => {
    for (let at = 0; at < 30; at += 1) await ada.post(`more ${at}`);
    await until(tab, shows("more 29"));
    expect(Number(await tab.evaluate(BELOW))).toBeLessThan(2);
  });

  test("a link to a message opens there, and one can read on down from it to the end", async () => {
    await tab.navigate("about:blank");
    await visit(tab, `${address}#500`);
    await until(tab, shows("message 500"));
    const top = Number(await tab.evaluate(topOf(500)));
    expect(top).toBeGreaterThan(60);
    expect(top).toBeLessThan(600);
    expect(await tab.evaluate("document.activeElement.id")).toBe("500");
    for (let turn = 0; turn < 20; turn += 1) {
      await tab.evaluate(scroll("1e9"));
      await Bun.sleep(50);
      if ((await tab.evaluate(shows("message 800"))) === true) break;
    }
    await until(tab, shows("message 800"));
    expect(Number(await tab.evaluate(ROWS))).toBeLessThan(200);
    const seqs = await tab.evaluate<number[]>(SEQS);
    expect(seqs).toEqual(Array.from(seqs, (_, at) => (seqs[0] ?? 0) + at));
    await tab.click("#newer");
    await until(tab, shows("more 29"));
  });

  test("a link to what is not there says so", async () => {
    await tab.evaluate(`(location.hash = "#99999999")`);
    await until(
      tab,
      `document.querySelector("#toast").textContent === "That message is not here."`,
    );
  });

  test("where reading stopped, a line says so the next time", async () => {
    await visit(tab, address);
    await until(tab, `document.querySelector("#newer").hidden`);
    await write(tab, "I was here");
    await until(tab, shows("I was here"));
    await tab.navigate(server.url.replace("127.0.0.1", "localhost"));
    // Said where nobody waits for it to come back: what is one's own is not new.
    const form = `{ method: "POST", body: new URLSearchParams({ text: "bye" }), redirect: "manual" }`;
    await tab.evaluate(`fetch("rooms/long", ${form}).then(() => 0)`);
    for (let at = 0; at < 5; at += 1) await ada.post(`missed ${at}`);
    await until(tab, `document.querySelector("#rooms-list")`);
    await tab.reload();
    await until(tab, `document.querySelector("#rooms-list .badge")?.textContent === "5"`);
    await visit(tab, address);
    await until(tab, shows("missed 4"));
    const after = `document.querySelector("#log .unread").nextElementSibling.querySelector(".body").textContent`;
    expect(await tab.evaluate(after)).toBe("missed 0");
    // Read is read, also after a reload.
    await tab.press("Escape");
    await until(tab, `document.querySelector("#newer").hidden`);
    await visit(tab, address);
    await until(tab, shows("missed 4"));
    expect(await tab.evaluate(`document.querySelectorAll("#log .unread").length`)).toBe(0);
  });

  test("messages of one person stand together under one name, with their day and time", async () => {
    await ada.post("first of two");
    await ada.post("second of two");
    await until(tab, shows("second of two"));
    const rows = `[...document.querySelectorAll("#log [data-seq]")]`;
    expect(await tab.evaluate(`${rows}.at(-1).classList.contains("first")`)).toBe(false);
    expect(await tab.evaluate(`${rows}.at(-1).querySelector("time").dateTime`)).toStartWith("20");
    expect(await tab.evaluate(`document.querySelector("#live").textContent`)).toContain(
      "Ada: second of two",
    );
  });

  test("a word without end, and one that runs the other way, stay in their row", async () => {
    await ada.post("w".repeat(3_000));
    await ada.post("\u05d0\u05d1\u05d2 abc");
    await until(tab, shows("\u05d0\u05d1\u05d2 abc"));
    const wide = `document.querySelector("#scroller").scrollWidth - document.querySelector("#scroller").clientWidth`;
    expect(await tab.evaluate(wide)).toBe(0);
    expect(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});
