import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Client, join, joinPlain, refusedUpgrade } from "../../support/people/client.ts";
import { administrator, owner, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((e) => `! ${e.code}: ${e.message}`),
  ]);
}

/** A closed room whose owner is in it. */
async function closed(room: string, command: string) {
  const someone = await owner(server, `Keeper of ${room}`);
  const client = await join(server, room, { cookie: someone.cookie });
  expect(await order(client, command)).toBe("Done.");
  return { someone, client };
}

const codeOf = async (client: Client) => (await client.closed).code;

describe("a room for members", () => {
  test("belongs to whoever closed it, and keeps the others out with 4502", async () => {
    const { client } = await closed("club", "/close members");
    expect(await codeOf(new Client(server, "club"))).toBe(4502);
    const stranger = await visitor(server);
    expect((await stranger.get("rooms/club")).status).toBe(403);
    for (const path of ["messages", "events"]) {
      const response = await fetch(new URL(`api/v1/rooms/club/${path}`, server.url));
      await response.body?.cancel();
      expect(response.status).toBe(403);
    }
    const plain = await joinPlain(server, "club");
    expect((await plain.closed).code).toBe(4502);
    expect(await order(client, "/topic ours")).toBe("Done.");
    await client.close();
  });

  test("are in the lobby where their owner wants it, for everyone, and not before", async () => {
    const { client } = await closed("listed", "/close members");
    const stranger = await visitor(server);
    expect((await stranger.get("")).text).not.toContain("rooms/listed");
    await order(client, "/topic 读书会 <b>");
    expect(await order(client, "/list on")).toBe("Done.");
    const { text } = await stranger.get("");
    expect(text).toContain("rooms/listed");
    expect(text).toContain("读书会 &lt;b&gt;");
    expect(await order(client, "/list off")).toBe("Done.");
    expect((await stranger.get("")).text).not.toContain("rooms/listed");
    const guest = await join(server, "unlisted");
    expect(await order(guest, "/list on")).toStartWith("! not_allowed");
    for (const each of [client, guest]) await each.close();
  });

  test("cannot be made by a guest, nor out of a room where others are talking", async () => {
    const guest = await join(server, "squat");
    expect(await order(guest, "/close members")).toStartWith("! not_allowed");
    const talker = await join(server, "talking");
    await talker.post("hello");
    const member = await owner(server, "Squatter");
    const client = await join(server, "talking", { cookie: member.cookie });
    expect(await order(client, "/close members")).toStartWith("! not_allowed");
    for (const each of [guest, talker, client]) await each.close();
  });

  test("a link lets a guest into this room and no other", async () => {
    const { client } = await closed("parlour", "/close members");
    await closed("cellar", "/close members").then((cellar) => cellar.client.close());
    const answer = await order(client, "/invite 1 1");
    const path = new URL(/https?:\S+/.exec(answer)?.[0] ?? "").pathname.slice(1);
    expect(path).toMatch(/^invite\/[\w-]{22}$/);
    const invited = await visitor(server);
    expect((await invited.get(path)).status).toBe(200);
    expect((await invited.get(path)).text).toContain("parlour");
    const entered = await invited.submit(path, path, {});
    expect(entered).toMatchObject({ status: 303, location: "../rooms/parlour" });
    const inside = await join(server, "parlour", { cookie: invited.cookie });
    await inside.post("thank you");
    expect((await invited.get("rooms/parlour")).status).toBe(200);
    expect(await codeOf(new Client(server, "cellar", { cookie: invited.cookie }))).toBe(4502);
    // The same guest may open it again; another finds it used up.
    expect((await invited.submit(path, path, {})).status).toBe(303);
    const late = await visitor(server);
    expect((await late.submit(path, path, {})).status).toBe(404);
    for (const each of [client, inside]) await each.close();
  });

  test("a link can be revoked, and is not kept as it is", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const boss = await administrator(own);
    const client = await join(own, "den", { cookie: boss.cookie });
    await order(client, "/close members");
    const answer = await order(client, "/invite 1 5");
    const path = new URL(/https?:\S+/.exec(answer)?.[0] ?? "").pathname.slice(1);
    const { text } = await boss.get("admin/invitations");
    expect(text).not.toContain(path.slice("invite/".length));
    const hash = /name="hash"\s+value="([0-9a-f]{64})"/.exec(text)?.[1] ?? "";
    const fields = { verb: "revoke", hash, room: "den" };
    expect((await boss.submit("admin/invitations", "admin/invitations", fields)).status).toBe(303);
    const late = await visitor(own);
    expect((await late.get(path)).status).toBe(404);
    expect((await late.submit("account/", path, {})).status).toBe(404);
    await client.close();
  });

  test.each(["0", "91", "1 0", "1 1001", "x"])("a link of %s is none", async (asked) => {
    const { client } = await closed(`bad-${asked.replace(" ", "-")}`, "/close members");
    expect(await order(client, `/invite ${asked}`)).toStartWith("! invalid");
    await client.close();
  });

  test("its owner names moderators, who keep order but do not own it", async () => {
    const { client } = await closed("guild", "/close members");
    const helper = await owner(server, "Helper");
    expect(await order(client, "/mod Helper")).toBe("Helper is a moderator of this room now.");
    const moderator = await join(server, "guild", { cookie: helper.cookie });
    expect(moderator.welcome.you.role).toBe("moderator");
    expect(await order(moderator, "/invite")).toContain("/invite/");
    expect(await order(moderator, "/close open")).toStartWith("! not_allowed");
    expect(await order(moderator, "/kick Keeper of guild")).toStartWith("! not_allowed");
    expect(await order(moderator, "/mod Nobody")).toStartWith("! ");
    await order(client, "/unmod Helper");
    expect(await order(moderator, "/topic mine")).toStartWith("! not_allowed");
    for (const each of [client, moderator]) await each.close();
  });

  test("closing it puts out at once who does not belong", async () => {
    const someone = await owner(server, "Closer");
    const client = await join(server, "closing", { cookie: someone.cookie });
    const bystander = await join(server, "closing");
    await order(client, "/close members");
    expect(await codeOf(bystander)).toBe(4502);
    await order(client, "/close open");
    const back = await join(server, "closing");
    for (const each of [client, back]) await each.close();
  });
});

