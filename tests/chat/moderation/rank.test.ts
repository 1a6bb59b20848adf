import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Client, join } from "../../support/people/client.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

/** Everyone comes from an address of their own. */
let server: Server;
let boss: Visitor;
let [ada, mo, max]: Visitor[] = [];
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8"] });
  boss = await administrator(server);
  [ada, mo, max] = [
    await owner(server, "Ada"),
    await owner(server, "Mo"),
    await owner(server, "Max"),
  ];
});
afterAll(() => server[Symbol.asyncDispose]());

type Member = Awaited<ReturnType<typeof join>>;
let places = 0;

/** Types a command, and resolves to the code it is refused with; "done": it is not. */
async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then(() => "done"),
    client.next("error", (error) => error.id === id).then(({ code }) => code),
  ]);
}

async function says(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("message", (message) => message.id === id).then(() => "done"),
    client.next("error", (error) => error.id === id).then(({ code }) => code),
  ]);
}

interface House extends AsyncDisposable {
  readonly admin: Member;
  /** Owns the room. */
  readonly owner: Member;
  readonly moderator: Member;
  /** Another of the same rank. */
  readonly other: Member;
  readonly guest: Member;
}

/** A room with one of each rank in it. */
async function house(room: string): Promise<House> {
  const cookies = [ada, boss, mo, max].map((visitor) => ({ cookie: visitor?.cookie }));
  const [first, second, third, fourth] = cookies;
  const owns = await join(server, room, first);
  expect(await order(owns, "/close open")).toBe("done");
  const admin = await join(server, room, second);
  const moderator = await join(server, room, third);
  const other = await join(server, room, fourth);
  for (const name of ["Mo", "Max"]) expect(await order(owns, `/mod ${name}`)).toBe("done");
  const forwarded = `198.51.100.${(places += 1)}`;
  const guest = await join(server, room, { name: "Guest", forwarded });
  const all = { admin, owner: owns, moderator, other, guest };
  return {
    ...all,
    async [Symbol.asyncDispose]() {
      for (const member of Object.values(all)) await member.close();
    },
  };
}

test("a moderator deletes what guests wrote, and nothing of their own rank or above", async () => {
  await using all = await house("delete");
  const { seq } = await all.guest.post("guest");
  expect(await order(all.moderator, `/delete #${seq}`)).toBe("done");
  for (const author of [all.admin, all.owner, all.other]) {
    const message = await author.post("mine");
    expect(await order(all.moderator, `/delete #${message.seq}`)).toBe("not_allowed");
    all.moderator.send({ type: "delete", seq: message.seq, ref: `delete ${message.seq}` });
    const refused = await all.moderator.next("error", (e) => e.ref === `delete ${message.seq}`);
    expect(refused.code).toBe("not_allowed");
  }
  const own = await all.moderator.post("own");
  expect(await order(all.moderator, `/delete #${own.seq}`)).toBe("done");
  const { seq: moderators } = await all.moderator.post("once more");
  expect(await order(all.owner, `/delete #${moderators}`)).toBe("done");
});

test("a moderator's report alone hides a guest's message; the owner's waits for two others", async () => {
  await using all = await house("report");
  const guests = await all.guest.post("guest");
  expect(await order(all.moderator, `/report #${guests.seq}`)).toBe("done");
  await all.guest.next("edited", ({ target }) => target === guests.seq);
  const { seq } = await all.owner.post("owner");
  expect(await order(all.moderator, `/report #${seq}`)).toBe("done");
  expect(await order(all.other, `/report #${seq}`)).toBe("done");
  await all.guest.fence();
  const edits = () => all.guest.events.filter((event) => event.type === "edited").length;
  expect(edits()).toBe(1);
  expect(await order(all.guest, `/report #${seq}`)).toBe("done");
  await all.guest.next("edited", ({ target }) => target === seq);
});

test("nobody lifts the mute that someone above them ordered, not even their own", async () => {
  await using all = await house("mute");
  expect(await order(all.owner, "/mute Mo 1h")).toBe("done");
  expect(await order(all.moderator, "/unmute Mo")).toBe("not_allowed");
  expect(await says(all.moderator, "still?")).toBe("muted");
  expect(await order(all.other, "/unmute Mo")).toBe("not_allowed");
  expect(await order(all.admin, "/mute Ada 1h")).toBe("done");
  expect(await order(all.owner, "/unmute Ada")).toBe("not_allowed");
  expect(await says(all.owner, "still?")).toBe("muted");
  expect(await order(all.owner, "/unmute Mo")).toBe("done");
  expect(await says(all.moderator, "again")).toBe("done");
  expect(await order(all.admin, "/unmute Ada")).toBe("done");
  expect(await says(all.owner, "again")).toBe("done");
});

test("nobody lifts the ban that someone above them ordered; one by their own rank they lift", async () => {
  await using all = await house("ban");
  await all.guest.post("so that I can be found");
  const id = all.guest.welcome.you.id;
  expect(await order(all.admin, "/ban Guest")).toBe("done");
  expect((await all.guest.closed).code).toBe(4501);
  expect(await order(all.moderator, `/unban #${id}`)).toBe("not_allowed");
  expect(await order(all.owner, `/unban #${id}`)).toBe("not_allowed");
  expect(await order(all.admin, `/unban #${id}`)).toBe("done");
  expect(await order(all.moderator, `/ban #${id}`)).toBe("done");
  expect(await order(all.other, `/unban #${id}`)).toBe("done");
});
