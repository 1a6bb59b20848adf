import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Finding, fetchAxe, findings } from "../support/browser/axe.ts";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { guest, join } from "../support/people/client.ts";
import { picture, upload } from "../support/files.ts";
import { openSettings, PENDING, visit, write } from "../support/browser/page.ts";
import { administrator } from "../support/people/people.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

const axe = canBrowse ? await fetchAxe() : null;

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 700 };
/** Each language, theme and width once: contrast is the theme's, names are the language's. */
const LOOKS = [
  { language: "en", theme: "light", size: WIDE },
  { language: "zh", theme: "dark", size: PHONE },
] as const;

describe.skipIf(axe === null)("axe-core finds nothing serious or critical", () => {
  let server: Server;
  let tab: Bun.WebView;
  beforeAll(async () => {
    const handlers = await temporaryFolder();
    const picky = `export default ({ text }) =>
      text === "forbidden" ? { refuse: "Not that word." } : text === "ask" ? { reply: "Answered." } : {};`;
    await Bun.write(`${handlers}/picky.ts`, picky);
    server = await Server.start({ args: ["--handlers", handlers, "--limits", "off"] });
    const boss = await administrator(server);
    tab = openTab(WIDE);
    await tab.navigate(server.url);
    for (const pair of boss.cookie.split("; ")) {
      const [name = "", value = ""] = pair.split("=");
      await tab.cdp("Network.setCookie", { url: server.url, name, value });
    }
    await talk(server);
    const token = { verb: "token", name: "builder", room: "fair" };
    await boss.submit("admin/tokens", "admin/tokens", token);
    const bot = { verb: "bot-token", name: "Weaver", scopes: "read post", rooms: "fair" };
    const made = await boss.submit("admin/bots", "admin/bots", bot);
    const secret = /chatroom_[\w-]{43}/.exec(made.text)?.[0] ?? "";
    const weaver = await join(server, "fair", { headers: { authorization: `Bearer ${secret}` } });
    await weaver.post("I am a program.");
  }, 60_000);
  afterAll(async () => {
    tab.close();
    await server[Symbol.asyncDispose]();
  });

  /** Looks at the page as it is. */
  const look = async (state: string, found: Map<string, readonly Finding[]>) => {
    const here = await findings(tab, axe ?? "");
    if (here.length > 0) found.set(state, here);
  };

  test("in a page where there is something to find", async () => {
    await tab.navigate(server.url);
    await tab.evaluate(
      `(document.querySelector("label").remove(), document.querySelector(".lead").style.color = "#eee", 0)`,
    );
    const rules = (await findings(tab, axe ?? "")).map(({ rule }) => rule);
    expect(rules).toContain("color-contrast");
  });

  for (const { language, theme, size } of LOOKS) {
    test(`in any page or dialog, ${language}, ${theme}, ${size.width} wide`, async () => {
      const found = new Map<string, readonly Finding[]>();
      await tab.resize(size.width, size.height);
      const features = [{ name: "prefers-color-scheme", value: theme }];
      await tab.cdp("Emulation.setEmulatedMedia", { features });
      const headers = `{ "content-type": "application/x-www-form-urlencoded" }`;
      await tab.navigate(server.url);
      await tab.evaluate(
        `fetch("me", { method: "POST", headers: ${headers}, body: "language=${language}" })`,
      );

      await visit(tab, `${server.url}rooms/fair`);
      await write(tab, "forbidden");
      await write(tab, "ask");
      await until(
        tab,
        `${PENDING}.includes("failed") && document.querySelector("#log .reactions")`,
      );
      await look("room", found);
      await tab.evaluate(`(() => { const data = new DataTransfer();
        for (const [name, content] of [["a.txt", "a"], ["empty.txt", ""]]) data.items.add(new File([content], name));
        document.querySelector("#text").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true })); })()`);
      await until(tab, `document.querySelector("#attached [data-state=failed]")`);
      await look("files to send", found);
      await tab.evaluate(
        `[...document.querySelectorAll("#attached .icon-button")].forEach((each) => each.click())`,
      );
      await tab.evaluate(`document.querySelector("#log a.picture").click()`);
      await until(tab, `document.querySelector("#large").open`);
      await look("a picture, large", found);
      await tab.press("Escape");
      await tab.evaluate(`[...document.querySelectorAll("#log [data-seq]")].at(-1).focus()`);
      await until(tab, `document.querySelector("#log .actions")`);
      await look("message menu", found);
      await tab.evaluate(`document.querySelector("#log .actions button:last-child").click()`);
      await until(tab, `document.querySelector("#menu")?.open`);
      await look("menu of a message", found);
      await tab.press("Escape");
      await tab.evaluate(`document.querySelector("#log [data-seq] .avatar").click()`);
      await until(tab, `document.querySelector("#card .presses .grave")`);
      await look("card of a person", found);
      await tab.evaluate(`document.querySelector("#card .presses .grave").click()`);
      await until(tab, `document.querySelector("#card form")`);
      await look("form of a ban", found);
      await tab.press("Escape");
      await tab.evaluate(`document.querySelector("#show-room").click()`);
      await until(tab, `document.querySelector("#room-panel")?.open`);
      await tab.evaluate(
        `document.querySelectorAll("#room-panel summary").forEach((each) => each.click())`,
      );
      await until(tab, `document.querySelector("#room-panel .qr")`);
      await look("panel of the room", found);
      await tab.press("Escape");
      await tab.click("#show-emoji");
      await until(tab, `document.querySelector("#emoji").contains(document.activeElement)`);
      await look("emoji", found);
      await tab.press("Escape");
      await tab.evaluate(`document.querySelector("#text").focus()`);
      await tab.type("@a");
      await until(tab, `!document.querySelector("#suggestions").hidden`);
      await look("suggestions", found);
      await tab.evaluate(
        `(document.querySelector("#text").value = "", document.activeElement.blur())`,
      );
      if (size === PHONE) {
        await tab.click("#show-people");
        await look("people", found);
        await tab.click("#show-people");
      }
      if (size === PHONE) {
        await tab.click("#show-rooms");
        await look("rooms and people", found);
        await tab.press("Escape");
        await tab.click("#more");
        await look("menu of the room", found);
      }
      await tab.click("#show-search");
      await tab.type("one");
      await until(tab, `document.querySelector("#found a")`);
      await look("search", found);
      await tab.press("Escape");
      await tab.evaluate(`document.querySelector("#show-inbox").click()`);
      await until(tab, `document.querySelector("#inbox [data-item]")`);
      await look("inbox", found);
      await tab.press("Escape");
      if (size === PHONE) await tab.click("#show-rooms");
      await openSettings(tab);
      await look("settings", found);
      await tab.press("Escape");
      await tab.evaluate(`document.activeElement.blur()`);
      await tab.press("?");
      await until(tab, `document.querySelector("#help").open`);
      await look("help", found);
      await tab.press("Escape");
      if (size === PHONE) await tab.click("#more");
      await tab.click("#leave");
      await look("out of the room", found);

      for (const path of ["", "nothing/here", "account/", "api/", ...sections]) {
        await tab.navigate(server.url + path);
        if (path.startsWith("admin/")) await until(tab, `document.querySelector("#main h1")`);
        await look(path || "lobby", found);
      }
      expect(Object.fromEntries(found)).toEqual({});
    }, 60_000);
  }
});

