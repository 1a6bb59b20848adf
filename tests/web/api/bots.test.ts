import { afterAll, describe, expect, test } from "bun:test";
import { PROTOCOL } from "../../../lib/model/wire/frame.ts";
import { guest, join, refusedUpgrade } from "../../support/people/client.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

const server = await Server.start({ args: ["--limits", "off"] });
afterAll(() => server[Symbol.asyncDispose]());
const boss = await administrator(server);

/** A new token of the bot `name`, as the administration shows it once. */
async function tokenOf(name: string, scopes = "read post", rooms = "*"): Promise<string> {
  const fields = { verb: "bot-token", name, scopes, rooms };
  const { text } = await boss.submit("admin/bots", "admin/bots", fields);
  const token = /chatroom_[\w-]{43}/.exec(text)?.[0];
  if (token === undefined) throw new Error(`no token: ${text.slice(0, 2_000)}`);
  return token;
}

async function endTokens(name: string, admin: Visitor = boss): Promise<void> {
  const { text } = await admin.get(`admin/bots?q=${name}`);
  for (const [, hash = ""] of text.matchAll(/name="hash"\s+value="(\w+)"/g)) {
    await admin.submit("admin/bots", "admin/bots", { verb: "end-token", hash });
  }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function say(token: string, room: string, body: object): Promise<Response> {
  return fetch(new URL(`api/v1/rooms/${room}/messages`, server.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...bearer(token) },
    body: JSON.stringify(body),
  });
}

const read = (token: string, room: string) =>
  fetch(new URL(`api/v1/rooms/${room}/messages`, server.url), { headers: bearer(token) });

describe("a bot", () => {
  test("speaks under its own name, marked as a bot to everyone", async () => {
    const reader = await join(server, "bots-1");
    const response = await say(await tokenOf("Deploy"), "bots-1", { text: "done" });
    expect(response.status).toBe(201);
    const { author } = await reader.next("message");
    expect(author).toMatchObject({ name: "Deploy", bot: true });
    const later = await join(server, "bots-1");
    expect(later.welcome.messages?.[0]?.author).toEqual(author);
    const page = await fetch(new URL("rooms/bots-1", server.url));
    expect(await page.text()).toContain('<small class="bot">bot</small>');
  });

  test("is marked in presence and in its own welcome", async () => {
    const reader = await join(server, "bots-2");
    const bot = await join(server, "bots-2", { headers: bearer(await tokenOf("Greeter")) });
    expect(bot.welcome.you).toMatchObject({ name: "Greeter", role: "member", bot: true });
    const { joined = [] } = await reader.next("presence", ({ count }) => count === 2);
    expect(joined).toContainEqual(expect.objectContaining({ name: "Greeter", bot: true }));
  });

  test("owns its name: nobody else is called that, or looks like it", async () => {
    await tokenOf("Courier");
    const url = server.ws("bots-3", { name: "Cоurier" });
    expect(await refusedUpgrade(url, { "sec-websocket-protocol": PROTOCOL })).toBe(403);
  });

  test("cannot be given a person's name", async () => {
    await owner(server, "Ada");
    const fields = { verb: "bot-token", name: "Ada", scopes: "post", rooms: "*" };
    expect((await boss.submit("admin/bots", "admin/bots", fields)).status).toBe(403);
  });

  test("cannot sign in with a password", async () => {
    await tokenOf("Silent");
    const someone = await owner(server, "Someone");
    const fields = { name: "Silent", password: "" };
    expect((await someone.post("account/sign-in", fields)).status).toBeLessThan(500);
  });

  test("sends one message for one id, over HTTP and on any socket", async () => {
    const token = await tokenOf("Twice");
    const bot = await join(server, "bots-4", { headers: bearer(token) });
    const { seq } = await bot.post("once", { id: "same" });
    const again = await say(token, "bots-4", { text: "once", id: "same" });
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({ seq, id: "same" });
  });
});

