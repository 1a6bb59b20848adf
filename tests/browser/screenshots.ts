/**
 * Pictures of the main states, to be looked at: `bun tests/browser/screenshots.ts [folder]`.
 * `docs/room.png`, the picture in the README, is `room-en-light-1280.png`.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openTab, until } from "../support/browser/browser.ts";
import { join as enter } from "../support/people/client.ts";
import { Server } from "../support/servers/server.ts";

const folder = Bun.argv[2] ?? "dist/screenshots";
await mkdir(folder, { recursive: true });

const TALK = {
  en: [
    ["Ada", "Morning! The reading room on the second floor is free until noon."],
    ["Ada", "I put the list of new books here: https://example.org/new-books"],
    ["林小雨", "太好了，我十点到 ☕"],
    ["Marcus", "Is the *blue* projector still broken?\n\n- HDMI works\n- VGA does **not**"],
    ["Ada", "> Is the blue projector still broken?\n\nFixed on Friday. `sudo make it work` 🎉"],
    ["林小雨", "😂😂"],
    ["Marcus", "Then I'll bring the slides. @Grace, can you take the notes?"],
  ],
  zh: [
    ["小雨", "早！二楼阅览室上午空着，一直到十二点。"],
    ["小雨", "新书单在这里：https://example.org/new-books"],
    ["Ada", "Great, I'll be there at ten ☕"],
    ["老王", "蓝色的投影仪*还*坏着吗？\n\n- HDMI 能用\n- VGA **不行**"],
    ["小雨", "> 蓝色的投影仪还坏着吗？\n\n周五修好了。`sudo make it work` 🎉"],
    ["Ada", "😂😂"],
    ["老王", "那我带幻灯片。@思思 你来记笔记？"],
  ],
} as const;
const ME = { en: "Grace", zh: "思思" } as const;

await using server = await Server.start({ args: ["--limits", "off"] });

async function shoot(tab: Bun.WebView, name: string): Promise<void> {
  await Bun.sleep(250);
  await Bun.write(join(folder, `${name}.png`), await tab.screenshot());
}

for (const language of ["en", "zh"] as const) {
  const room = language === "en" ? "123" : "图书馆";
  const people = new Map<string, Awaited<ReturnType<typeof enter>>>();
  for (const [name, text] of TALK[language]) {
    const person = people.get(name) ?? (await enter(server, room, { name }));
    people.set(name, person);
    await person.post(text);
  }
  const tab = openTab({ width: 1280, height: 800 });
  // Each language is a visitor of its own: another host name, other cookies.
  const base = language === "en" ? server.url : server.url.replace("127.0.0.1", "localhost");
  await tab.navigate(base);
  const body = `name=${encodeURIComponent(ME[language])}&language=${language}`;
  const headers = `{ "content-type": "application/x-www-form-urlencoded" }`;
  await tab.evaluate(`fetch("me", { method: "POST", headers: ${headers}, body: "${body}" })`);
  const address = new URL(`rooms/${encodeURIComponent(room)}`, base).href;
  await tab.navigate(address);
  await until(tab, `document.querySelector("#state").dataset.state === "open"`);
  await tab.click("#text");
  await tab.type(language === "en" ? "Sure, I will!" : "好的，没问题！");
  await tab.press("Enter");
  await until(tab, `document.querySelectorAll("#log .mine").length > 0`);
  const last = [...people.values()].at(-1);
  const fourth = last?.welcome.seq ?? 1;
  for (const person of people.values()) {
    person.send({ type: "react", seq: 2, emoji: "👍", on: true });
    person.send({ type: "read", seq: fourth + 9 });
  }
  last?.say(language === "en" ? "See you at ten." : "十点见。", { replyTo: 1 });
  last?.send({ type: "typing" });
  await until(tab, `document.querySelectorAll("#log .reactions").length > 0`);
  // The pointer goes where it points at nothing.
  await tab.click("h1");
  await tab.evaluate(`document.activeElement.blur()`);

  for (const theme of ["light", "dark"] as const) {
    const set = `(document.documentElement.dataset.theme = "${theme}")`;
    for (const width of [1280, 768, 390, 320]) {
      await tab.resize(width, width > 500 ? 800 : 700);
      await tab.evaluate(set);
      await shoot(tab, `room-${language}-${theme}-${width}`);
    }
    await tab.resize(1280, 800);
    await tab.click("#show-settings");
    await shoot(tab, `settings-${language}-${theme}`);
    await tab.press("Escape");
    await tab.click("#show-emoji");
    await shoot(tab, `emoji-${language}-${theme}`);
    await tab.press("Escape");
    await tab.evaluate(`document.activeElement.blur()`);
  }
  await tab.resize(1280, 800);
  await tab.evaluate(`document.documentElement.dataset.theme = "light"`);
  await tab.click("#log [data-seq='4']");
  await shoot(tab, `actions-${language}`);
  await tab.evaluate(`document.querySelector("#text").focus()`);
  await tab.type(language === "en" ? ":sm" : "@");
  await shoot(tab, `suggestions-${language}`);
  await tab.evaluate(`document.querySelector("#text").value = ""`);
  await tab.evaluate(`document.activeElement.blur()`);
  await tab.press("?");
  await shoot(tab, `help-${language}`);
  await tab.press("Escape");
  await tab.resize(390, 700);
  await tab.click("#show-people");
  await shoot(tab, `people-${language}-390`);
  await tab.click("#leave");
  await shoot(tab, `left-${language}-390`);
  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 390, 320]) {
      await tab.resize(width, 750);
      await tab.navigate(base);
      await tab.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
      await shoot(tab, `lobby-${language}-${theme}-${width}`);
    }
  }
  await tab.navigate(new URL("nothing/here", base).href);
  await shoot(tab, `error-${language}`);
  tab.close();
  await Promise.all([...people.values()].map((person) => person.close()));
}
process.exit(0);
