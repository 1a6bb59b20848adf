import { afterAll, describe, expect, test } from "bun:test";
import { OPERATIONS } from "../../../lib/web/api/routes.ts";
import { Refusal } from "../../../lib/model/base/errors.ts";
import { call as callAt, type CallOptions, called } from "../../support/api.ts";
import { guest, join } from "../../support/people/client.ts";
import { administrator, owner } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

const server = await Server.start({ args: ["--limits", "off"] });
afterAll(() => server[Symbol.asyncDispose]());
const boss = await administrator(server);
const call = (
  id: string,
  params: Readonly<Record<string, string | number>> = {},
  options: CallOptions = {},
) => callAt(server, id, params, options);

const admin = { cookie: boss.cookie };
const made = new Map<string, string>();
/** The token of the bot `name`, made with these scopes. */
async function bot(name: string, ...scopes: readonly string[]): Promise<{ token: string }> {
  const known = made.get(name);
  if (known !== undefined) return { token: known };
  const body = { name, ...(scopes.length === 0 ? {} : { scopes }) };
  const { body: answer } = await call("createToken", {}, { ...admin, body });
  const token = String(answer["token"]);
  made.set(name, token);
  return { token };
}

async function post(room: string, text: string, who: CallOptions = {}): Promise<number> {
  const { body } = await call("postMessage", { room }, { ...who, body: { text } });
  return Number(body["seq"]);
}

describe("messages over HTTP", () => {
  test("are edited, reacted to and deleted by their author", async () => {
    const who = await bot("Writer");
    const room = "http-edit";
    const reader = await join(server, room);
    const seq = await post(room, "frist", who);
    await call("editMessage", { room, seq }, { ...who, body: { text: "first" } });
    expect(await reader.next("edited")).toMatchObject({ target: seq, text: "first" });
    await call("addReaction", { room, seq, emoji: "👍" }, who);
    expect(await reader.next("reacted")).toMatchObject({ emoji: "👍", on: true });
    expect((await call("getMessage", { room, seq })).body).toMatchObject({
      ...{ text: "first", reactions: { "👍": [{ name: "Writer", bot: true }] } },
    });
    await call("removeReaction", { room, seq, emoji: "👍" }, who);
    expect(await reader.next("reacted")).toMatchObject({ on: false });
    expect((await call("deleteMessage", { room, seq }, who)).status).toBe(204);
    expect((await reader.next("deleted")).target).toBe(seq);
  });

  test("are not changed by others", async () => {
    const room = "http-others";
    const seq = await post(room, "mine", await bot("Writer"));
    const other = await bot("Other");
    const edit = await call("editMessage", { room, seq }, { ...other, body: { text: "yours" } });
    expect([edit.status, edit.refused]).toEqual([403, expect.stringMatching(/^not_allowed: /)]);
    expect((await call("deleteMessage", { room, seq }, other)).status).toBe(403);
  });

  test("answer others, by the number of the message", async () => {
    const room = "http-reply";
    const seq = await post(room, "question");
    const body = { text: "answer", replyTo: seq };
    expect((await call("postMessage", { room }, { body })).body).toMatchObject({ replyTo: seq });
  });

  test("come in pages, to which Link leads", async () => {
    const room = "http-pages";
    for (let at = 1; at <= 5; at += 1) await post(room, `${at}`);
    const first = await call("listMessages", { room }, { query: { limit: 2 } });
    expect(first.headers.get("link")).toBe('<?limit=2&before=4>; rel="next"');
    const forward = await call("listMessages", { room }, { query: { after: 0, limit: 5 } });
    expect(forward.headers.get("link")).toBeNull();
    expect(forward.body).toMatchObject({ more: false });
  });

  test("of a private talk are written to a person, and read by them", async () => {
    const [ada, eve] = [await owner(server, "Ada"), await owner(server, "Eve")];
    const { body: me } = await call("getMe", {}, { cookie: ada.cookie });
    const body = { text: "hello" };
    await call("postTalkMessage", { id: String(me["id"]) }, { cookie: eve.cookie, body });
    const { body: her } = await call("getMe", {}, { cookie: eve.cookie });
    const talk = await call("listTalkMessages", { id: String(her["id"]) }, { cookie: ada.cookie });
    expect(talk.body).toMatchObject({ messages: [{ text: "hello", author: { name: "Eve" } }] });
  });
});