const sections = [
  "admin/",
  ...[
    "rooms",
    "here",
    "people",
    "reports",
    "bans",
    "invitations",
    "bots",
    "tokens",
    "audit",
    "handlers",
  ].map((name) => `admin/${name}`),
  "admin/settings",
];

/** One of everything that a log can hold. */
async function talk(server: Server): Promise<void> {
  const cookie = await guest(server);
  const ada = await join(server, "fair", { name: "Ada", cookie });
  const bo = await join(server, "fair", { name: "小雨" });
  const first = await ada.post(
    "Morning! **Bold**, *italic*, ~~gone~~, `code`, https://example.org/",
  );
  await ada.post("```\nlet a = 1;\n```\n\n> quoted\n\n- one\n- two\n\n||he wakes up||");
  await bo.post("That is so. @boss", { replyTo: first.seq });
  bo.send({ type: "report", seq: first.seq, reason: "too early", ref: "1" });
  await bo.next("done");
  const gone = await bo.post("a mistake");
  bo.send({ type: "delete", seq: gone.seq });
  const late = await bo.post("a typo hear");
  bo.send({ type: "edit", seq: late.seq, text: "a typo here" });
  ada.send({ type: "react", seq: late.seq, emoji: "👍", on: true });
  await bo.post("😂😂");
  const wav = `RIFF____WAVEfmt ${"_".repeat(99)}`;
  const files: string[] = [];
  for (const [name, body] of [
    ["seal.png", await picture(900, 600)],
    ["a sound.wav", wav],
    ["a film.mp4", "____ftypisom"],
    ["notes.pdf", "%PDF-1.7"],
  ] as const) {
    files.push((await upload(server, "fair", name, body, { cookie })).file.id);
  }
  ada.send({ type: "send", id: "files", text: "", files });
  await Promise.all([ada.fence(), bo.fence()]);
}