describe("a room with a password", () => {
  test("lets in who knows it: by the page, by the address, and no one else", async () => {
    const { client } = await closed("vault", "/close password open sesame");
    expect(await codeOf(new Client(server, "vault"))).toBe(4502);
    expect(await refusedUpgrade(server.ws("vault", { password: "wrong one" }))).toBe(403);
    const stranger = await visitor(server);
    const { status, text } = await stranger.get("rooms/vault");
    expect(status).toBe(403);
    expect(text).toContain('type="password"');
    const wrong = await stranger.submit("rooms/vault", "rooms/vault/password", { password: "no" });
    expect(wrong.status).toBe(403);
    const right = { password: "open sesame" };
    const entered = await stranger.submit("rooms/vault", "rooms/vault/password", right);
    expect(entered).toMatchObject({ status: 303, location: "../vault" });
    const inside = await join(server, "vault", { cookie: stranger.cookie });
    const plain = await joinPlain(server, "vault", { password: "open sesame" });
    plain.raw("me too");
    await inside.next("message", (message) => message.text === "me too");
    // A new password is for those who are told it.
    await order(client, "/close password another word");
    expect(await codeOf(inside)).toBe(4502);
    expect((await plain.closed).code).toBe(4502);
    await client.close();
  });

  test("a password is no secret in the log of what was done", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const boss = await administrator(own);
    const client = await join(own, "safe", { cookie: boss.cookie });
    await order(client, "/close password hush hush hush");
    const { text } = await boss.get("admin/audit");
    expect(text).toContain("room.password");
    expect(text).not.toContain("hush");
    expect(JSON.stringify(own.log)).not.toContain("hush");
    await client.close();
  });
});

describe("a conversation between two", () => {
  test("is theirs alone, not an administrator's either", async () => {
    await using own = await Server.start({ args: ["--limits", "off"] });
    const boss = await administrator(own);
    const [one, other] = [await visitor(own), await visitor(own)];
    const ada = await join(own, "hall", { cookie: one.cookie, name: "Ada" });
    const bob = await join(own, "hall", { cookie: other.cookie, name: "Bob" });
    const { id: bobs } = bob.welcome.you;
    expect(await order(ada, "/msg bob")).toContain(`/people/${bobs}`);
    expect((await bob.next("notice")).text).toContain(`/people/${ada.welcome.you.id}`);
    ada.send({ type: "talk", people: [bobs] });
    const { room } = await ada.next("talk");
    const [left, right] = await Promise.all([
      join(own, room, { cookie: one.cookie }),
      join(own, room, { cookie: other.cookie }),
    ]);
    await left.post("between us");
    await right.next("message", ({ text }) => text === "between us");
    for (const cookie of [boss.cookie, undefined]) {
      expect(await codeOf(new Client(own, room, { cookie }))).toBe(4502);
    }
    expect((await boss.get(`rooms/${room}`)).status).toBe(403);
    expect((await one.get(`people/${bobs}`)).text).toContain(`data-room="${room}"`);
    expect((await one.post(`rooms/${room}`, { text: "hi" })).location).toBe(`./${room}`);
    expect((await one.get(`rooms/${room}`)).status).toBe(303);
    expect(await order(left, "/close open")).toStartWith("! not_allowed");
    for (const each of [ada, bob, left, right]) await each.close();
  });

  test("cannot be begun for others by guessing its room", async () => {
    const room = `direct-${"0".repeat(32)}`;
    expect(await codeOf(new Client(server, room))).toBe(4502);
  });
});
