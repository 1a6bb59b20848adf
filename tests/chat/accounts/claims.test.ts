import { afterAll, beforeAll, expect, test } from "bun:test";
import { Client, join } from "../../support/people/client.ts";
import {
  administrator,
  owner,
  PASSWORD,
  type Visitor,
  visitor,
} from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8"] });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const claim = (someone: Visitor, name: string) =>
  someone.submit("account/", "account/claim", { name, password: PASSWORD });

async function order(client: Client, text: string): Promise<void> {
  const id = client.say(text);
  await client.next("notice", (notice) => notice.id === id);
}

test("nobody claims the name of a guest who is present; they do themselves, or once it is free", async () => {
  const zoe = await visitor(server);
  const socket = await join(server, "present", { cookie: zoe.cookie, name: "Zoe" });
  const stranger = await visitor(server, { "x-forwarded-for": "198.51.100.1" });
  for (const name of ["Zoe", "ZОE"]) {
    const { status, text } = await claim(stranger, name);
    expect(status).toBe(403);
    expect(text).toContain("Someone present has this name, or one that looks like it.");
  }
  await socket.post("not thrown out");
  expect((await claim(zoe, "Zoe")).status).toBe(303);
  await socket.close();

  const uma = await join(server, "present", { name: "Uma" });
  expect((await claim(stranger, "Uma")).status).toBe(403);
  await uma.close();
  expect((await claim(stranger, "Uma")).status).toBe(303);
});

test("whoever is banned everywhere with their address makes no account from there", async () => {
  const forwarded = "198.51.100.7";
  const pest = await join(server, "everywhere", { name: "Pest", forwarded });
  const who = { room: "everywhere", id: pest.welcome.you.id, name: "Pest" };
  const ban = { ...who, verb: "ban-person", address: "yes" };
  const { status } = await boss.submit("admin/here", "admin/here", ban);
  expect(status).toBe(303);
  expect((await pest.closed).code).toBe(4501);
  const again = await visitor(server, { "x-forwarded-for": forwarded });
  const refused = await claim(again, "Not Pest");
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("You are banned here.");
  expect(await (await claim(await visitor(server), "Not Pest")).status).toBe(303);
});

test("what a room holds against an address holds for accounts made from there, not for those before", async () => {
  const forwarded = "198.51.100.8";
  const before = await owner(server, "Neighbour", { "x-forwarded-for": forwarded });
  const mod = await join(server, "inherited", { cookie: boss.cookie });
  const pest = await join(server, "inherited", { name: "Pest", forwarded });
  await order(mod, "/ban Pest 1h Enough.");
  expect((await pest.closed).code).toBe(4501);
  const fresh = await owner(server, "Fresh Start", { "x-forwarded-for": forwarded });
  const banned = new Client(server, "inherited", { cookie: fresh.cookie, forwarded });
  expect(await banned.closed).toEqual({ code: 4501, reason: "You are banned here. Enough." });
  for (const [room, { cookie }] of [
    ["elsewhere", fresh] as const,
    ["inherited", before] as const,
  ]) {
    const socket = await join(server, room, { cookie, forwarded });
    await socket.post("let in");
    await socket.close();
  }
  // Lifted for the account alone.
  await order(mod, "/unban Fresh Start");
  await (await join(server, "inherited", { cookie: fresh.cookie, forwarded })).close();
  const other = new Client(server, "inherited", { name: "Pest again", forwarded });
  expect((await other.closed).code).toBe(4501);
  await mod.close();
});
