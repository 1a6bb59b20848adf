import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { InboxFrame } from "../../../lib/model/wire/inbox.ts";
import { type Client, join } from "../../support/people/client.ts";
import { administrator, owner, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const server = await Server.start({ args: ["--limits", "off"] });
afterAll(() => server[Symbol.asyncDispose]());

let halls = 0;
/** People who stand in one room, under these names. */
async function meet(...names: readonly string[]) {
  const hall = `hall-${(halls += 1)}`;
  const people = names.map(async (name) => {
    const { cookie } = await visitor(server);
    const client = await join(server, hall, { cookie, name, inbox: 0 });
    await client.next("inbox", ({ full }) => full === true);
    return Object.assign(client, { cookie, id: client.welcome.you.id });
  });
  return { hall, people: await Promise.all(people) };
}

type Someone = Client & { readonly cookie: string; readonly id: string };

/** Asks for the talk with these people; resolves to its frame, or the refusal's. */
async function ask(client: Client, ...people: readonly { readonly id: string }[]) {
  const ref = crypto.randomUUID().slice(0, 8);
  client.send({ type: "talk", people: people.map(({ id }) => id), ref });
  const isIt = (frame: { ref?: string }) => frame.ref === ref;
  return Promise.race([client.next("talk", isIt), client.next("error", isIt)]);
}
async function open(client: Client, ...people: readonly { readonly id: string }[]) {
  const talk = await ask(client, ...people);
  if (talk.type !== "talk") throw new Error(talk.message);
  return talk;
}
const refusalOf = async (client: Client, ...people: readonly { readonly id: string }[]) => {
  const answer = await ask(client, ...people);
  return answer.type === "error" ? answer.code : "begun";
};

const url = (path: string) => new URL(path, server.url);
async function say(from: Someone, to: string, text: string) {
  const headers = { cookie: from.cookie, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify({ text }) };
  return fetch(url(`api/v1/people/${to}/messages`), init);
}
async function inboxOf({ cookie }: { readonly cookie: string }): Promise<InboxFrame> {
  return (await fetch(url("api/v1/inbox"), { headers: { cookie } })).json();
}
async function readTalk(by: { readonly cookie: string }, others: string) {
  const path = `api/v1/people/${others}/messages`;
  return (await fetch(url(path), { headers: { cookie: by.cookie } })).json();
}
const isTalk = (frame: InboxFrame) =>
  (frame.rooms ?? []).some((each) => "kind" in each && each.kind === "direct");

describe("a private talk", () => {
  test("is between people, by their ids, and called by the names of the others", async () => {
    const { people } = await meet("Ada", "Bob");
    const [ada, bob] = people;
    if (!ada || !bob) throw new Error("nobody came");
    const talk = await open(ada, bob);
    expect(talk.people).toEqual([{ id: bob.id, name: "Bob" }]);
    expect((await open(bob, ada)).room).toBe(talk.room);
    const inside = await join(server, talk.room, { cookie: ada.cookie, name: "Ada" });
    await inside.post("just us");
    const told = await bob.next("inbox", (frame) => isTalk(frame) && hasUnread(frame));
    expect(told.rooms).toMatchObject([
      { kind: "direct", people: [{ id: ada.id, name: "Ada" }], level: "all", unread: 1 },
    ]);
  });

  test("is there for someone who was away, by HTTP alone", async () => {
    const { people } = await meet("Ada", "Bob");
    const [ada, bob] = people;
    if (!ada || !bob) throw new Error("nobody came");
    await bob.post("hello");
    await bob.next("inbox", ({ rooms = [] }) => rooms.length > 0);
    await bob.close();
    expect((await readTalk(ada, bob.id)).messages).toEqual([]);
    expect((await say(ada, bob.id, "are you back?")).status).toBe(201);
    expect((await readTalk(bob, ada.id)).messages).toMatchObject([{ text: "are you back?" }]);
    const { rooms = [] } = await inboxOf(bob);
    expect(rooms).toContainEqual(expect.objectContaining({ kind: "direct", unread: 1 }));
    expect((await say(bob, ada.id, "I am")).status).toBe(201);
    expect((await readTalk(ada, bob.id)).messages).toHaveLength(2);
    expect((await say(ada, "nobody-at-all", "?")).status).toBe(404);
  });

  test("is not an administrator's to read", async () => {
    const { people } = await meet("Ada", "Bob");
    const [ada, bob] = people;
    if (!ada || !bob) throw new Error("nobody came");
    const boss = await administrator(server);
    const { room } = await open(ada, bob);
    await say(ada, bob.id, "a secret");
    const path = url(`api/v1/rooms/${room}/messages`);
    expect((await fetch(path, { headers: { cookie: boss.cookie } })).status).toBe(403);
  });

  test("of three to eight people is another one, which the third reads from its start", async () => {
    const { people } = await meet("Ada", "Bob", "Zoe");
    const [ada, bob, zoe] = people;
    if (!ada || !bob || !zoe) throw new Error("nobody came");
    const two = await open(ada, bob);
    await say(ada, bob.id, "between us");
    const three = await open(ada, bob, zoe);
    expect(three.room).not.toBe(two.room);
    expect((await open(zoe, bob, ada)).room).toBe(three.room);
    await say(ada, `${zoe.id},${bob.id}`, "all three");
    expect((await readTalk(zoe, `${ada.id},${bob.id}`)).messages).toMatchObject([
      { text: "all three" },
    ]);
    const many = Array.from({ length: 8 }, () => ({ id: crypto.randomUUID() }));
    expect(await refusalOf(ada, ...many)).toBe("invalid");
    expect(await refusalOf(ada, ada)).toBe("invalid");
    expect(await refusalOf(ada, { id: "nobody" })).toBe("not_found");
  });

  test("has the others' names on its page, and not its room's", async () => {
    const { people } = await meet("Ada", "Bob", "Zoe");
    const [ada, bob, zoe] = people;
    if (!ada || !bob || !zoe) throw new Error("nobody came");
    const { room } = await open(ada, bob, zoe);
    const page = await fetch(url(`rooms/${room}`), { headers: { cookie: ada.cookie } });
    const html = await page.text();
    expect(html).toContain("<title>Bob and Zoe · chatroom</title>");
    expect(html).toContain("<h1><bdi>Bob and Zoe</bdi></h1>");
  });

  test("/msg begins it, and says what follows the name", async () => {
    const { people } = await meet("Ada", "Bob");
    const [ada, bob] = people;
    if (!ada || !bob) throw new Error("nobody came");
    ada.say("/msg Bob hello there", { id: "once" });
    await ada.next("notice", ({ id }) => id === "once");
    ada.say("/msg Bob hello there", { id: "once" });
    await ada.next("notice", ({ id }) => id === "once");
    expect((await readTalk(bob, ada.id)).messages).toMatchObject([{ text: "hello there" }]);
  });
});

describe("who may write to whom", () => {
  test("someone who is blocked begins nothing, and writes nothing more, without being told why", async () => {
    const { people } = await meet("Ada", "Mallory");
    const [ada, mallory] = people;
    if (!ada || !mallory) throw new Error("nobody came");
    const { room } = await open(mallory, ada);
    const inside = await join(server, room, { cookie: mallory.cookie, name: "Mallory" });
    await inside.post("hi");
    ada.send({ type: "mark", block: mallory.id });
    const { settings } = await ada.next("inbox", (frame) => blocks(frame) === 1);
    expect(settings?.blocked).toEqual([{ id: mallory.id, name: "Mallory" }]);
    const id = inside.say("hi again");
    expect(await inside.next("error", (frame) => frame.id === id)).toMatchObject({
      code: "not_allowed",
    });
    expect((await say(mallory, ada.id, "hi")).status).toBe(403);
    ada.send({ type: "mark", block: mallory.id, on: false });
    await ada.next("inbox", (frame) => blocks(frame) === 0 && frame.full === undefined);
    expect((await say(mallory, ada.id, "hi")).status).toBe(201);
  });

  test("the words of someone who is blocked count as nothing, in rooms too", async () => {
    const { hall, people } = await meet("Ada", "Mallory");
    const [ada, mallory] = people;
    if (!ada || !mallory) throw new Error("nobody came");
    await ada.post("I follow this room");
    ada.send({ type: "mark", block: mallory.id });
    await ada.next("inbox", (frame) => blocks(frame) === 1);
    await mallory.post("@Ada look at me");
    const { rooms = [], items } = await inboxOf(ada);
    const room = rooms.find((each) => each.room === hall);
    expect(room).toMatchObject({ unread: 0, mentions: 0, last: { text: "I follow this room" } });
    expect(items).toEqual([]);
  });

  test("people choose whether guests, or anyone, may begin a talk with them", async () => {
    const { people } = await meet("Ada", "Guest");
    const [ada, stranger] = people;
    if (!ada || !stranger) throw new Error("nobody came");
    const member = await owner(server, "A Member");
    const client = await join(server, "elsewhere", { cookie: member.cookie });
    ada.send({ type: "mark", writers: "members" });
    await ada.next("inbox", (frame) => frame.settings?.writers === "members");
    expect(await refusalOf(stranger, ada)).toBe("not_allowed");
    expect(await refusalOf(client, ada)).toBe("begun");
    ada.send({ type: "mark", writers: "nobody" });
    await ada.next("inbox", (frame) => frame.settings?.writers === "nobody");
    const other = await owner(server, "Another Member");
    const late = await join(server, "elsewhere", { cookie: other.cookie });
    expect(await refusalOf(late, ada)).toBe("not_allowed");
    expect(await refusalOf(client, ada)).toBe("begun");
    expect(await refusalOf(ada, stranger)).toBe("begun");
  });
});

function hasUnread({ rooms = [] }: InboxFrame): boolean {
  return rooms.some((each) => "unread" in each && each.unread > 0);
}

function blocks({ settings }: InboxFrame): number | undefined {
  return settings?.blocked.length;
}