test("a private talk can be with a bot", async () => {
  const who = await bot("Confidant");
  const { body: me } = await call("getMe", {}, who);
  const { cookie } = await owner(server, "Ivy");
  await call("postTalkMessage", { id: String(me["id"]) }, { cookie, body: { text: "psst" } });
  expect((await call("getInbox", {}, who)).body).toMatchObject({
    rooms: [{ kind: "direct", people: [{ name: "Ivy" }], last: { text: "psst" } }],
  });
});

describe("streams and files over HTTP", () => {
  /** The data of server-sent events, in their order. */
  async function* eventsOf(path: string, token: string) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(new URL(`api/v1/${path}`, server.url), { headers });
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of response.body ?? []) {
      const records = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
      rest = records.pop() ?? "";
      for (const text of records) {
        const data = /^data: (.*)$/m.exec(text)?.[1];
        if (data !== undefined) yield JSON.parse(data);
      }
    }
  }
  const schemaOf = (id: string) => OPERATIONS.find((each) => each.id === id)?.answers[200]?.schema;

  test("events are as they are declared", async () => {
    const room = "http-stream";
    const { token } = await bot("Streamer");
    const seq = await post(room, "one", { token });
    const events = eventsOf(`rooms/${room}/events`, token);
    const found = [(await events.next()).value];
    await call("editMessage", { room, seq }, { token, body: { text: "**two**" } });
    await call("addReaction", { room, seq, emoji: "👍" }, { token });
    await call("deleteMessage", { room, seq }, { token });
    await post(room, "three", { token });
    while (found.length < 5) found.push((await events.next()).value);
    await events.return(undefined);
    for (const event of found) {
      expect(schemaOf("followRoom")?.check(event, "event")).not.toBeInstanceOf(Refusal);
    }
    expect(found).toMatchObject([
      ...[{ type: "welcome" }, { type: "edited" }, { type: "reacted" }],
      ...[{ type: "deleted" }, { type: "message", text: "three" }],
    ]);
  });

  test("the inbox's events are as they are declared", async () => {
    const { token } = await bot("Streamer");
    const events = eventsOf("inbox/events", token);
    const { value: event } = await events.next();
    await events.return(undefined);
    expect(schemaOf("followInbox")?.check(event, "event")).not.toBeInstanceOf(Refusal);
  });

  test("a file is uploaded, sent and read with a token", async () => {
    const room = "http-files";
    const who = await bot("Uploader");
    const headers = { authorization: `Bearer ${who.token}` };
    const url = new URL(`api/v1/rooms/${room}/files?name=a.txt`, server.url);
    const response = await fetch(url, { method: "POST", headers, body: "hello" });
    expect(response.status).toBe(201);
    const file = await response.json();
    const { body } = await call("postMessage", { room }, { ...who, body: { files: [file.id] } });
    expect(body).toMatchObject({ text: "", files: [file] });
    const read = await fetch(new URL(`files/${file.id}/a.txt`, server.url), { headers });
    expect(await read.text()).toBe("hello");
  });
});

describe("rooms over HTTP", () => {
  test("say what they are, who is there, and how they are kept", async () => {
    const room = "http-room";
    await join(server, room, { name: "Zoe" });
    await call("changeRules", { room }, { ...admin, body: { topic: "Tea", listed: true } });
    expect((await call("getRoom", { room })).body).toMatchObject({
      ...{ room, about: { topic: "Tea" }, count: 1, you: { role: "guest" } },
    });
    expect((await call("listPeople", { room })).body).toMatchObject({ people: [{ name: "Zoe" }] });
    expect((await call("listRooms")).body).toMatchObject({ rooms: [{ room, count: 1 }] });
    expect((await call("getRules", { room })).body).toMatchObject({ rules: { listed: true } });
    const { body } = await call("listRoles", { room });
    expect(Object.values(Object(body["roles"]))).toEqual(["admin"]);
  });

  test("show who types", async () => {
    const room = "http-typing";
    const reader = await join(server, room);
    expect((await call("startTyping", { room }, await bot("Writer"))).status).toBe(204);
    expect((await reader.next("typing")).person).toMatchObject({ name: "Writer", bot: true });
  });

  test("let people in by their password, or by an invitation", async () => {
    const room = "http-closed";
    const rules = { kind: "password", password: "correct horse" };
    await call("changeRules", { room }, { ...admin, body: rules });
    const who = await bot("Visitor");
    expect((await call("listMessages", { room }, who)).status).toBe(403);
    const wrong = { ...who, body: { password: "wrong horse" } };
    expect((await call("joinRoom", { room }, wrong)).status).toBe(403);
    const right = { ...who, body: { password: "correct horse" } };
    expect((await call("joinRoom", { room }, right)).status).toBe(204);
    expect((await call("listMessages", { room }, who)).status).toBe(200);
    await call("changeRules", { room }, { ...admin, body: { kind: "members" } });
    const invited = await call("invite", { room }, { ...admin, body: { days: 1, uses: 1 } });
    const token = String(invited.body["link"]).split("/").at(-1) ?? "";
    const other = await bot("Invited");
    expect((await call("useInvitation", { token }, other)).body).toMatchObject({ room });
    expect((await call("listMessages", { room }, other)).status).toBe(200);
  });
});

