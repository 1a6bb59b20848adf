import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import en from "../../../templates/locales/en.ts";
import { canBrowse, openTab, until } from "../../support/browser/browser.ts";
import { Client, join } from "../../support/people/client.ts";
import { administrator, owner, PASSWORD, Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

const SECTIONS = [
  "now",
  "rooms",
  "here",
  "people",
  "reports",
  "bans",
  "invitations",
  "audit",
  "handlers",
  "settings",
];

/** A machine that does several things at once draws a page when it can. */
const SLOW = 18_000;

let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({
    args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8", "--handlers", "templates/handlers"],
  });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const rows = (text: string) => [...text.matchAll(/data-action="/g)].length;

describe("who is let in", () => {
  test.each([...SECTIONS, "", "numbers"])("/admin/%s is for administrators", async (section) => {
    expect((await boss.get(`admin/${section}`)).status).toBe(200);
    const guest = await visitor(server);
    const { status, text } = await guest.get(`admin/${section}`);
    expect(status).toBe(403);
    expect(text).not.toContain("boss");
    expect((await new Visitor(server).get(`admin/${section}`)).status).toBe(403);
  });

  test("a member and a moderator of the whole chat are not", async () => {
    const member = await owner(server, "Not Yet");
    expect((await member.get("admin/audit")).status).toBe(403);
    const { text } = await boss.get("admin/people?q=Not+Yet");
    const id = /name="id"\s+value="([^"]+)"/.exec(text)?.[1] ?? "";
    const role = (to: string) =>
      boss.submit("admin/people", "admin/people", { verb: "role", id, role: to });
    expect((await role("moderator")).status).toBe(303);
    expect((await member.get("admin/audit")).status).toBe(403);
    const room = await join(server, "any-room", { cookie: member.cookie });
    expect(room.welcome.you.role).toBe("moderator");
    expect((await role("admin")).status).toBe(303);
    expect((await room.closed).code).toBe(4003);
    expect((await member.get("admin/audit")).status).toBe(200);
    expect((await role("member")).status).toBe(303);
    expect((await member.get("admin/audit")).status).toBe(403);
  });

  test("nobody takes their own administration away", async () => {
    const { text } = await boss.get("admin/people?q=boss");
    const id = /name="id"\s+value="([^"]+)"/.exec(text)?.[1] ?? "";
    const fields = { verb: "role", id, role: "member" };
    expect((await boss.submit("admin/people", "admin/people", fields)).status).toBe(403);
  });

  test("forms are refused without their token, and from other sites", async () => {
    const fields = { verb: "ban", subject: "192.0.2.99", reason: "" };
    expect((await boss.post("admin/bans", fields)).status).toBe(403);
    const { text } = await boss.get("admin/bans");
    const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? "";
    const evil = { origin: "https://evil.example" };
    expect((await boss.post("admin/bans", { ...fields, token }, evil)).status).toBe(403);
    expect(rows((await boss.get("admin/bans?q=192.0.2.99")).text)).toBe(0);
    expect((await boss.post("admin/bans", { ...fields, token })).status).toBe(303);
    expect(rows((await boss.get("admin/bans?q=192.0.2.99")).text)).toBe(1);
  });
});

