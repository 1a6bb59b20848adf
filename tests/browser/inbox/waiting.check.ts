import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { canBrowse, until } from "../../support/browser/browser.ts";
import { openRoom, openSettings, shows, STATE, visit } from "../../support/browser/page.ts";
import { guest, join } from "../../support/people/client.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(30_000);

const BADGE = `(document.querySelector("#show-inbox b").hidden ? "" : document.querySelector("#show-inbox b").textContent)`;
const TEXT_OF = (selector: string) => `(document.querySelector("${selector}")?.innerText ?? "")`;
const ITEMS = `[...document.querySelectorAll("#inbox [data-item]")].map((each) => each.dataset.item)`;
/** Presses what has these words in a dialog. */
const press = (dialog: string, words: string) =>
  `([...document.querySelectorAll("${dialog} :is(button, a)")].find((each) => each.innerText.startsWith("${words}")).click(), 0)`;
const choose = (label: string, words: string) =>
  `(() => {
    const field = [...document.querySelectorAll("#settings label")].find((each) => each.innerText.startsWith("${label}"));
    const select = field.querySelector("select");
    select.selectedIndex = [...select.options].findIndex((each) => each.text === "${words}");
    select.dispatchEvent(new Event("change"));
    return 0;
  })()`;

/** Makes the tab that person's, on this host. */
async function signIn(tab: Bun.WebView, url: string, { cookie }: Visitor): Promise<void> {
  for (const pair of cookie.split("; ")) {
    const [name = "", ...value] = pair.split("=");
    await tab.cdp("Network.setCookie", { url, name, value: value.join("=") });
  }
}

