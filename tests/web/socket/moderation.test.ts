import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { PersonFrame } from "../../../lib/model/wire/moderation.ts";
import { type Client, guest, join } from "../../support/people/client.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

setDefaultTimeout(20_000);

/** Every person of these tests comes through one proxy, from an address of their own. */
let server: Server;
let boss: Visitor;
let mona: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8"] });
  boss = await administrator(server);
  mona = await owner(server, "Mona", { "x-forwarded-for": newPlace() });
});
afterAll(() => server[Symbol.asyncDispose]());

let places = 0;
const newPlace = () => `198.51.100.${(places += 1)}`;
let rooms = 0;
const newRoom = () => `order-${(rooms += 1)}`;
let refs = 0;

const bossIn = (room: string) => join(server, room, { cookie: boss.cookie });
const monaIn = (room: string) => join(server, room, { cookie: mona.cookie });
const guestIn = (room: string, name: string, forwarded = newPlace()) =>
  join(server, room, { name, forwarded });

/** Asks, and resolves to the frame that answers it. */
async function ask(client: Client, frame: object) {
  const ref = `ask-${(refs += 1)}`;
  client.send({ ...frame, ref });
  const isAnswer = (each: { readonly ref?: string }) => each.ref === ref;
  return Promise.race([
    client.next("done", isAnswer),
    client.next("person", isAnswer),
    client.next("reports", isAnswer),
    client.next("roles", isAnswer),
    client.next("rules", isAnswer),
    client.next("called", isAnswer),
    client.next("error", isAnswer),
  ]);
}

async function card(client: Client, id: string): Promise<PersonFrame> {
  const answer = await ask(client, { type: "person", id });
  if (answer.type !== "person") throw new Error(JSON.stringify(answer));
  const { ref: _, ...shown } = answer;
  return shown;
}

describe("who someone is", () => {
  test("is told to a guest without what only moderators may know or do", async () => {
    const room = newRoom();
    const [one, other] = [await guestIn(room, "One"), await guestIn(room, "Other")];
    expect(await card(one, other.welcome.you.id)).toEqual({
      type: "person",
      id: other.welcome.you.id,
      name: "Other",
      role: "guest",
      isGuest: true,
      isHere: true,
      may: [],
    });
  });

  test("is told of someone with an account, with when their name was claimed", async () => {
    const room = newRoom();
    const [one, admin] = [await guestIn(room, "One"), await bossIn(room)];
    const shown = await card(one, admin.welcome.you.id);
    expect(shown).toMatchObject({ name: "boss", role: "admin", isGuest: false, may: [] });
    expect(shown.since).toBeWithin(Date.now() - 3_600_000, Date.now() + 1);
  });

  test("is told of someone who has left long ago, by what they wrote", async () => {
    const room = newRoom();
    const gone = await guestIn(room, "Gone");
    await gone.post("remember me");
    await gone.close();
    const admin = await bossIn(room);
    for (let at = 0; at < 101; at += 1) await admin.post(`${at}`);
    expect(await card(admin, gone.welcome.you.id)).toMatchObject({ name: "Gone", isHere: false });
  });

  test("holds what a moderator may do, and how many others share the address", async () => {
    const room = newRoom();
    const place = newPlace();
    const admin = await bossIn(room);
    const pest = await guestIn(room, "Pest", place);
    const [neighbour] = [await guestIn(room, "Neighbour", place), await guestIn(room, "Far")];
    const shown = await card(admin, pest.welcome.you.id);
    expect(shown).toMatchObject({ sanctions: [], sharing: 1, everywhere: true });
    expect(shown.may).toEqual(["mute", "ban", "kick", "delete-all"]);
    expect(shown.roles).toBeUndefined();
    await neighbour.close();
  });

  test("of oneself there is nothing to do", async () => {
    const admin = await bossIn(newRoom());
    expect((await card(admin, admin.welcome.you.id)).may).toEqual([]);
  });

  test("nobody knows an id that never was here, nor that of a program", async () => {
    const admin = await bossIn(newRoom());
    for (const id of ["nobodyatall", "bot:system"]) {
      const answer = await ask(admin, { type: "person", id });
      expect(answer).toMatchObject({ type: "error", code: "not_found" });
    }
  });
});

describe("names", () => {
  test("are found of those who are here and of those who have left, in any case", async () => {
    const room = newRoom();
    const gone = await guestIn(room, "Gone Girl");
    await gone.post("bye");
    await gone.close();
    const [one, other] = [await guestIn(room, "One"), await guestIn(room, "Other")];
    const names = ["gone girl", "OTHER", "nobody"];
    const answer = await ask(one, { type: "called", names });
    const found = answer.type === "called" ? answer.people.map(({ id }) => id) : [];
    expect(found.sort()).toEqual([gone.welcome.you.id, other.welcome.you.id].sort());
    for (const wrong of [[], [5], "x", Array.from({ length: 101 }, () => "x")]) {
      const refused = await ask(one, { type: "called", names: wrong });
      expect(refused).toMatchObject({ code: "invalid" });
    }
  });
});

