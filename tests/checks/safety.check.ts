import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { personName } from "../../lib/model/people/person.ts";
import { canBrowse, until } from "../support/browser/browser.ts";
import { join } from "../support/people/client.ts";
import { openRoom, shows, visit } from "../support/browser/page.ts";
import { PAYLOADS } from "../support/browser/payloads.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

const HITS = "window.hits ?? 0";
/** Elements that nothing in a log may be, and attributes that nothing may have. */
const FOREIGN = `[...document.querySelectorAll("#log *, #people *, #rooms-list *, #pending *")].filter((each) =>
  ["SCRIPT", "IFRAME", "IMG", "OBJECT", "EMBED", "VIDEO", "AUDIO", "BODY", "FORM", "STYLE", "LINK", "META", "BASE", "MATH", "INPUT", "SELECT", "DETAILS", "MARQUEE"].includes(each.tagName.toUpperCase())
  || [...each.attributes].some(({ name, value }) => name.startsWith("on") || name === "style" || /^\\s*(?:javascript|data|vbscript):/i.test(value))
).map((each) => each.outerHTML)`;

describe.skipIf(!canBrowse)(`${PAYLOADS.length} attacks run nothing`, () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    const handlers = await temporaryFolder();
    const repeat = "export default ({ text }) => ({ reply: text, say: text });";
    await Bun.write(`${handlers}/repeat.ts`, repeat);
    server = await Server.start({ args: ["--limits", "off", "--handlers", handlers] });
    tab = await openRoom(server, "safe", "Ada");
  });
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });
  const arm = () => tab.evaluate(`(window.hits = 0, window.hit = () => { window.hits += 1; }, 0)`);
  const poke = () =>
    tab.evaluate(`(() => { for (const each of document.querySelectorAll("#log .body, #log .body *, #log .name, #log .quote")) {
      for (const type of ["mouseover", "focus", "click"]) if (!(each instanceof HTMLAnchorElement && type === "click")) each.dispatchEvent(new Event(type, { bubbles: true }));
    } })()`);
  const clean = async () => {
    expect(await tab.evaluate(FOREIGN)).toEqual([]);
    expect(await tab.evaluate(HITS)).toBe(0);
  };

  test("as text, as what a handler says and answers, live and on a page that is loaded again", async () => {
    await arm();
    const mallory = await join(server, "safe", { name: "Mallory" });
    for (let from = 0; from < PAYLOADS.length; from += 16) {
      const some = PAYLOADS.slice(from, from + 16);
      for (const payload of some) {
        mallory.say(payload);
        mallory.say(`**x** ${payload}`);
      }
      const end = `part ${from}`;
      await mallory.post(end);
      await until(tab, shows(end));
      await poke();
      await clean();
    }
    await visit(tab, String(await tab.evaluate(`location.href.replace(/#.*/, "")`)));
    await arm();
    await until(tab, `document.querySelectorAll("#log [data-seq]").length > 10`);
    await poke();
    await clean();
    await mallory.close();
  }, 60_000);

  test("as a name", async () => {
    await arm();
    const names = PAYLOADS.map((payload) => payload.slice(0, 32)).filter(
      (name) => typeof personName(name) === "string",
    );
    expect(names.length).toBeGreaterThan(100);
    for (const name of names.slice(0, 120)) {
      const person = await join(server, "safe", { name });
      await person.post(`from ${name}`);
      person.send({ type: "typing" });
      await person.close();
    }
    await until(tab, `document.querySelectorAll("#log .name").length > 20`);
    await poke();
    await clean();
  }, 60_000);

  test("as an address: of a room, of a message, of where to go next", async () => {
    for (const payload of PAYLOADS.slice(0, 60)) {
      for (const path of [
        `rooms/${encodeURIComponent(payload)}`,
        `index/?num=${encodeURIComponent(payload)}`,
        `rooms/?room=${encodeURIComponent(payload)}`,
      ]) {
        const html = await (
          await fetch(new URL(path, server.url), { headers: { accept: "text/html" } })
        ).text();
        expect(html).not.toContain("hit()");
      }
    }
    await arm();
    for (const payload of PAYLOADS.slice(0, 60)) {
      await tab.evaluate(`(location.hash = ${JSON.stringify(`#${payload}`)}, 0)`);
    }
    await clean();
  });

  test("as HTML that a server sends: the page has a wall of its own", async () => {
    await arm();
    const all = JSON.stringify(PAYLOADS.join("<p>x</p>"));
    await tab.evaluate(`(window.Real = WebSocket, window.WebSocket = class extends Real {
      set onmessage(take) { super.onmessage = take && ((event) => {
        const frame = JSON.parse(event.data);
        if (frame.type === "welcome") { frame.recovered = false; delete frame.events; frame.messages = [{ type: "message", seq: frame.seq, id: "x", author: { id: "m", name: "M" }, text: "x", at: 1, html: ${all} }]; }
        take({ data: JSON.stringify(frame) });
      }); }
    }, 0)`);
    // A name that was pressed opens the card of its bearer.
    await tab.evaluate(`document.querySelectorAll("dialog[open]").forEach((each) => each.close())`);
    await tab.click("#leave");
    await tab.click("#rejoin");
    await until(tab, `document.querySelectorAll("#log [data-seq]").length === 1`);
    await poke();
    await clean();
  });
});
