import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { call } from "../../support/api.ts";
import { join } from "../../support/people/client.ts";
import { owner, visitor } from "../../support/people/people.ts";
import { type Device, PushService, vapidClaims } from "../../support/push/push-service.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, and notices that wait three seconds.
setDefaultTimeout(40_000);

let service: PushService;
let server: Server;
beforeAll(async () => {
  service = await PushService.start();
  server = await Server.start(service.options);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

let rooms = 0;
const newRoom = () => `push-${(rooms += 1)}`;

function subscribe(cookie: string, { endpoint, p256dh, auth }: Device, showsText = true) {
  return call(server, "addPush", {}, { cookie, body: { endpoint, p256dh, auth, showsText } });
}
/** Someone with a phone, whose page is closed: known in the room by their name. */
async function away(room: string, name: string, showsText = true) {
  const { cookie } = await visitor(server);
  const client = await join(server, room, { cookie, name });
  await client.post("see you");
  const { id } = client.welcome.you;
  // They have an inbox, and can be written to, a quarter of a second later.
  client.send({ type: "inbox" });
  await client.next("inbox", (frame) => (frame.rooms ?? []).length > 0);
  await client.close();
  const phone = service.device();
  expect((await subscribe(cookie, phone, showsText)).status).toBe(204);
  return { id, cookie, phone };
}
async function writeTo(id: string, cookie: string, text: string) {
  const answer = await call(server, "postTalkMessage", { id }, { cookie, body: { text } });
  expect(answer.refused).toBeNull();
}

describe("a notice", () => {
  test("reaches someone who is called by name, encrypted for their browser and signed by the chat", async () => {
    const room = newRoom();
    const bob = await away(room, "Bob");
    const ada = await join(server, room, { name: "Ada" });
    await ada.post("@Bob the tea is *ready*");
    const [pushed] = await service.of(bob.phone, 1);
    expect(pushed?.notice).toEqual({
      title: `Ada · ${room}`,
      body: "@Bob the tea is ready",
      path: `rooms/${room}`,
    });
    const { headers, body } = pushed ?? {};
    expect(headers?.get("content-encoding")).toBe("aes128gcm");
    expect(headers?.get("ttl")).toBe("86400");
    expect(headers?.get("topic")).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(body?.length).toBeLessThan(3 * 1024);
    const { key } = (await call(server, "getPush", {}, { cookie: bob.cookie })).body;
    const claims = vapidClaims(headers?.get("authorization") ?? null);
    expect(claims).toMatchObject({ key: String(key), aud: new URL(bob.phone.endpoint).origin });
    expect(claims["sub"]).toMatch(/^(?:mailto|https):/);
    expect(Number(claims["exp"])).toBeLessThan(Date.now() / 1_000 + 24 * 60 * 60);
    await ada.close();
  });

  test("tells of private messages under their author's name, one for several", async () => {
    const bob = await away(newRoom(), "Bob");
    const ada = await owner(server, `Ada${rooms}`);
    const me = await join(server, "hall", { cookie: ada.cookie });
    const path = `people/${me.welcome.you.id}`;
    await me.close();
    await writeTo(bob.id, ada.cookie, "are you there?");
    await writeTo(bob.id, ada.cookie, "hello?");
    const [first] = await service.of(bob.phone, 1);
    expect(first?.notice).toEqual({ title: `Ada${rooms}`, body: "hello?", path });
    await writeTo(bob.id, ada.cookie, "good night");
    const all = await service.of(bob.phone, 2);
    expect(all.map(({ notice }) => notice.body)).toEqual(["hello?", "good night"]);
  });

  test("has no text where the person wishes none", async () => {
    const room = newRoom();
    const bob = await away(room, "Bob", false);
    const ada = await join(server, room, { name: "Ada" });
    await ada.post("@Bob secret");
    const [pushed] = await service.of(bob.phone, 1);
    expect(pushed?.notice).toMatchObject({ title: `Ada · ${room}`, body: "" });
    await ada.close();
  });

  test("is not sent of what was read meanwhile, muted or deleted", async () => {
    const room = newRoom();
    const bob = await away(room, "Bob");
    const ada = await join(server, room, { name: "Ada" });
    await ada.post("@Bob read");
    const laptop = await join(server, room, { cookie: bob.cookie });
    laptop.send({ type: "read", seq: 2 });
    await laptop.close();
    // Later ones of the same room replace it; each is looked at when it is sent.
    const other = newRoom();
    const cleo = await away(other, "Cleo");
    await call(
      server,
      "markInbox",
      {},
      { cookie: cleo.cookie, body: { room: other, level: "none" } },
    );
    const bo = await join(server, other, { name: "Bo" });
    await bo.post("@Cleo muted");
    const third = newRoom();
    const dora = await away(third, "Dora");
    const eve = await join(server, third, { name: "Eve" });
    await eve.post("@Dora deleted");
    eve.send({ type: "delete", seq: 2 });
    await eve.next("deleted");
    // Queued last, it is sent last.
    const last = newRoom();
    const finn = await away(last, "Finn");
    const gus = await join(server, last, { name: "Gus" });
    await gus.post("@Finn come");
    await service.of(finn.phone, 1);
    for (const { phone } of [bob, cleo, dora]) {
      expect(await service.of(phone, 0)).toEqual([]);
    }
    await Promise.all([ada.close(), bo.close(), eve.close(), gus.close()]);
  });

  test("is tried again, and a browser is forgotten only when its service says that it is gone", async () => {
    const room = newRoom();
    const bob = await away(room, "Bob");
    const ada = await join(server, room, { name: "Ada" });
    service.statuses.push(503);
    await ada.post("@Bob one");
    const tries = await service.of(bob.phone, 2, 30_000);
    expect(tries.map(({ notice }) => notice.body)).toEqual(["@Bob one", "@Bob one"]);
    service.statuses.push(410);
    await ada.post("@Bob two");
    await service.of(bob.phone, 3);
    const other = newRoom();
    const cleo = await away(other, "Cleo");
    await ada.post("@Bob three");
    const bo = await join(server, other, { name: "Bo" });
    await bo.post("@Cleo four");
    await service.of(cleo.phone, 1);
    expect(await service.of(bob.phone, 3)).toHaveLength(3);
    await Promise.all([ada.close(), bo.close()]);
  });

  test("goes to the services that --push allows, and nowhere else", async () => {
    const { cookie } = await visitor(server);
    const device = service.device();
    for (const endpoint of [
      "https://example.org/x",
      "http://localhost/x",
      "https://localhost.example.org/x",
      "https://user:pass@localhost/x",
    ]) {
      const { refused } = await subscribe(cookie, { ...device, endpoint });
      expect(refused).toMatch(/^not_allowed: /);
    }
    expect((await subscribe(cookie, { ...device, auth: "short" })).status).toBe(400);
    expect((await subscribe(cookie, device)).status).toBe(204);
    const body = { endpoint: device.endpoint };
    expect((await call(server, "removePush", {}, { cookie, body })).status).toBe(204);
  });
});

test("a server killed between a message and its notice sends it after the next start", async () => {
  await using first = await Server.start(service.options);
  const { cookie } = await visitor(first);
  const bob = await join(first, "tea", { cookie, name: "Bob" });
  await bob.post("see you");
  await bob.close();
  const phone = service.device();
  const { endpoint, p256dh, auth } = phone;
  const body = { endpoint, p256dh, auth, showsText: true };
  await call(first, "addPush", {}, { cookie, body });
  const ada = await join(first, "tea", { name: "Ada" });
  await ada.post("@Bob come");
  await first.kill();
  expect(await service.of(phone, 0)).toEqual([]);
  await using second = await Server.start({ ...service.options, data: first.data });
  const [pushed] = await service.of(phone, 1);
  expect(pushed?.notice.body).toBe("@Bob come");
  expect(second.noise).toEqual([]);
});