describe("the lists", () => {
  test("are searched and paged", async () => {
    const client = await join(server, "busy", { cookie: boss.cookie });
    for (let at = 0; at < 60; at += 1) client.say(`/topic number ${at} of many`);
    await client.next("notice", ({ text }) => text === "Done.");
    await client.fence();
    for (;;) if (rows((await boss.get("admin/audit?q=number+59")).text) === 1) break;
    const first = await boss.get("admin/audit?q=of+many");
    expect(rows(first.text)).toBe(50);
    const older = /href="([^"]+)"\s+rel="next"/.exec(first.text)?.[1]?.replaceAll("&amp;", "&");
    const second = await boss.get(new URL(older ?? "", `${server.url}admin/`).href);
    expect(rows(second.text)).toBe(10);
    expect(second.text).toContain('rel="prev"');
    expect(rows((await boss.get("admin/audit?q=number+7+of")).text)).toBe(1);
    expect(rows((await boss.get("admin/audit?q=%25%25%25")).text)).toBe(0);
    await client.close();
  });

  test("show text as text", async () => {
    const name = "<img src=x onerror=a()>";
    const client = await join(server, "markup", { name, forwarded: "192.0.2.50" });
    await client.post("<script>bad()</script>");
    client.say("/report #1 <b>reason</b>");
    await client.next("notice");
    for (const section of ["here", "reports", "audit", "rooms"]) {
      const { text } = await boss.get(`admin/${section}`);
      expect(text).not.toMatch(/<img src=x|<script>bad|<b>reason/);
    }
    expect((await boss.get("admin/reports")).text).toContain("&lt;script&gt;bad()");
    await client.close();
  });

  test("know the handlers that run", async () => {
    const { text } = await boss.get("admin/handlers");
    expect(text).toContain("echo");
    expect(text).toContain("by-name");
    expect(text).toContain("Last fault");
  });

  test("a room is locked and opened from its row", async () => {
    const client = await join(server, "row-room", { forwarded: "192.0.2.51" });
    await client.post("here");
    const fields = { verb: "lock", room: "row-room" };
    expect((await boss.submit("admin/rooms", "admin/rooms", fields)).status).toBe(303);
    expect((await client.closed).code).toBe(4503);
    await boss.submit("admin/rooms", "admin/rooms", { ...fields, verb: "unlock" });
    const back = await join(server, "row-room", { forwarded: "192.0.2.51" });
    await back.close();
  });

  test("someone who is here is banned everywhere from theirs, and let in again", async () => {
    const forwarded = "192.0.2.52";
    const client = await join(server, "here-room", { name: "Here", forwarded });
    const id = client.welcome.you.id;
    const neighbour = await join(server, "next-room", { name: "Neighbour", forwarded });
    const who = { room: "here-room", id, name: "Here" };
    const asked = await boss.submit("admin/here", "admin/here", { ...who, verb: "ask-ban" });
    // Nothing is done before it is confirmed: for how long, why, and whom else it hits.
    expect(asked.status).toBe(200);
    expect(asked.text).toContain("Ban Here everywhere?");
    expect(asked.text).toContain("Neighbour");
    expect(asked.text).toContain('<option value="86400">');
    expect(rows((await boss.get(`admin/bans?q=${id}`)).text)).toBe(0);
    const chosen = { seconds: "86400", reason: "loud", address: "yes" };
    const fields = { ...who, ...chosen, verb: "ban-person" };
    expect((await boss.submit("admin/here", "admin/here", fields)).status).toBe(303);
    expect((await client.closed).code).toBe(4501);
    expect((await neighbour.closed).code).toBe(4501);
    expect((await boss.get(`admin/bans?q=${id}`)).text).toContain("loud");
    const elsewhere = new Client(server, "elsewhere", { forwarded });
    expect((await elsewhere.closed).code).toBe(4501);
    for (const query of [id, forwarded]) {
      const { text } = await boss.get(`admin/bans?q=${query}`);
      const sanction = /name="sanction"\s+value="(\d+)"/.exec(text)?.[1] ?? "";
      const lift = { verb: "lift", sanction, name: "Here", subject: query };
      expect((await boss.submit("admin/bans", "admin/bans", lift)).status).toBe(303);
    }
    const back = await join(server, "elsewhere", { forwarded });
    await back.close();
  });

  test("a ban everywhere leaves the neighbours at the same address, unless it is asked for", async () => {
    const forwarded = "192.0.2.53";
    const loud = await join(server, "block", { name: "Loud", forwarded });
    const calm = await join(server, "block", { name: "Calm", forwarded });
    const who = { room: "block", id: loud.welcome.you.id, name: "Loud" };
    const fields = { ...who, verb: "ban-person", seconds: "0", reason: "" };
    expect((await boss.submit("admin/here", "admin/here", fields)).status).toBe(303);
    expect((await loud.closed).code).toBe(4501);
    await calm.post("still here");
    await calm.close();
  });

  test.each(["nonsense", "300.1.1.1", "#short", ""])("%p cannot be banned", async (subject) => {
    const fields = { verb: "ban", subject, reason: "" };
    expect((await boss.submit("admin/bans", "admin/bans", fields)).status).toBe(400);
  });

  test("an IPv6 address that is banned is its /64", async () => {
    const fields = { verb: "ban", subject: "2001:db8:77:1::5", reason: "" };
    expect((await boss.submit("admin/bans", "admin/bans", fields)).status).toBe(303);
    const out = new Client(server, "six", { forwarded: "2001:db8:77:1::9" });
    expect((await out.closed).code).toBe(4501);
  });
});

