import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, openTab, until } from "../../support/browser/browser.ts";
import { Client, guest, join } from "../../support/people/client.ts";
import { shows, visit, write } from "../../support/browser/page.ts";
import { PASSWORD } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";
import { Street } from "../../support/people/street.ts";

setDefaultTimeout(120_000);

const PHONE = { width: 390, height: 700 };
const FLOODER = "203.0.113.66";

/** Fills in and sends the n-th form of an account page. */
function fill(form: number, fields: Readonly<Record<string, string>>): string {
  const set = Object.entries(fields).map(
    ([name, value]) => `form.querySelector('[name="${name}"]').value = ${JSON.stringify(value)};`,
  );
  return `(() => { const form = document.querySelectorAll("form.action-form")[${form}]; ${set.join(" ")} form.requestSubmit(); })()`;
}

const STATE = `document.querySelector("#state")?.dataset.state`;
const NOTICES = `[...document.querySelectorAll('#log [data-notice="answer"]')].map((each) => each.textContent)`;
const answered = (text: string) =>
  `${NOTICES}.some((each) => each.includes(${JSON.stringify(text)}))`;

describe.skipIf(!canBrowse)("a small community through a bad evening", () => {
  let server: Server;
  const streets: Street[] = [];
  const tabs: Bun.WebView[] = [];
  beforeAll(async () => {
    server = await Server.start({ args: ["--trust-proxy", "127.0.0.0/8"] });
  });
  afterAll(async () => {
    for (const tab of tabs) tab.close();
    for (const street of streets) street[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Someone with a browser of their own, who lives at an address. */
  async function someone(name: string, address: string, size = { width: 1000, height: 700 }) {
    const street = await Street.to(server.url, name, address);
    const tab = openTab(size);
    streets.push(street);
    tabs.push(tab);
    await tab.navigate(street.url);
    await tab.evaluate(
      `fetch("me", { method: "POST", body: new URLSearchParams({ language: "en" }) })`,
    );
    const go = (path: string) => tab.navigate(street.url + path);
    const enter = (room: string) => visit(tab, `${street.url}rooms/${room}`);
    return { tab, go, enter, street };
  }

  async function call(tab: Bun.WebView, name: string): Promise<void> {
    await tab.evaluate(
      `fetch("../me", { method: "POST", body: new URLSearchParams({ name: ${JSON.stringify(name)} }) }).then((r) => r.status)`,
    );
  }

  test("ends well, and the audit log tells the story in order", async () => {
    // The administrator comes by the link in the log.
    const boss = await someone("boss", "198.51.100.1");
    const { url } = await server.logged("setup");
    await boss.go(String(url).slice(server.url.length));
    await boss.tab.evaluate(fill(0, { name: "Boss", password: PASSWORD }));
    await until(boss.tab, `document.querySelector("#numbers") !== null`);

    // A moderator, on a phone, claims her name; the administrator trusts her with the tavern.
    const mira = await someone("mira", "198.51.100.2", PHONE);
    await mira.go("account/");
    await mira.tab.evaluate(fill(0, { name: "Mira", password: PASSWORD }));
    await until(mira.tab, `document.body?.innerText.includes("Signed in as")`);
    await boss.enter("tavern");
    await write(boss.tab, "/mod Mira");
    await until(boss.tab, answered("Mira is a moderator"));
    await mira.enter("tavern");
    await write(mira.tab, "good evening");
    await until(boss.tab, shows("good evening"));

    // She keeps a closed room too, and invites one guest into it.
    await mira.enter("hearth");
    await write(mira.tab, "/close members");
    await until(mira.tab, answered("Done"));
    await write(mira.tab, "/invite 1 1");
    await until(mira.tab, answered("/invite/"));
    const link = String(
      await mira.tab.evaluate(`${NOTICES}.join(" ").match(/invite\\/[\\w-]+/)[0]`),
    );
    const gus = await someone("gus", "198.51.100.3");
    await gus.go("rooms/hearth");
    await until(gus.tab, `document.body?.innerText.includes("for those who were invited")`);
    await gus.go(link);
    await gus.tab.click("form.action-form button");
    await until(gus.tab, `${STATE} === "open"`);
    await write(gus.tab, "thank you");
    await until(mira.tab, shows("thank you"));

    // An impostor looks like her, and may not.
    const eve = await someone("eve", "198.51.100.4");
    await eve.enter("tavern");
    await call(eve.tab, "Мirа");
    await call(eve.tab, "Mіra");
    await write(eve.tab, "/nick M i r a");
    await until(eve.tab, `document.querySelector("#pending [data-state=failed]") !== null`);
    await eve.enter("tavern");
    await write(eve.tab, "it is me, Mira");
    await until(boss.tab, shows("it is me, Mira"));
    const names = await boss.tab.evaluate<string[]>(
      `[...document.querySelectorAll("#log [data-seq] .name")].map((each) => each.textContent)`,
    );
    expect(names.filter((name) => name === "Mira")).toHaveLength(1);
    expect(names).toHaveLength(2);

    // A flooder behind a proxy forges where he comes from, with a cookie for every try.
    await mira.enter("tavern");
    let muted = false;
    for (let tries = 0; tries < 20 && !muted; tries += 1) {
      const forwarded = `10.0.0.${tries}, 192.0.2.${tries}, ${FLOODER}`;
      const cookie = await guest(server);
      const flooder = await join(server, "tavern", { name: "Flooder", cookie, forwarded });
      for (let sent = 0; sent < 60; sent += 1) flooder.say(`BUY ${tries}.${sent}`);
      await flooder.fence();
      muted = flooder.frames.some((frame) => frame.type === "error" && frame.code === "muted");
      await flooder.close();
    }
    expect(muted).toBe(true);
    await boss.enter("tavern");
    await write(boss.tab, "is it over?");
    await until(mira.tab, shows("is it over?"));

    // A troll insults; the moderator takes it away and bans him.
    const troll = await someone("troll", "203.0.113.77");
    await troll.enter("tavern");
    await call(troll.tab, "Troll");
    await troll.enter("tavern");
    await write(troll.tab, "you are all fools");
    await until(mira.tab, shows("you are all fools"));
    const second = openTab();
    tabs.push(second);
    await visit(second, `${troll.street.url}rooms/tavern`);
    const seq = await mira.tab.evaluate(
      `[...document.querySelectorAll("#log [data-seq]")].find((each) => each.innerText.includes("you are all fools")).dataset.seq`,
    );
    await write(mira.tab, `/delete #${seq}`);
    await until(boss.tab, `!${shows("you are all fools")}`);
    await write(mira.tab, "/ban Troll 1d insults");
    await until(mira.tab, answered("for 1 day"));
    for (const tab of [troll.tab, second]) {
      await until(tab, `${STATE} === "closed"`);
    }

    // He comes back: by another tab, with a new cookie, without any. The address tells.
    await troll.go("rooms/tavern");
    await until(troll.tab, `document.body?.innerText.includes("insults")`);
    const again = await someone("nobody", "203.0.113.77");
    await again.go("rooms/tavern");
    await until(again.tab, `document.body?.innerText.includes("You are banned here")`);
    const bare = new Client(server, "tavern", { forwarded: "198.51.100.9, 203.0.113.77" });
    expect((await bare.closed).code).toBe(4501);

    // The others have not noticed a thing, but that it is quiet.
    await write(gus.tab, "what was that?");
    await until(gus.tab, shows("what was that?"));
    expect(await eve.tab.evaluate(STATE)).toBe("open");

    await boss.go("admin/audit");
    const story = await boss.tab.evaluate<string[]>(
      `[...document.querySelectorAll("tr[data-action]")].map((each) => each.dataset.action + " " + each.cells[1].innerText + " " + each.cells[3].innerText).reverse()`,
    );
    const floods = story.filter((line) => line.startsWith("flood.mute"));
    expect(floods.length).toBeGreaterThan(0);
    expect(
      story.filter((line) => !line.startsWith("flood.mute")).map((line) => line.trim()),
    ).toEqual([
      "setup Boss",
      "account.claim Mira",
      "room.role Boss Mira",
      "room.members Mira",
      "invite Mira",
      "delete Mira Troll",
      "ban Mira Troll",
    ]);
  });
});
