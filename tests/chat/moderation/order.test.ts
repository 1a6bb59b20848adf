import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client, join, joinPlain, type JoinOptions } from "../../support/people/client.ts";
import { administrator, owner, type Visitor, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

/** Every guest of these tests comes through one proxy, from an address of their own. */
let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8"] });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

let places = 0;
const newPlace = () => `198.51.100.${(places += 1)}`;

async function bossIn(room: string) {
  return join(server, room, { cookie: boss.cookie });
}

/** A guest of an address of their own, in the room. */
async function guestIn(
  room: string,
  name: string,
  forwarded = newPlace(),
  options: JoinOptions = {},
) {
  const client = await join(server, room, { name, forwarded, ...options });
  return Object.assign(client, { forwarded });
}

/** Types a command, and resolves to the line that answers it. */
async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((e) => `! ${e.code}: ${e.message}`),
  ]);
}

async function audit(query: string): Promise<string[]> {
  const { text } = await boss.get(`admin/audit?q=${encodeURIComponent(query)}`);
  return [...text.matchAll(/data-action="([^"]+)"/g)].map(([, action = ""]) => action);
}

describe("kick", () => {
  test("closes every socket of the person in the room with 4500, and no other", async () => {
    const mod = await bossIn("kick");
    const someone = await visitor(server, { "x-forwarded-for": newPlace() });
    const first = await guestIn("kick", "Pest", newPlace(), { cookie: someone.cookie });
    const second = await guestIn("kick", "Pest", newPlace(), { cookie: someone.cookie });
    const elsewhere = await guestIn("kick2", "Pest", newPlace(), { cookie: someone.cookie });
    const other = await guestIn("kick", "Innocent");
    await order(mod, "/kick pest being loud");
    expect(await first.closed).toEqual({ code: 4500, reason: "being loud" });
    expect((await second.closed).code).toBe(4500);
    await other.fence();
    await elsewhere.fence();
    const back = await guestIn("kick", "Pest", newPlace(), { cookie: someone.cookie });
    for (const client of [mod, elsewhere, other, back]) await client.close();
  });

  test("is refused to a guest, and against those above", async () => {
    const mod = await bossIn("kick3");
    const guest = await guestIn("kick3", "Guest");
    const another = await guestIn("kick3", "Another");
    expect(await order(guest, "/kick another")).toStartWith("! not_allowed");
    expect(await order(guest, "/kick boss")).toStartWith("! not_allowed");
    expect(await order(mod, "/kick boss")).toStartWith("! invalid");
    expect(await order(mod, "/kick nobody")).toStartWith("! not_found");
    await another.fence();
    for (const client of [mod, guest, another]) await client.close();
  });

  test("asks which, where two look the same, and takes an id", async () => {
    const mod = await bossIn("kick4");
    const one = await guestIn("kick4", "Same");
    await one.post("who I was");
    await one.close();
    const other = await guestIn("kick4", "Sаme");
    const answer = await order(mod, "/kick Same");
    expect(answer).toStartWith("! invalid");
    expect(answer).toContain(`#${other.welcome.you.id}`);
    await order(mod, `/kick #${other.welcome.you.id} twice is once too many`);
    expect((await other.closed).code).toBe(4500);
    await mod.close();
  });
});

describe("mute", () => {
  test("refuses what they write with the time left, until it is lifted", async () => {
    const mod = await bossIn("mute");
    const loud = await guestIn("mute", "Loud");
    const { seq } = await loud.post("before");
    expect(await order(mod, "/mute loud 5m Not here.")).toBe("Loud is muted for 5 minutes.");
    const id = loud.say("during");
    const error = await loud.next("error", (frame) => frame.id === id);
    expect(error).toMatchObject({ code: "muted" });
    expect(error.message).toContain("Not here.");
    expect(error.retryAfterMs).toBeWithin(290_000, 300_001);
    loud.send({ type: "edit", seq, text: "sneaky", ref: "edit" });
    expect((await loud.next("error", ({ ref }) => ref === "edit")).code).toBe("muted");
    loud.send({ type: "react", seq, emoji: "👍", on: true, ref: "react" });
    expect((await loud.next("error", ({ ref }) => ref === "react")).code).toBe("muted");
    loud.send({ type: "history", before: 100, limit: 10, ref: "read" });
    await loud.next("history");
    await order(mod, "/unmute Loud");
    await loud.post("after");
    expect(mod.texts).toEqual(["before", "after"]);
    for (const client of [mod, loud]) await client.close();
  });

  test("holds for plain text, the API and a new connection too", async () => {
    const mod = await bossIn("mute2");
    const forwarded = newPlace();
    const loud = await joinPlain(server, "mute2", { name: "Plain", forwarded });
    loud.raw("hello");
    await mod.next("message");
    await order(mod, "/mute plain");
    loud.raw("again");
    expect(await loud.next((line) => line.startsWith("!"))).toStartWith("! muted: ");
    const again = await joinPlain(server, "mute2", { name: "Other", forwarded });
    again.raw("it is me");
    expect(await again.next()).toStartWith("! muted: ");
    const response = await fetch(new URL("api/v1/rooms/mute2/messages", server.url), {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
      body: JSON.stringify({ text: "by the API" }),
    });
    expect(response.status).toBe(403);
    expect((await response.json()).error.code).toBe("muted");
    expect(mod.texts).toEqual(["hello"]);
    for (const client of [mod, loud, again]) await client.close();
  });

  test("ends by itself", async () => {
    const mod = await bossIn("mute3");
    const loud = await guestIn("mute3", "Brief");
    await order(mod, "/mute Brief 1s");
    const id = loud.say("now");
    const { retryAfterMs = 0 } = await loud.next("error", (frame) => frame.id === id);
    await Bun.sleep(retryAfterMs + 20);
    await loud.post("then");
    for (const client of [mod, loud]) await client.close();
  });
});