describe("a verb", () => {
  test("mutes for some seconds, says so, and is taken back", async () => {
    const room = newRoom();
    const [admin, troll] = [await bossIn(room), await guestIn(room, "Troll Face")];
    const person = troll.welcome.you.id;
    const mute = { type: "moderate", verb: "mute", person, seconds: 600, reason: "too loud" };
    expect(await ask(admin, mute)).toMatchObject({
      type: "done",
      text: "Troll Face is muted for 10 minutes.",
    });
    const id = troll.say("hey");
    expect((await troll.next("error", (error) => error.id === id)).code).toBe("muted");
    const shown = await card(admin, person);
    expect(shown.may).toContain("unmute");
    expect(shown.sanctions).toMatchObject([
      { what: "mute", reason: "too loud", by: { name: "boss" }, everywhere: false },
    ]);
    expect(await ask(admin, { type: "moderate", verb: "unmute", person })).toMatchObject({
      text: "Troll Face may write again.",
    });
    await troll.post("thanks");
  });

  test("bans one person, and not who shares the address", async () => {
    const room = newRoom();
    const place = newPlace();
    const [admin, pest] = [await bossIn(room), await guestIn(room, "Pest", place)];
    const neighbour = await guestIn(room, "Neighbour", place);
    const person = pest.welcome.you.id;
    expect(await ask(admin, { type: "moderate", verb: "ban", person })).toMatchObject({
      text: "Pest is banned until someone lifts it.",
    });
    expect((await pest.closed).code).toBe(4501);
    await neighbour.post("still here");
  });

  test("with the address bans every guest who comes from there", async () => {
    const room = newRoom();
    const place = newPlace();
    const [admin, pest] = [await bossIn(room), await guestIn(room, "Pest", place)];
    const neighbour = await guestIn(room, "Neighbour", place);
    const person = pest.welcome.you.id;
    await ask(admin, { type: "moderate", verb: "ban", person, address: true, everywhere: true });
    expect((await neighbour.closed).code).toBe(4501);
    const banned = await card(admin, person);
    expect(banned.may).toContain("unban");
    expect(banned.sanctions).toMatchObject([{ what: "ban", everywhere: true, until: null }]);
    await ask(admin, { type: "moderate", verb: "unban", person });
    await (await guestIn(room, "Neighbour", place)).post("back again");
  });

  test("is refused to a guest, and everywhere to a moderator of the room", async () => {
    const room = newRoom();
    const [admin, mod] = [await bossIn(room), await monaIn(room)];
    const pest = await guestIn(room, "Pest");
    const person = pest.welcome.you.id;
    const mute = { type: "moderate", verb: "mute", person };
    expect(await ask(pest, { ...mute, person: mod.welcome.you.id })).toMatchObject({
      code: "not_allowed",
    });
    const role = { type: "moderate", verb: "role", person: mod.welcome.you.id };
    await ask(admin, { ...role, role: "moderator" });
    expect(await ask(mod, { ...mute, everywhere: true })).toMatchObject({ code: "not_allowed" });
    expect((await card(mod, person)).everywhere).toBeUndefined();
    expect(await ask(mod, { ...mute, seconds: 3_600 })).toMatchObject({
      text: "Pest is muted for 1 hour.",
    });
  });

  test("gives a role, which everyone in the room is told, and takes it away", async () => {
    const room = newRoom();
    const [admin, mod, someone] = [await bossIn(room), await monaIn(room), await guestIn(room, "")];
    const { id } = mod.welcome.you;
    const role = { type: "moderate", verb: "role", person: id };
    const before = await ask(someone, { type: "roles" });
    expect(before).toMatchObject({ roles: { [admin.welcome.you.id]: "admin" } });
    expect((await card(admin, id)).roles).toEqual(["moderator"]);
    expect(await ask(admin, { ...role, role: "moderator" })).toMatchObject({
      text: "Mona is a moderator of this room now.",
    });
    const told = await someone.next("roles", ({ roles }) => id in roles);
    expect(told.roles[id]).toBe("moderator");
    expect((await card(admin, id)).roles).toEqual(["guest", "member"]);
    await ask(admin, { ...role, role: "guest" });
    await someone.next("roles", ({ roles }) => !(id in roles));
  });

  test.each([
    { verb: "tickle" },
    { verb: "mute", seconds: 0 },
    { verb: "mute", seconds: 1e9 },
    { verb: "mute", reason: 5 },
    { verb: "mute", reason: "x".repeat(201) },
    { verb: "ban", everywhere: "yes" },
    { verb: "role" },
    { verb: "role", role: "admin" },
    { verb: "mute", person: "" },
  ])("that makes no sense is refused: %j", async (more) => {
    const admin = await bossIn(newRoom());
    const answer = await ask(admin, { type: "moderate", person: "someone", ...more });
    expect(answer).toMatchObject({ type: "error", code: "invalid" });
  });
});