describe("order over HTTP", () => {
  test("is kept by a bot with the scope moderate, and by no other", async () => {
    const room = "http-order";
    const cookie = await guest(server);
    const noisy = await join(server, room, { cookie, name: "Noisy" });
    const { id } = noisy.welcome.you;
    const seq = await post(room, "spam", { cookie });
    const [keeper, weak] = [await bot("Keeper", "read", "post", "moderate"), await bot("Weak")];
    const mute = { verb: "mute", seconds: 60, reason: "noise" };
    expect((await call("moderatePerson", { room, id }, { ...weak, body: mute })).status).toBe(403);
    await call("moderatePerson", { room, id }, { ...keeper, body: mute });
    expect((await call("getPerson", { room, id }, keeper)).body).toMatchObject({
      sanctions: [{ what: "mute", reason: "noise", by: { name: "Keeper" } }],
    });
    await call("pinMessage", { room, seq }, keeper);
    expect((await call("getRoom", { room })).body).toMatchObject({ about: { pins: [seq] } });
    await call("unpinMessage", { room, seq }, keeper);
    await call("reportMessage", { room }, { ...weak, body: { seq, reason: "spam" } });
    const { body } = await call("listReports", { room }, keeper);
    const { reports } = body;
    const [report] = Array.isArray(reports) ? reports : [];
    await call(
      "settleReport",
      { room, id: Number(report?.id) },
      { ...keeper, body: { state: "upheld" } },
    );
    expect((await noisy.next("deleted")).target).toBe(seq);
  });
});

describe("identity over HTTP", () => {
  test("is that of the token, the cookie or the network", async () => {
    const kind = async (who: CallOptions) => (await call("getMe", {}, who)).body["kind"];
    expect(await kind({})).toBe("stranger");
    expect(await kind({ cookie: await guest(server) })).toBe("guest");
    expect(await kind(admin)).toBe("account");
    expect(await kind(await bot("Writer"))).toBe("bot");
  });

  test("a token for some rooms reaches no further, whatever its scopes", async () => {
    const room = "http-bound";
    const body = { name: "Bound", scopes: ["read", "post", "admin"], rooms: [room] };
    const { body: made } = await call("createToken", {}, { ...admin, body });
    const bound = { token: String(made["token"]) };
    expect((await call("getRoom", { room }, bound)).body).toMatchObject({ you: { role: "owner" } });
    expect((await call("listTokens", {}, bound)).status).toBe(403);
    expect((await call("createToken", {}, { ...bound, body: { name: "More" } })).status).toBe(403);
    const guestCookie = await guest(server);
    const troll = await join(server, room, { cookie: guestCookie });
    const { id } = troll.welcome.you;
    const everywhere = { verb: "ban", everywhere: true };
    const ban = await call("moderatePerson", { room, id }, { ...bound, body: everywhere });
    expect(ban.status).toBe(403);
    const ada = await owner(server, "Adah");
    const { body: her } = await call("getMe", {}, { cookie: ada.cookie });
    const talk = { ...bound, body: { text: "psst" } };
    expect((await call("postTalkMessage", { id: String(her["id"]) }, talk)).status).toBe(403);
    const socket = await join(server, room, {
      headers: { authorization: `Bearer ${bound.token}` },
    });
    socket.send({ type: "talk", people: [her["id"]], ref: "1" });
    expect((await socket.next("error")).code).toBe("not_allowed");
  });

  test("administrators make, list and end tokens", async () => {
    const chief = await bot("Chief", "admin");
    const { body } = await call("createToken", {}, { ...chief, body: { name: "Minion" } });
    const listed = await call("listTokens", {}, { ...chief, query: { q: "minion" } });
    expect(listed.body).toMatchObject({ tokens: [{ bot: { name: "Minion" }, usedAt: 0 }] });
    expect((await call("endToken", { id: String(body["id"]) }, chief)).status).toBe(204);
    expect((await call("getMe", {}, { token: String(body["token"]) })).status).toBe(401);
    expect((await call("listTokens", {}, await bot("Writer"))).status).toBe(403);
  });
});