describe("ban", () => {
  test("closes with 4501 and keeps out: a second tab, a new cookie, the API, the page", async () => {
    const mod = await bossIn("ban");
    const forwarded = newPlace();
    const header = { "x-forwarded-for": forwarded };
    const someone = await visitor(server, header);
    const first = await guestIn("ban", "Troll", forwarded, { cookie: someone.cookie });
    const tab = await guestIn("ban", "Troll", forwarded, { cookie: someone.cookie });
    await order(mod, "/ban troll 1h Insults.");
    expect((await first.closed).code).toBe(4501);
    expect((await tab.closed).reason).toContain("Insults.");
    const fresh = await visitor(server, header);
    for (const cookie of [someone.cookie, fresh.cookie, undefined]) {
      const back = new Client(server, "ban", { cookie, forwarded, name: "Nice" });
      expect((await back.closed).code).toBe(4501);
      expect(back.frames).toEqual([]);
    }
    const moved = new Client(server, "ban", { cookie: someone.cookie, forwarded: newPlace() });
    expect((await moved.closed).code).toBe(4501);
    const plain = await joinPlain(server, "ban", { forwarded });
    expect(await plain.next()).toStartWith("! not_allowed: ");
    expect((await plain.closed).code).toBe(4501);
    expect((await someone.get("rooms/ban")).status).toBe(403);
    expect((await someone.post("rooms/ban", { text: "by form" })).status).toBe(403);
    const api = new URL("api/v1/rooms/ban/messages", server.url);
    expect((await fetch(api, { headers: header })).status).toBe(403);
    const events = new URL("api/v1/rooms/ban/events", server.url);
    expect((await fetch(events, { headers: header })).status).toBe(403);
    const elsewhere = await guestIn("ban-not-here", "Troll", forwarded, { cookie: someone.cookie });
    await elsewhere.close();
    expect(await order(mod, "/unban troll")).toBe("Troll may come in again.");
    const back = await guestIn("ban", "Troll", forwarded, { cookie: someone.cookie });
    for (const client of [mod, back]) await client.close();
  });

  test("of an address is of its /64, leaves its neighbours, and those who had an account before", async () => {
    const mod = await bossIn("ban6");
    const member = await owner(server, "Member", { "x-forwarded-for": "2001:db8:1:2::5" });
    const troll = await guestIn("ban6", "Six", "2001:db8:1:2::1");
    await order(mod, "/ban six");
    expect((await troll.closed).code).toBe(4501);
    const same = new Client(server, "ban6", { forwarded: "2001:db8:1:2:ffff::9" });
    expect((await same.closed).code).toBe(4501);
    const neighbour = await guestIn("ban6", "Neighbour", "2001:db8:1:3::1");
    const signedIn = await join(server, "ban6", {
      cookie: member.cookie,
      forwarded: "2001:db8:1:2::5",
    });
    for (const client of [mod, neighbour, signedIn]) await client.close();
  });

  test("of an account follows it to any address, and leaves the address alone", async () => {
    const mod = await bossIn("ban7");
    const forwarded = newPlace();
    const member = await owner(server, "Outlaw", { "x-forwarded-for": forwarded });
    const socket = await join(server, "ban7", { cookie: member.cookie, forwarded });
    await order(mod, "/ban outlaw");
    expect((await socket.closed).code).toBe(4501);
    const away = new Client(server, "ban7", { cookie: member.cookie, forwarded: newPlace() });
    expect((await away.closed).code).toBe(4501);
    const flatmate = await guestIn("ban7", "Flatmate", forwarded);
    for (const client of [mod, flatmate]) await client.close();
  });

  test("reaches someone who has left, by what they wrote", async () => {
    const mod = await bossIn("ban8");
    const forwarded = newPlace();
    const hitAndRun = await guestIn("ban8", "Hit and Run", forwarded);
    await hitAndRun.post("spam");
    await hitAndRun.close();
    expect(await order(mod, "/ban Hit and Run spam")).not.toStartWith("!");
    const back = new Client(server, "ban8", { forwarded });
    expect((await back.closed).code).toBe(4501);
    await mod.close();
  });

  test("closes streams of events too", async () => {
    const mod = await bossIn("ban9");
    const forwarded = newPlace();
    const url = new URL("api/v1/rooms/ban9/events", server.url);
    const stream = await fetch(url, { headers: { "x-forwarded-for": forwarded } });
    const reader = stream.body?.getReader();
    await reader?.read();
    const troll = await guestIn("ban9", "Streamer", forwarded);
    await order(mod, "/ban streamer");
    for (;;) if ((await reader?.read())?.done !== false) break;
    await troll.closed;
    await mod.close();
  });
});