describe.skipIf(!canBrowse)("what waits for someone", () => {
  let server: Server;
  let tab: Bun.WebView;
  let boss: Visitor;
  let bossId: string;
  let bo: Awaited<ReturnType<typeof join>>;
  let base: string;
  let cookie: string;
  const inbox = async () => {
    const { cookie } = boss;
    return (await fetch(new URL("api/v1/inbox", server.url), { headers: { cookie } })).json();
  };
  const openInbox = async (page = tab) => {
    await page.evaluate(`(document.querySelector("#show-inbox").click(), 0)`);
    await until(page, `document.querySelector("#inbox")?.open`);
  };
  const openCard = async (seq: number) => {
    await tab.evaluate(`(document.getElementById("${seq}").querySelector(".avatar").click(), 0)`);
    await until(tab, `document.querySelector("#card")?.open`);
  };
  const close = async (dialog: string) => {
    await tab.press("Escape");
    await until(tab, `!document.querySelector("${dialog}")?.open`);
  };

  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
    boss = await administrator(server, "Boss");
    tab = await openRoom(server, "elsewhere", "Boss", "localhost");
    base = server.url.replace("127.0.0.1", "localhost");
    await signIn(tab, base, boss);
    cookie = await guest(server);
    bo = await join(server, "tea", { name: "Bo", cookie });
    const own = await join(server, "tea", { cookie: boss.cookie, inbox: 0 });
    bossId = own.welcome.you.id;
    await own.post("I take milk");
    await own.next("inbox", ({ rooms = [] }) => rooms.length > 0);
    await own.close();
    await visit(tab, `${base}rooms/elsewhere`);
  });
  afterAll(async () => {
    tab.close();
    await bo.close();
    await server[Symbol.asyncDispose]();
  });

  test("a mention is in the inbox with a badge, and opens at its place", async () => {
    const { seq } = await bo.post("@Boss sugar?");
    await until(tab, `${BADGE} === "1"`);
    await openInbox();
    await until(tab, `${TEXT_OF("#inbox")}.includes("Bo mentioned you in tea")`);
    expect(await tab.evaluate<string>(TEXT_OF("#inbox li span"))).toBe("@Boss sugar?");
    await tab.evaluate(`(document.querySelector("#inbox li a").click(), 0)`);
    await until(tab, `location.pathname === "/rooms/tea" && location.hash === "#${seq}"`);
    await until(tab, `${STATE} === "open" && ${BADGE} === ""`);
  });

  test("one that is done goes, here and on the server, and leaves the others", async () => {
    await visit(tab, `${base}rooms/elsewhere`);
    await bo.post("@Boss one");
    const { seq } = await bo.post("@Boss two");
    await until(tab, `${BADGE} === "2"`);
    await openInbox();
    expect(await tab.evaluate<string[]>(ITEMS)).toEqual([
      `mention:tea:${seq}`,
      `mention:tea:${seq - 1}`,
    ]);
    await tab.evaluate(press("#inbox li", "Done"));
    await until(tab, `${ITEMS}.length === 1 && ${BADGE} === "1"`);
    expect(await tab.evaluate<string[]>(ITEMS)).toEqual([`mention:tea:${seq - 1}`]);
    await close("#inbox");
  });

  test("the lobby has it too", async () => {
    await tab.navigate(base);
    await until(tab, `${BADGE} === "1"`);
    await openInbox();
    await tab.evaluate(press("#inbox li", "Done"));
    await until(tab, `${TEXT_OF("#inbox")}.includes("Nothing waits for you.")`);
    await until(tab, `document.querySelector("#waiting").hidden`);
    await visit(tab, `${base}rooms/elsewhere`);
  });

  test("a button marks everything as read, and goes", async () => {
    await until(tab, `!document.querySelector("#read-all").hidden`);
    await tab.click("#read-all");
    await until(tab, `document.querySelector("#read-all").hidden && ${BADGE} === ""`);
    await openInbox();
    await until(tab, `${TEXT_OF("#inbox")}.includes("Nothing waits for you.")`);
    await close("#inbox");
  });

  test("an invitation waits until its room is opened", async () => {
    const [ada, dora] = [await owner(server, "Ada"), await owner(server, "Dora")];
    const other = await openRoom(server, "elsewhere", "Someone");
    await signIn(other, server.url, dora);
    await visit(other, `${server.url}rooms/elsewhere`);
    const host = await join(server, "den", { cookie: ada.cookie });
    host.say("/close members");
    await host.next("notice");
    const person = await other.evaluate<string>(`document.documentElement.dataset.me`);
    host.send({ type: "moderate", verb: "role", person, role: "member", ref: "1" });
    await host.next("done");
    await until(other, `${BADGE} === "1"`);
    await openInbox(other);
    await until(other, `${TEXT_OF("#inbox")}.includes("Ada let you into den")`);
    await other.evaluate(`(document.querySelector("#inbox li a").click(), 0)`);
    await until(other, `location.pathname === "/rooms/den" && ${STATE} === "open"`);
    await until(other, `${BADGE} === ""`);
    other.close();
    await host.close();
  });

  test("a report waits for those who settle it, and leads to its message", async () => {
    const { seq } = await bo.post("buy this");
    const cy = await join(server, "tea", { name: "Cy" });
    cy.send({ type: "report", seq, reason: "an advertisement", ref: "1" });
    await cy.next("done");
    await until(tab, `${BADGE} === "1"`);
    await openInbox();
    await until(tab, `${TEXT_OF("#inbox")}.includes("Cy reported a message in tea")`);
    await tab.evaluate(`(document.querySelector("#inbox li a").click(), 0)`);
    await until(tab, `location.hash === "#${seq}" && ${STATE} === "open"`);
    await openInbox();
    await tab.evaluate(press("#inbox li", "Done"));
    await until(tab, `${BADGE} === ""`);
    await close("#inbox");
    await cy.close();
  });

  test("a report of a private talk leads an administrator to where it is settled", async () => {
    const [one, two] = [await guest(server), await guest(server)];
    const di = await join(server, "hall", { name: "Di", cookie: one });
    const ed = await join(server, "hall", { name: "Ed", cookie: two });
    di.send({ type: "talk", people: [ed.welcome.you.id], ref: "1" });
    const { room } = await di.next("talk");
    const [left, right] = [
      await join(server, room, { name: "Di", cookie: one }),
      await join(server, room, { name: "Ed", cookie: two }),
    ];
    const { seq } = await left.post("a threat");
    right.send({ type: "report", seq, reason: "threatens me", ref: "2" });
    await right.next("done");
    await until(tab, `${BADGE} === "1"`);
    await openInbox();
    await until(tab, `${TEXT_OF("#inbox")}.includes("Ed reported a message in a private talk")`);
    await tab.evaluate(`(document.querySelector("#inbox li a").click(), 0)`);
    await until(tab, `location.pathname === "/admin/reports"`);
    await until(tab, `document.body.innerText.includes("a threat")`);
    expect(await tab.evaluate<string>(`document.body.innerText`)).not.toContain("direct-");
    await visit(tab, `${base}rooms/tea`);
    await openInbox();
    await tab.evaluate(press("#inbox li", "Done"));
    await until(tab, `${BADGE} === ""`);
    await close("#inbox");
    for (const each of [di, ed, left, right]) await each.close();
  });

  test("the menu of a message marks it as unread, on the server too", async () => {
    const { seq } = await bo.post("later");
    await until(tab, shows("later"));
    await tab.evaluate(
      `document.getElementById("${seq}").querySelector(".body").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }))`,
    );
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.evaluate(press("#menu", "Mark as unread"));
    const read = async () =>
      (await inbox()).rooms.find(({ room }: { room: string }) => room === "tea").read;
    while ((await read()) !== seq - 1) await Bun.sleep(20);
  });

  test("the level of a room is chosen by hand, also until tomorrow", async () => {
    const tea = async () =>
      (await inbox()).rooms.find(({ room }: { room: string }) => room === "tea");
    await openSettings(tab);
    await tab.evaluate(choose("In this room, tell me about", "every message"));
    while ((await tea()).level !== "all") await Bun.sleep(20);
    await tab.evaluate(choose("In this room, tell me about", "nothing until tomorrow"));
    while ((await tea()).quietUntil === 0) await Bun.sleep(20);
    const { level, quietUntil } = await tea();
    expect(level).toBe("all");
    expect(quietUntil).toBeGreaterThan(Date.now());
    expect(quietUntil).toBeLessThan(Date.now() + 33 * 60 * 60 * 1000);
    await close("#settings");
    await visit(tab, `${base}rooms/tea`);
    await openSettings(tab);
    const chosen = `document.querySelector("#settings select").selectedOptions[0].text`;
    expect(await tab.evaluate<string>(chosen)).toBe("nothing until tomorrow");
    await tab.evaluate(choose("In this room, tell me about", "mentions of me"));
    while ((await tea()).quietUntil !== 0) await Bun.sleep(20);
    await close("#settings");
  });

  test("whom one lets begin a private talk is in the settings", async () => {
    await openSettings(tab);
    await tab.evaluate(choose("Who may begin", "people with an account"));
    while ((await inbox()).settings?.writers !== "members") await Bun.sleep(20);
    bo.send({ type: "talk", people: [bossId], ref: "1" });
    expect((await bo.next("error")).code).toBe("not_allowed");
    await tab.evaluate(choose("Who may begin", "everyone"));
    while ((await inbox()).settings?.writers !== "everyone") await Bun.sleep(20);
    await close("#settings");
  });

  test("someone is blocked from their card, and unblocked there and in the settings", async () => {
    const { seq } = await bo.post("you again");
    await until(tab, shows("you again"));
    const isHidden = `document.getElementById("${seq}").hidden`;
    await openCard(seq);
    await tab.evaluate(press("#card", "Block"));
    await until(tab, `${TEXT_OF("#card .happened")}.startsWith("You do not see what Bo writes")`);
    await until(tab, isHidden);
    await tab.evaluate(press("#card", "Unblock"));
    await until(tab, `!${isHidden}`);
    await tab.evaluate(press("#card", "Block"));
    await until(tab, isHidden);
    await close("#card");
    await openSettings(tab);
    await until(tab, `${TEXT_OF("#settings section")}.includes("Bo")`);
    await tab.evaluate(press("#settings", "Unblock"));
    await until(tab, `!${isHidden} && ${TEXT_OF("#settings section")}.includes("Nobody.")`);
    await close("#settings");
  });

  test("a report in a private talk says before it is sent what it discloses, and to whom", async () => {
    bo.send({ type: "talk", people: [bossId], ref: "1" });
    const { room } = await bo.next("talk");
    const writer = await join(server, room, { name: "Bo", cookie });
    const { seq } = await writer.post("between us");
    await visit(tab, `${base}people/${bo.welcome.you.id}`);
    await until(tab, shows("between us"));
    await tab.evaluate(
      `document.getElementById("${seq}").querySelector(".body").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }))`,
    );
    await until(tab, `document.querySelector("#menu")?.open`);
    await tab.evaluate(press("#menu", "Report"));
    await until(tab, `document.querySelector("#report")?.open`);
    const says = await tab.evaluate<string>(TEXT_OF("#report .says"));
    expect(says).toContain("the administrators see it, the 3 messages before and after it");
    await close("#report");
    await writer.close();
  });
});