describe("the inbox over HTTP", () => {
  test("is a bot's too", async () => {
    const who = await bot("Follower");
    const room = "http-inbox";
    await post(room, "here", who);
    const other = await post(room, "there");
    await call("markInbox", {}, { ...who, body: { room, follow: true, unread: other } });
    expect((await call("getInbox", {}, who)).body).toMatchObject({ rooms: [{ room, unread: 1 }] });
  });
});

describe("what is sent is checked", () => {
  test.each([
    ["an unknown parameter", "listMessages", { query: { limti: 1 } }],
    ["a parameter out of range", "listMessages", { query: { limit: 101 } }],
    ["an unknown field", "postMessage", { body: { text: "x", txt: "y" } }],
    ["a field of another type", "postMessage", { body: { text: "x", replyTo: "1" } }],
  ])("%s is refused", async (_, id, options) => {
    const { status, refused } = await call(id, { room: "checked" }, options);
    expect([status, refused]).toEqual([400, expect.stringMatching(/^invalid: /)]);
  });

  test("a method that an address does not take is refused with those it does", async () => {
    const response = await fetch(new URL("api/v1/rooms/x/messages/1", server.url), {
      method: "PUT",
      headers: { accept: "text/html" },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, PATCH, DELETE");
    expect(await response.json()).toMatchObject({ error: { code: "not_allowed" } });
  });

  test("an address that there is not is refused as JSON, to a browser too", async () => {
    const url = new URL("api/v1/nothing", server.url);
    const response = await fetch(url, { headers: { accept: "text/html" } });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });
});

describe("answers", () => {
  test("have an ETag, and are 304 to who has them", async () => {
    const room = "http-etag";
    await post(room, "once");
    const { headers } = await call("listMessages", { room });
    const etag = headers.get("etag") ?? "";
    const known = { headers: { "if-none-match": etag } };
    expect((await call("listMessages", { room }, known)).status).toBe(304);
    await post(room, "twice");
    expect((await call("listMessages", { room }, known)).status).toBe(200);
  });

  test("are compressed where the client takes that", async () => {
    const room = "http-compressed";
    await post(room, "x".repeat(2_000));
    const url = new URL(`api/v1/rooms/${room}/messages`, server.url);
    for (const encoding of ["br", "gzip"]) {
      const response = await fetch(url, { headers: { "accept-encoding": encoding } });
      expect(response.headers.get("content-encoding")).toBe(encoding);
      expect(await response.json()).toMatchObject({ room });
    }
  });
});

test("a browser is signed up for notices, and taken off again", async () => {
  const { body } = await call("getPush", {}, admin);
  expect(body).toEqual({ key: expect.stringMatching(/^[\w-]{87}$/) });
  const endpoint = "https://fcm.googleapis.com/fcm/send/x";
  const keys = { p256dh: "A".repeat(87), auth: "A".repeat(22) };
  const given = { endpoint, ...keys, showsText: true };
  expect((await call("addPush", {}, { ...admin, body: given })).status).toBe(204);
  expect((await call("removePush", {}, { ...admin, body: { endpoint } })).status).toBe(204);
});

test("a room has webhooks", async () => {
  const room = "http-webhooks";
  const body = { name: "Hook", url: "https://example.org/", trigger: "message" };
  const { body: made } = await call("addWebhook", { room }, { ...admin, body });
  const { body: listed } = await call("listWebhooks", { room }, admin);
  expect(listed["webhooks"]).toMatchObject([{ id: made["id"], url: "https://example.org/" }]);
  const id = String(made["id"]);
  expect((await call("removeWebhook", { room, id }, admin)).status).toBe(204);
});

test("every operation with a JSON answer was called here", () => {
  const streams = ["followRoom", "followInbox", "uploadFile"];
  const missing = OPERATIONS.map(({ id }) => id).filter((id) => !called.has(id));
  expect(missing.sort()).toEqual(streams.sort());
});
