import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { seed } from "../bench/parts/seed.ts";
import { canBrowse, until } from "../support/browser/browser.ts";
import { openRoom, visit } from "../support/browser/page.ts";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(30_000);

const MANY = 100_000;
/** Rows in the page at the most: those of messages, and the lines between them. */
const MOST = 200;
const SEQS = `[...document.querySelectorAll("#log [data-seq]")].map((each) => Number(each.dataset.seq))`;

interface Scrolled {
  /** Rows in the page, the most there ever were. */
  readonly rows: number;
  /** The longest time between two frames, ms. */
  readonly longest: number;
  readonly frames: number;
  readonly first: number;
  readonly last: number;
  /** Whether the messages in the page were ever other than one unbroken stretch. */
  readonly broken: boolean;
}

/** As a wheel does: so many pixels each frame, for some seconds; what is looked at after each. */
const scrolled = (pixels: number, seconds: number) => `(async () => {
  const box = document.querySelector("#scroller");
  const frame = () => new Promise(requestAnimationFrame);
  const seen = { rows: 0, longest: 0, frames: 0, broken: false };
  const end = performance.now() + ${seconds * 1000};
  for (let before = await frame(); performance.now() < end; seen.frames += 1) {
    box.scrollTop += ${pixels};
    const now = await frame();
    seen.longest = Math.max(seen.longest, now - before);
    before = now;
    seen.rows = Math.max(seen.rows, document.querySelectorAll("#log > li").length);
    const seqs = ${SEQS};
    seen.broken ||= seqs.some((seq, at) => seq !== seqs[0] + at);
  }
  const seqs = ${SEQS};
  return { ...seen, first: seqs[0], last: seqs.at(-1) };
})()`;

/** Whether a message is in sight, and has the focus. */
const isAt = (seq: number) => `(() => {
  const box = document.querySelector("#scroller").getBoundingClientRect();
  const { top, bottom } = document.getElementById("${seq}").getBoundingClientRect();
  return top >= box.top && bottom <= box.bottom && document.activeElement.id === "${seq}";
})()`;

describe.skipIf(!canBrowse)(`a room of ${MANY.toLocaleString("en")} messages`, () => {
  let server: Server;
  let tab: Bun.WebView;
  let address: string;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    await seed(Number(new URL(server.url).port), "long", MANY);
    tab = await openRoom(server, "long", "Grace", "localhost");
    address = String(await tab.evaluate("location.href"));
  }, 60_000);
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const rows = () => tab.evaluate<number>(`document.querySelectorAll("#log > li").length`);

  test("opens at its end, with what is near in the page and nothing else", async () => {
    await until(tab, `${SEQS}.at(-1) === ${MANY}`);
    expect(await rows()).toBeLessThan(MOST);
  });

  test("scrolled up and down again, it never holds more, and lacks none between", async () => {
    const up = await tab.evaluate<Scrolled>(scrolled(-400, 3));
    console.info(`up: ${JSON.stringify(up)}`);
    expect(up.first).toBeLessThan(MANY - 500);
    const down = await tab.evaluate<Scrolled>(scrolled(500, 2));
    console.info(`down: ${JSON.stringify(down)}`);
    expect(down.last).toBeGreaterThan(up.last);
    for (const { rows, broken, frames } of [up, down]) {
      expect(rows).toBeLessThan(MOST);
      expect(broken).toBe(false);
      expect(frames).toBeGreaterThan(10);
    }
  });

  test("an address with a message in the middle opens there, and reads on both ways", async () => {
    await tab.navigate("about:blank");
    const begun = performance.now();
    await visit(tab, `${address}#${MANY / 2}`);
    await until(tab, isAt(MANY / 2));
    console.info(`opened at #${MANY / 2} in ${Math.round(performance.now() - begun)} ms`);
    expect(await rows()).toBeLessThan(MOST);
    const up = await tab.evaluate<Scrolled>(scrolled(-400, 1));
    const down = await tab.evaluate<Scrolled>(scrolled(400, 2));
    expect(up.first).toBeLessThan(MANY / 2 - 50);
    expect(down.last).toBeGreaterThan(MANY / 2 + 50);
    for (const { rows, broken } of [up, down]) expect([rows < MOST, broken]).toEqual([true, false]);
  });

  test("from message to message, wherever they are, and back to the end", async () => {
    const times: number[] = [];
    for (const seq of [1, 99_000, 12_345, 77_777, 3, 50_001]) {
      const begun = performance.now();
      await tab.evaluate(`(location.hash = "#${seq}", 0)`);
      await until(tab, isAt(seq));
      times.push(Math.round(performance.now() - begun));
      expect(await rows()).toBeLessThan(MOST);
    }
    console.info(`jumps: ${times.join(", ")} ms`);
    await tab.click("#newer");
    await until(tab, `${SEQS}.at(-1) === ${MANY}`);
    expect(await rows()).toBeLessThan(MOST);
  });
});
