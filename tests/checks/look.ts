/**
 * Pictures of every state of the pages, to be looked at: `bun tests/checks/look.ts [folder] [state…]`.
 * In each language, light and dark, on two phones, a tablet, a laptop and a desktop, and zoomed to 200 %; beside them sheets that
 * hold the pictures of one state together.
 */
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTab, until } from "../support/browser/browser.ts";
import { join as enter } from "../support/people/client.ts";
import { BODIES, PENDING, visit, write } from "../support/browser/page.ts";
import { administrator } from "../support/people/people.ts";
import { Wire } from "../support/servers/proxy.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

const [, , folder = join(tmpdir(), "chatroom-look"), ...wanted] = Bun.argv;
await mkdir(folder, { recursive: true });

const SIZES = {
  wide: [1280, 800],
  phone: [390, 700],
  small: [320, 600],
  tablet: [768, 1000],
  desktop: [1920, 1080],
  zoom: [640, 400],
} as const;
const THEMES = ["light", "dark"] as const;
const LANGUAGES = ["en", "zh"] as const;
type Language = (typeof LANGUAGES)[number];

const TALK: Readonly<Record<Language, readonly (readonly [string, string])[]>> = {
  en: [
    ["Ada", "Morning! The reading room on the second floor is free until noon."],
    [
      "Ada",
      "The list of new books: https://example.org/a/very/long/address/that/does/not/end/new-books.html",
    ],
    ["林小雨", "太好了，我十点到 ☕"],
    [
      "Marcus",
      "Is the *blue* projector still broken?\n\n- HDMI works\n- VGA does **not**\n\n||he wakes up||",
    ],
    [
      "Ada",
      '> Is the blue projector still broken?\n\nFixed.\n```\nfor (const each of everything) console.log(each, "a line that is longer than a phone is wide");\n```',
    ],
    ["נועה", "שלום לכולם"],
    [
      "Wolfeschlegelsteinhausenbergerdo",
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    ],
    ["Marcus", "😂😂"],
  ],
  zh: [
    ["小雨", "早！二楼阅览室上午空着，一直到十二点。"],
    [
      "小雨",
      "新书单在这里：https://example.org/a/very/long/address/that/does/not/end/new-books.html",
    ],
    ["Ada", "Great, I'll be there at ten ☕"],
    ["老王", "蓝色的投影仪*还*坏着吗？\n\n- HDMI 能用\n- VGA **不行**\n\n||他醒了||"],
    [
      "小雨",
      '> 蓝色的投影仪还坏着吗？\n\n修好了。\n```\nfor (const each of everything) console.log(each, "a line that is longer than a phone is wide");\n```',
    ],
    ["נועה", "שלום לכולם"],
    [
      "名字很长很长很长很长很长很长很长很长的人",
      "好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好",
    ],
    ["老王", "😂😂"],
  ],
};

const handlers = await temporaryFolder();
await Bun.write(
  `${handlers}/picky.ts`,
  `export default ({ text }) => text === "?!" ? { refuse: "Not that word." } : text === "ask" ? { reply: "Answered, for you alone." } : {};`,
);
await using server = await Server.start({ args: ["--limits", "off", "--handlers", handlers] });
const boss = await administrator(server, "boss");
const shown = new Map<string, string[]>();

/** The state as it is now, in each theme and size. */
async function shoot(tab: Bun.WebView, language: Language, state: string): Promise<void> {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    await tab.resize(width, height);
    // The panel closes by itself where there is no room beside the log.
    if (state === "people") {
      await Bun.sleep(100);
      await tab.evaluate(
        `document.querySelector("#people").hidden && document.querySelector("#show-people").click()`,
      );
    }
    if (state === "rooms") {
      await Bun.sleep(100);
      await tab.evaluate(
        `document.querySelector("#rooms").checkVisibility() || document.querySelector("#rooms").showPopover()`,
      );
    }
    for (const theme of THEMES) {
      const features = [{ name: "prefers-color-scheme", value: theme }];
      await tab.cdp("Emulation.setEmulatedMedia", { features });
      await Bun.sleep(120);
      const wide = await tab.evaluate<number>(`document.documentElement.scrollWidth - innerWidth`);
      if (wide > 0) console.warn(`${state} ${language} ${size}: ${wide} px too wide`);
      const file = join(folder, `${state}-${size}-${language}-${theme}.png`);
      await Bun.write(file, await tab.screenshot());
      const sheet = `${state}-${size === "phone" || size === "small" ? "phones" : size}`;
      shown.set(sheet, [...(shown.get(sheet) ?? []), file]);
    }
  }
  await tab.resize(...SIZES.wide);
}

