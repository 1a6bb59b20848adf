import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { InboxFrame } from "../../../lib/model/wire/inbox.ts";
import { type Client, guest, join } from "../../support/people/client.ts";
import { administrator, owner } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const server = await Server.start({ args: ["--limits", "off"] });
afterAll(() => server[Symbol.asyncDispose]());

const boss = await administrator(server);

let rooms = 0;
const newRoom = () => `inbox-${(rooms += 1)}`;

type Told = NonNullable<InboxFrame["rooms"]>[number];
const about = (frame: InboxFrame, room: string): Told | undefined =>
  frame.rooms?.find((each) => each.room === room);

/** Someone's socket in a room, and their whole inbox as it was told on it. */
async function open(room: string, cookie: string, name?: string) {
  const client = await join(server, room, { cookie, ...(name === undefined ? {} : { name }) });
  client.send({ type: "inbox" });
  const inbox = await client.next("inbox", ({ full }) => full === true);
  return Object.assign(client, { inbox });
}

/** The next frame that says this of the room. */
function told(client: Client, room: string, fits: (told: Told) => boolean) {
  return client.next("inbox", (frame) => {
    const each = about(frame, room);
    return each !== undefined && fits(each);
  });
}
const has = (wanted: object) => (each: Told) =>
  Object.entries(wanted).every(([key, value]) => Reflect.get(each, key) === value);