describe("a report", () => {
  test("reaches the moderators of the room, who settle it there", async () => {
    const room = newRoom();
    const [admin, bad, good] = [
      await bossIn(room),
      await guestIn(room, "Bad"),
      await guestIn(room, "Good"),
    ];
    const { seq } = await bad.post("something vile");
    const thanks = await ask(good, { type: "report", seq, reason: "vile" });
    expect(thanks).toMatchObject({ type: "done", text: "Thank you. Someone will look at it." });
    const { reports } = await admin.next("reports", (frame) => frame.reports.length === 1);
    expect(reports).toMatchObject([
      {
        seq,
        text: "something vile",
        reason: "vile",
        author: { name: "Bad" },
        by: { name: "Good" },
      },
    ]);
    expect(await ask(admin, { type: "reports" })).toMatchObject({ reports });
    await ask(admin, { type: "settle", id: reports[0]?.id, state: "upheld" });
    await good.next("deleted", ({ target }) => target === seq);
    await admin.next("reports", (frame) => frame.reports.length === 0);
    await good.fence();
    expect(good.frames.some(({ type }) => type === "reports")).toBe(false);
    expect(await ask(good, { type: "reports" })).toMatchObject({ code: "not_allowed" });
  });
});

describe("a room", () => {
  test("is pinned to and unpinned by frames", async () => {
    const room = newRoom();
    const [admin, someone] = [await bossIn(room), await guestIn(room, "Someone")];
    const { seq } = await someone.post("the address");
    expect(await ask(someone, { type: "pin", seq, on: true })).toMatchObject({
      code: "not_allowed",
    });
    expect(await ask(admin, { type: "pin", seq, on: true })).toMatchObject({ type: "done" });
    expect((await someone.next("room")).pins).toEqual([seq]);
    await ask(admin, { type: "pin", seq, on: false });
    expect((await someone.next("room")).pins).toEqual([]);
    expect(await ask(admin, { type: "pin", seq: 99, on: true })).toMatchObject({
      code: "not_found",
    });
  });

  test("changes all the rules of a frame, or none of them", async () => {
    const room = newRoom();
    const [admin, mod] = [await bossIn(room), await monaIn(room)];
    const role = { type: "moderate", verb: "role", person: mod.welcome.you.id };
    await ask(admin, { ...role, role: "moderator" });
    await mod.next("roles");
    expect(await ask(mod, { type: "set", topic: "Tea", listed: true })).toMatchObject({
      code: "not_allowed",
    });
    expect(await ask(mod, { type: "set", topic: "Tea", slow: 5 })).toMatchObject({ type: "done" });
    await ask(admin, { type: "set", listed: true, keepDays: 30 });
    expect(await ask(mod, { type: "rules" })).toMatchObject({
      rules: { topic: "Tea", slow: 5, listed: true, keepDays: 30 },
      may: ["topic", "pin", "invite", "lock", "settle"],
      members: [{ name: "Mona", role: "moderator" }],
      sanctions: [],
    });
    expect(await ask(admin, { type: "set", slow: 1e6 })).toMatchObject({ code: "invalid" });
    expect(await ask(admin, { type: "set", locked: 1 })).toMatchObject({ code: "invalid" });
  });

  test("tells a guest its rules, and neither its members nor who is muted", async () => {
    const someone = await guestIn(newRoom(), "Someone");
    const { ref: _, ...rules } = await ask(someone, { type: "rules" });
    expect(rules).toMatchObject({ type: "rules", rules: { kind: "open" }, may: [] });
    expect(Object.keys(rules).sort()).toEqual(["may", "rules", "type"]);
  });

  test("is closed with a password, and opened to whoever has an invitation", async () => {
    const room = newRoom();
    const admin = await bossIn(room);
    await ask(admin, { type: "set", kind: "password", password: "open sesame" });
    expect((await admin.next("room")).kind).toBe("password");
    const invited = await ask(admin, { type: "invite", days: 7, uses: 2 });
    expect(invited).toMatchObject({ type: "done" });
    const link = invited.type === "done" ? invited.link : undefined;
    expect(link).toStartWith(`${server.url}invite/`);
    expect(await ask(admin, { type: "invite", days: 0, uses: 2 })).toMatchObject({
      code: "invalid",
    });
    const stranger = await join(server, room, {
      cookie: await guest(server),
      password: "open sesame",
    });
    expect(await ask(stranger, { type: "invite", days: 1, uses: 1 })).toMatchObject({
      code: "not_allowed",
    });
  });
});