for (const language of LANGUAGES) {
  const host = language === "en" ? "127.0.0.1" : "localhost";
  using wire = await Wire.to(() => server.url, host);
  const room = language === "en" ? "123" : "图书馆";
  const people = new Map<string, Awaited<ReturnType<typeof enter>>>();
  for (const [name, text] of TALK[language]) {
    const person = people.get(name) ?? (await enter(server, room, { name }));
    people.set(name, person);
    await person.post(text);
  }
  const [first, last] = [[...people.values()][0], [...people.values()].at(-1)];
  first?.send({ type: "react", seq: 2, emoji: "👍", on: true });
  last?.send({ type: "react", seq: 2, emoji: "👍", on: true });
  last?.send({ type: "react", seq: 2, emoji: "🎉", on: true });
  await last?.post(language === "en" ? "See you at ten." : "十点见。", { replyTo: 4 });

  const tab = openTab({ width: 1280, height: 800 });
  await tab.navigate(wire.url);
  const headers = `{ "content-type": "application/x-www-form-urlencoded" }`;
  const say = (body: string) =>
    tab.evaluate(
      `fetch(new URL("/me", location.href), { method: "POST", headers: ${headers}, body: "${body}" })`,
    );
  await say(`language=${language}`);
  const address = `${wire.url}rooms/${encodeURIComponent(room)}`;
  const fill = (text: string) =>
    tab.evaluate(`(document.querySelector("#text").value = ${JSON.stringify(text)}, 0)`);
  const blur = () => tab.evaluate(`(document.activeElement.blur(), 0)`);
  const escape = async () => {
    await tab.press("Escape");
    await blur();
  };

  /** In the order in which one comes out of the other. */
  const states: Readonly<Record<string, () => Promise<unknown>>> = {
    lobby: () => tab.navigate(wire.url),
    nameless: () => visit(tab, address),
    empty: async () => {
      await say(`name=${encodeURIComponent(language === "en" ? "Grace" : "思思")}`);
      await visit(tab, `${wire.url}rooms/quiet`);
    },
    busy: async () => {
      await visit(tab, address);
      await write(tab, "ask");
      await write(tab, language === "en" ? "Sure, I will!" : "好的，没问题！");
      await until(tab, `${BODIES}.length > 9 && ${PENDING}.length === 0`);
      first?.send({ type: "typing" });
      await blur();
    },
    failed: async () => {
      await write(tab, "?!");
      await until(tab, `${PENDING}.includes("failed")`);
      await blur();
    },
    menu: async () => {
      await tab.evaluate(
        `(document.getElementById("2").focus(), document.getElementById("2").scrollIntoView({ block: "center" }), 0)`,
      );
      await Bun.sleep(200);
    },
    emoji: () => tab.click("#show-emoji"),
    suggestions: async () => {
      await escape();
      await tab.click("#text");
      await tab.type(":sm");
    },
    commands: async () => {
      await fill("");
      await tab.type("/");
    },
    reply: async () => {
      await fill("");
      await blur();
      await tab.evaluate(`(document.getElementById("4").focus(), 0)`);
      await tab.press("r");
    },
    people: escape,
    rooms: escape,
    switcher: async () => {
      await escape();
      await tab.press("k", { modifiers: ["Control"] });
      await Bun.sleep(300);
    },
    search: async () => {
      await tab.type(language === "en" ? "the" : "好");
      await until(tab, `document.querySelector("#found a")`);
    },
    settings: async () => {
      await escape();
      await tab.evaluate(`document.activeElement.blur()`);
      await tab.click("#show-settings");
    },
    help: async () => {
      await escape();
      await tab.press("?");
    },
    offline: async () => {
      await escape();
      wire.cut();
      await until(tab, `document.querySelector("#state").dataset.state === "connecting"`);
      await write(tab, language === "en" ? "Are you there?" : "你在吗？");
    },
    left: async () => {
      wire.mend();
      await until(tab, `document.querySelector("#state").dataset.state === "open"`, 20_000);
      await tab.click("#leave");
    },
    known: () => tab.navigate(wire.url),
    error: () => tab.navigate(`${wire.url}nothing/here`),
    account: () => tab.navigate(`${wire.url}account/`),
    plain: async () => {
      await tab.cdp("Emulation.setScriptExecutionDisabled", { value: true });
      await tab.navigate(address);
    },
    plainlobby: () => tab.navigate(wire.url),
    admin: async () => {
      await tab.cdp("Emulation.setScriptExecutionDisabled", { value: false });
      for (const pair of boss.cookie.split("; ")) {
        const [name = "", value = ""] = pair.split("=");
        await tab.cdp("Network.setCookie", { url: wire.url, name, value });
      }
      await tab.navigate(`${wire.url}admin/`);
    },
    adminpeople: () => tab.navigate(`${wire.url}admin/people`),
    adminsettings: () => tab.navigate(`${wire.url}admin/settings`),
  };
  for (const [state, reach] of Object.entries(states)) {
    await reach();
    if (wanted.length === 0 || wanted.includes(state)) await shoot(tab, language, state);
  }
  tab.close();
  await Promise.all([...people.values()].map((person) => person.close()));
}

const sheets = openTab({ width: 1560, height: 1000 });
await sheets.navigate("about:blank");
for (const [sheet, files] of shown) {
  const width = { wide: 768, desktop: 768, zoom: 640 }[sheet.split("-")[1] ?? ""];
  const images = await Promise.all(
    files.map(async (file) => `data:image/png;base64,${(await Bun.file(file).bytes()).toBase64()}`),
  );
  await sheets.evaluate(
    `(() => { document.body.style.cssText = "margin: 0; background: #888; display: flex; flex-wrap: wrap; gap: 8px; align-items: start";
      document.body.replaceChildren(...${JSON.stringify(images)}.map((src) => { const image = new Image(${width ?? ""}); image.src = src; return image; }));
      return Promise.all([...document.images].map((each) => each.decode())).then(() => 0); })()`,
  );
  const height = Number(await sheets.evaluate(`document.documentElement.scrollHeight`));
  await sheets.resize(1560, Math.min(2_400, height));
  await Bun.write(join(folder, `sheet-${sheet}.png`), await sheets.screenshot());
  await sheets.resize(1560, 200);
}
console.info(`${[...shown.values()].flat().length} pictures in ${folder}`);
process.exit(0);