describe("a page without scripts", () => {
  test("runs commands, and shows the answer", async () => {
    const someone = await visitor(server);
    const help = await someone.post("rooms/scriptless", { text: "/help" });
    expect(help.status).toBe(200);
    expect(help.text).toContain("/nick");
    expect((await someone.post("rooms/scriptless", { text: "/nick Plain" })).status).toBe(200);
    expect((await someone.get("rooms/scriptless")).text).toContain('value="Plain"');
    const no = await someone.post("rooms/scriptless", { text: "/kick boss" });
    expect(no.status).toBe(403);
    expect((await someone.post("rooms/scriptless", { text: "/dance" })).status).toBe(400);
  });
});

describe("words", () => {
  test.each(SECTIONS)("/admin/%s speaks Chinese to who asks for it", async (section) => {
    const chinese = new Visitor(server, { "accept-language": "zh-CN" }).keep(
      boss.cookie.split("; ").find((pair) => pair.startsWith("chatroom-session=")) ?? "",
    );
    const { status, text } = await chinese.get(`admin/${section}`);
    expect(status).toBe(200);
    expect(text).toContain('lang="zh-Hans"');
    expect(text).toContain("审计日志");
    expect(text).not.toContain(en.forms.administration);
  });
});

test.skipIf(!canBrowse)(
  "the numbers live, by a script that reads no more than the page",
  async () => {
    const tab = openTab();
    await tab.navigate(`${server.url}account/`);
    const fields = { name: "boss", password: PASSWORD };
    await tab.evaluate(`(() => {
    const form = document.querySelectorAll("form.action-form")[1];
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) form.querySelector(\`[name=\${name}]\`).value = value;
    form.requestSubmit();
  })()`);
    await until(tab, `document.querySelector('[action="./sign-out"]') !== null`, SLOW);
    await tab.navigate(`${server.url}admin/`);
    await until(tab, `document.querySelectorAll("#numbers polyline").length === 6`, SLOW);
    const people = `Number(document.querySelectorAll("#numbers b")[1]?.textContent)`;
    const before = Number(await tab.evaluate(people));
    const clients = await Promise.all([1, 2, 3].map(() => join(server, "counted")));
    await until(tab, `${people} >= ${before + 3}`, SLOW);
    for (const client of clients) await client.close();
    // On a phone the sections are one row, with the one that is shown in sight.
    await tab.resize(320, 600);
    await tab.navigate(`${server.url}admin/settings`);
    const row = `(() => {
      const { height } = document.querySelector("nav").getBoundingClientRect();
      const { left, right } = document.querySelector("nav [aria-current]").getBoundingClientRect();
      return [height < 60, left >= 0 && right <= innerWidth, document.documentElement.scrollWidth <= innerWidth];
    })()`;
    expect(await tab.evaluate(row)).toEqual([true, true, true]);
    tab.close();
  },
);