describe("an inbox on a socket", () => {
  test("holds the rooms someone spoke in, and what was said there since", async () => {
    const room = newRoom();
    const cookie = await guest(server);
    const ada = await join(server, room, { name: "Ada" });
    const bob = await open(room, cookie, "Bob");
    expect(bob.inbox.rooms).toEqual([]);
    await bob.post("here I am");
    await told(bob, room, has({ followed: true, unread: 0 }));
    await ada.post("welcome");
    const later = await open(newRoom(), cookie);
    const found = about(later.inbox, room);
    expect(found).toMatchObject({ read: 1, head: 2, unread: 1, kind: "open", level: "mentions" });
    expect(found).toMatchObject({ last: { seq: 2, text: "welcome", author: { name: "Ada" } } });
  });

  test("is not sent to a client that does not ask for it", async () => {
    const room = newRoom();
    const client = await join(server, room, { cookie: await guest(server) });
    await client.post("one");
    const other = await open(room, await guest(server));
    await other.post("two");
    await told(other, room, has({ followed: true }));
    await client.fence();
    expect(client.frames.some(({ type }) => type === "inbox")).toBe(false);
  });

  test("is told of a room's news while its owner is elsewhere", async () => {
    const [room, elsewhere] = [newRoom(), newRoom()];
    const cookie = await guest(server);
    const here = await join(server, room, { cookie });
    await here.post("hello");
    const away = await open(elsewhere, cookie);
    expect(
      about(away.inbox, room) ?? (await told(away, room, has({ followed: true }))),
    ).toBeTruthy();
    await here.close();
    const ada = await join(server, room, { name: "Ada" });
    await ada.post("are you there?");
    const news = await told(away, room, has({ head: 2 }));
    expect(about(news, room)).toMatchObject({ last: { text: "are you there?" } });
  });

  test("is read on one device, and read on the other", async () => {
    const room = newRoom();
    const cookie = await guest(server);
    const ada = await join(server, room, { name: "Ada" });
    const phone = await open(room, cookie);
    const laptop = await open(newRoom(), cookie);
    await phone.post("hello");
    await ada.post("one");
    await ada.post("two");
    await told(laptop, room, has({ head: 3 }));
    phone.send({ type: "read", seq: 3 });
    await told(laptop, room, has({ read: 3, unread: 0 }));
    laptop.send({ type: "mark", room, unread: 2 });
    await told(phone, room, has({ read: 1, unread: 2 }));
    phone.send({ type: "mark", all: true });
    await told(laptop, room, has({ read: 3, unread: 0 }));
  });

  test("holds mentions of those who are here, and of those who are not", async () => {
    const [room, elsewhere] = [newRoom(), newRoom()];
    const cookies = [await guest(server), await guest(server)];
    const [bob, zoe] = [
      await join(server, room, { cookie: cookies[0], name: "Bob Builder" }),
      await open(room, cookies[1] ?? "", "Zoë"),
    ];
    await bob.post("I am off");
    await bob.close();
    const ada = await join(server, room, { name: "Ada" });
    await ada.post("@bob builder and @zoë, not @bobby, look");
    const mention = await zoe.next("inbox", ({ items = [] }) => items.length > 0);
    expect(mention.items).toMatchObject([
      { kind: "mention", room, seq: 2, done: false, author: { name: "Ada" } },
    ]);
    expect(about(mention, room)).toMatchObject({ followed: true, mentions: 1, unread: 1 });
    const back = await open(elsewhere, cookies[0] ?? "");
    const found = () => about(back.inbox, room);
    expect(found()).toMatchObject({ mentions: 1, unread: 1 });
    back.send({ type: "mark", room, read: 2 });
    await told(back, room, has({ mentions: 0, unread: 0 }));
  });

  test("keeps a level of notice and a pause, and what is followed and left", async () => {
    const room = newRoom();
    const client = await open(newRoom(), await guest(server));
    client.send({ type: "mark", room, follow: true, level: "none", quietUntil: 5 });
    await told(client, room, has({ followed: true, level: "none", quietUntil: 5 }));
    client.send({ type: "mark", room, follow: false });
    await told(client, room, has({ followed: false }));
    client.send({ type: "mark", room, level: "loud", ref: "a" });
    expect(await client.next("error")).toMatchObject({ code: "invalid", ref: "a" });
  });

  test("says no more than what is new to a client that has been told", async () => {
    const room = newRoom();
    const cookie = await guest(server);
    const first = await open(room, cookie);
    await first.post("hello");
    const { version = 0 } = await told(first, room, has({ followed: true }));
    const again = await join(server, room, { cookie, inbox: version });
    expect(await again.next("inbox")).toMatchObject({ version, rooms: [], items: [] });
    const fresh = await join(server, room, { cookie, inbox: 0 });
    expect(about(await fresh.next("inbox", ({ full }) => full === true), room)).toBeDefined();
  });

  test("tells nothing of a room to someone who may not enter it any more", async () => {
    const room = newRoom();
    const keeper = await owner(server, "Keeper");
    const ada = await join(server, room, { cookie: keeper.cookie });
    const cookie = await guest(server);
    const bob = await open(room, cookie, "Bob");
    await bob.post("hello");
    await told(bob, room, has({ followed: true }));
    const away = await open(newRoom(), cookie);
    expect(about(away.inbox, room)).toMatchObject({ followed: true });
    const order = await join(server, room, { cookie: boss.cookie });
    order.say("/close members");
    await told(away, room, has({ followed: false }));
    const secret = await join(server, room, { cookie: boss.cookie });
    await secret.post("a secret for @bob");
    const later = await open(newRoom(), cookie);
    expect(JSON.stringify([later.inbox, ...away.frames])).not.toContain("a secret");
    await ada.close();
  });

  test("holds an invitation until it is answered", async () => {
    const room = newRoom();
    const [one, other] = [await owner(server, "Inviter"), await owner(server, "Invited")];
    const keeper = await join(server, room, { cookie: one.cookie });
    keeper.say("/close members");
    await keeper.next("room", ({ kind }) => kind === "members");
    const invited = await open(newRoom(), other.cookie);
    keeper.say("/unmod Invited");
    const frame = await invited.next("inbox", ({ items = [] }) => items.some(isWaiting));
    const id = `invitation:${room}`;
    expect(frame.items).toMatchObject([
      { id, kind: "invitation", room, author: { name: "Inviter" } },
    ]);
    invited.send({ type: "mark", done: id });
    const done = await invited.next("inbox", ({ items = [] }) => items.some((each) => each.done));
    expect(done.items).toMatchObject([{ id, done: true }]);
  });

  test("holds reports for those who may settle them, until they are settled", async () => {
    const room = newRoom();
    const mallory = await join(server, room, { name: "Mallory" });
    const { seq } = await mallory.post("something rude");
    const chief = await owner(server, "Chief");
    const moderator = await open(newRoom(), chief.cookie);
    await boss.submit("admin/people", "admin/people", {
      ...{ verb: "role", id: moderator.welcome.you.id, role: "moderator" },
    });
    const back = await open(newRoom(), chief.cookie);
    const ada = await join(server, room, { name: "Ada" });
    ada.say(`/report #${seq} rude`);
    const frame = await back.next("inbox", ({ items = [] }) => items.some(isWaiting));
    const [item] = frame.items ?? [];
    expect(item).toMatchObject({ kind: "report", room, seq, text: "something rude" });
    const bystander = await open(newRoom(), await guest(server));
    expect(bystander.inbox.items).toEqual([]);
    const order = await join(server, room, { cookie: chief.cookie });
    order.send({ type: "reports", ref: "r" });
    const { reports } = await order.next("reports", ({ ref }) => ref === "r");
    order.send({ type: "settle", id: reports[0]?.id, state: "dismissed" });
    await back.next("inbox", ({ items = [] }) => items.some((each) => each.done));
  });
});

function isWaiting({ done }: { readonly done: boolean }): boolean {
  return !done;
}