describe("a token", () => {
  test("is not good for more than its scopes", async () => {
    const poster = await tokenOf("Poster", "post");
    expect((await say(poster, "scopes", { text: "hello" })).status).toBe(201);
    expect((await read(poster, "scopes")).status).toBe(403);
    expect(await refusedUpgrade(server.ws("scopes"), bearer(poster))).toBe(403);
    const reader = await tokenOf("Reader", "read");
    expect((await read(reader, "scopes")).status).toBe(200);
    expect((await say(reader, "scopes", { text: "hello" })).status).toBe(403);
  });

  test("is not good for other rooms than its own", async () => {
    const token = await tokenOf("Local", "read post", "here");
    expect((await say(token, "here", { text: "hello" })).status).toBe(201);
    expect((await say(token, "there", { text: "hello" })).status).toBe(403);
    expect((await read(token, "there")).status).toBe(403);
  });

  test("with the scope moderate keeps order, and without it does not", async () => {
    const reader = await join(server, "order");
    const { seq } = await reader.post("spam");
    const weak = await join(server, "order", { headers: bearer(await tokenOf("Weak")) });
    weak.send({ type: "delete", seq, ref: "1" });
    expect((await weak.next("error")).code).toBe("not_allowed");
    const token = await tokenOf("Warden", "read post moderate");
    const warden = await join(server, "order", { headers: bearer(token) });
    expect(warden.welcome.you.role).toBe("moderator");
    warden.send({ type: "delete", seq });
    expect((await reader.next("deleted")).target).toBe(seq);
  });

  test("that is ended is refused with 401, and its sockets close", async () => {
    const token = await tokenOf("Gone");
    const bot = await join(server, "ended", { headers: bearer(token) });
    await endTokens("Gone");
    expect((await bot.closed).code).toBe(4003);
    const response = await read(token, "ended");
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toStartWith("Bearer");
    expect(await response.json()).toMatchObject({ error: { code: "not_allowed" } });
    expect(await refusedUpgrade(server.ws("ended"), bearer(token))).toBe(401);
  });

  test("opens no page of the administration", async () => {
    const headers = bearer(await tokenOf("Root-like", "admin"));
    const response = await fetch(new URL("admin/people", server.url), { headers });
    expect(response.status).toBe(403);
  });

  test("is listed with its scopes, its rooms and when it was last used", async () => {
    await tokenOf("Listed", "read post", "here");
    expect((await boss.get("admin/bots?q=listed")).text).toContain("never");
    const { text } = await boss.get("admin/audit?q=listed");
    expect(text).toContain("read post #here");
  });
});

describe("the answer to an upgrade", () => {
  /** The headers with which a socket is accepted. */
  async function accepted(headers: Record<string, string>): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { hostname, port, host } = new URL(server.url);
    const lines = {
      ...{ host, connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" },
      ...{ "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==", ...headers },
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = await Bun.connect({
      ...{ hostname, port: Number(port) },
      socket: { data: (_, bytes) => resolve(bytes.toString("latin1")) },
    });
    socket.write(`GET /ws/who/ HTTP/1.1\r\n${head.join("")}\r\n`);
    const answer = await promise;
    socket.end();
    return answer.toLowerCase();
  }

  test("says as whom the socket speaks", async () => {
    const token = await tokenOf("Known");
    expect(await accepted({})).toContain("x-chatroom-identity: stranger");
    expect(await accepted({ cookie: await guest(server) })).toContain("x-chatroom-identity: guest");
    expect(await accepted({ cookie: boss.cookie })).toContain("x-chatroom-identity: account");
    expect(await accepted(bearer(token))).toContain("x-chatroom-identity: bot");
  });

  test("takes a token as a subprotocol, and does not repeat it", async () => {
    const token = await tokenOf("Browser");
    const offered = `${PROTOCOL}, chatroom.bearer.${token}`;
    const answer = await accepted({
      "sec-websocket-protocol": offered,
      origin: "https://elsewhere.example",
    });
    expect(answer).toContain("x-chatroom-identity: bot");
    expect(answer).toContain(`sec-websocket-protocol: ${PROTOCOL}\r\n`);
    expect(answer).not.toContain(token.toLowerCase());
  });
});

test("a bot's inbox tells a token of no room that the token is not for", async () => {
  const inboxOf = async (token: string) => {
    const answer = await fetch(new URL("api/v1/inbox", server.url), { headers: bearer(token) });
    const { rooms } = await answer.json();
    return rooms.filter((each: { followed: boolean }) => each.followed);
  };
  const everywhere = await tokenOf("Collector");
  const headers = { "content-type": "application/json", ...bearer(everywhere) };
  const body = JSON.stringify({ room: "bots-inbox", follow: true });
  const init = { method: "POST", headers, body };
  expect((await fetch(new URL("api/v1/inbox", server.url), init)).status).toBe(204);
  expect(await inboxOf(everywhere)).toMatchObject([{ room: "bots-inbox" }]);
  expect(await inboxOf(await tokenOf("Collector", "read post", "elsewhere"))).toEqual([]);
});