describe("deleting", () => {
  test("one message, or all of a person", async () => {
    const mod = await bossIn("delete");
    const spammer = await guestIn("delete", "Spammer");
    const other = await guestIn("delete", "Reader");
    const first = await spammer.post("buy");
    await spammer.post("buy more");
    const kept = await other.post("no");
    expect(await order(other, `/delete #${first.seq}`)).toStartWith("! not_allowed");
    await order(mod, `/delete #${first.seq}`);
    expect((await other.next("deleted")).target).toBe(first.seq);
    await order(mod, "/delete-all spammer spam");
    await other.next("deleted");
    const late = await join(server, "delete", { forwarded: newPlace() });
    const texts = late.welcome.messages?.map(({ text }) => text);
    expect(texts).toEqual(["", "", "no"]);
    expect(kept.seq).toBe(3);
    for (const client of [mod, spammer, other, late]) await client.close();
  });
});

describe("a room", () => {
  test("locked: closes with 4503, keeps out, and opens again", async () => {
    const mod = await bossIn("lock");
    const guest = await guestIn("lock", "Guest");
    await order(mod, "/lock");
    expect((await guest.closed).code).toBe(4503);
    const back = new Client(server, "lock", { forwarded: newPlace() });
    expect((await back.closed).code).toBe(4503);
    await order(mod, "/unlock");
    const again = await guestIn("lock", "Guest");
    for (const client of [mod, again]) await client.close();
  });

  test("read-only: readers read, moderators write", async () => {
    const mod = await bossIn("readonly");
    const guest = await guestIn("readonly", "Guest");
    await order(mod, "/readonly on");
    expect((await guest.next("room")).readOnly).toBe(true);
    const id = guest.say("may I");
    expect((await guest.next("error", (frame) => frame.id === id)).code).toBe("not_allowed");
    await mod.post("news");
    await guest.next("message", ({ text }) => text === "news");
    await order(mod, "/readonly off");
    await guest.next("room", ({ readOnly }) => !readOnly);
    await guest.post("thanks");
    for (const client of [mod, guest]) await client.close();
  });

  test("slow: one message of a person in so many seconds", async () => {
    const mod = await bossIn("slow");
    const guest = await guestIn("slow", "Guest");
    await order(mod, "/slow 30");
    await guest.next("room", ({ slow }) => slow === 30);
    await guest.post("one");
    const id = guest.say("two");
    const error = await guest.next("error", (frame) => frame.id === id);
    expect(error.code).toBe("too_fast");
    expect(error.retryAfterMs).toBeWithin(25_000, 30_001);
    await mod.post("a");
    await mod.post("b");
    expect(await order(mod, "/slow never")).toStartWith("! invalid");
    for (const client of [mod, guest]) await client.close();
  });

  test("has a topic and pins, which a joiner is told", async () => {
    const mod = await bossIn("topic");
    const guest = await guestIn("topic", "Guest");
    const { seq } = await guest.post("remember this");
    await order(mod, "/topic What we talk about");
    await order(mod, `/pin #${seq}`);
    expect(await order(mod, "/pin #99")).toStartWith("! not_found");
    expect(await order(guest, "/topic mine")).toStartWith("! not_allowed");
    expect(await order(guest, "/topic")).toBe("What we talk about");
    const late = await guestIn("topic", "Late");
    expect(late.welcome.about).toMatchObject({ topic: "What we talk about", pins: [seq] });
    for (const client of [mod, guest, late]) await client.close();
  });

  test("archived: nobody writes, everybody reads", async () => {
    const mod = await bossIn("archive");
    const guest = await guestIn("archive", "Guest");
    await guest.post("old times");
    await order(mod, "/archive on");
    await guest.next("room", ({ archived }) => archived);
    for (const client of [mod, guest]) {
      const id = client.say("more");
      expect((await client.next("error", (frame) => frame.id === id)).code).toBe("not_allowed");
    }
    for (const client of [mod, guest]) await client.close();
  });
});

test("the audit log tells it in order, with who, whom, where and why", async () => {
  const mod = await bossIn("story");
  const villain = await guestIn("story", "Villain");
  const { seq } = await villain.post("boo");
  await order(mod, "/mute villain 1m shouting");
  await order(mod, `/delete #${seq}`);
  await order(mod, "/ban villain enough");
  await order(mod, "/unban villain");
  expect((await audit("story")).reverse()).toEqual(["mute", "delete", "ban", "unban"]);
  const { text } = await boss.get("admin/audit?q=shouting");
  for (const word of ["boss", "Villain", "story", "shouting"]) expect(text).toContain(word);
  await mod.close();
});
