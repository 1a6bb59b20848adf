import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Client, join, refusedUpgrade } from "../../support/people/client.ts";
import {
  administrator,
  owner,
  PASSWORD,
  type Visitor,
  visitor,
} from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(60_000);

let server: Server;
let boss: Visitor;
beforeAll(async () => {
  server = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
  boss = await administrator(server);
});
afterAll(() => server[Symbol.asyncDispose]());

let addresses = 0;
/** An address nobody in this file has used. */
const newAddress = () => `9.8.${Math.floor((addresses += 1) / 250)}.${addresses % 250}`;
const from = (address: string) => ({ "x-forwarded-for": address });

/** Types a command, and resolves to the code of the error that answers it; null: it was done. */
async function command(client: Client, text: string): Promise<string | null> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then(() => null),
    client.next("error", (error) => error.id === id).then(({ code }) => code),
  ]);
}

async function signIn(address: string, name: string, password: string): Promise<number> {
  const someone = await visitor(server, from(address));
  return (await someone.submit("account/", "account/sign-in", { name, password })).status;
}

describe("nobody keeps another from signing in", () => {
  test("whatever is tried from other networks, the owner's own is open to them", async () => {
    const home = newAddress();
    await owner(server, "Noether", from(home));
    for (let stranger = 0; stranger < 25; stranger += 1) {
      const address = newAddress();
      const tries = Array.from({ length: 5 }, () => signIn(address, "Noether", "wrong password"));
      await Promise.all(tries);
    }
    expect(await signIn(newAddress(), "Noether", "wrong password")).toBe(429);
    expect(await signIn(home, "Noether", PASSWORD)).toBe(303);
  });

  test("a few wrong passwords from elsewhere keep the owner out of nowhere", async () => {
    await owner(server, "Lovelace", from(newAddress()));
    for (let stranger = 0; stranger < 4; stranger += 1) {
      const address = newAddress();
      for (let tries = 0; tries < 5; tries += 1)
        await signIn(address, "Lovelace", "wrong password");
    }
    expect(await signIn(newAddress(), "Lovelace", PASSWORD)).toBe(303);
  });

  test("one network tries one name five times, then it must wait", async () => {
    await owner(server, "Hilbert", from(newAddress()));
    const address = newAddress();
    const statuses: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      statuses.push(await signIn(address, "Hilbert", "wrong password"));
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });
});

test("a room's password is counted once for a network, at whichever door it is tried", async () => {
  const mod = await join(server, "secret", { cookie: boss.cookie });
  expect(await command(mod, `/close password ${PASSWORD}`)).toBeNull();
  const address = newAddress();
  const someone = await visitor(server, from(address));
  const attempt = () =>
    someone.submit("account/", "rooms/secret/password", { password: "not the password" });
  for (let tries = 0; tries < 10; tries += 1) expect((await attempt()).status).toBe(403);
  const atSocket = server.ws("secret", { password: "not the password" });
  expect(await refusedUpgrade(atSocket, from(address))).toBe(429);
  await mod.close();
});

describe("slow mode", () => {
  test("guests of one network write as often as three; others are not held up", async () => {
    const mod = await join(server, "slow", { cookie: boss.cookie });
    expect(await command(mod, "/slow 60")).toBeNull();
    const address = newAddress();
    const crowd = await Promise.all(
      Array.from({ length: 30 }, () => join(server, "slow", { forwarded: address })),
    );
    const answers = await Promise.all(
      crowd.map(async (client) => {
        const id = client.say("again");
        return Promise.race([
          client.next("message", (message) => message.id === id).then(() => "said"),
          client.next("error", (error) => error.id === id).then(({ code }) => code),
        ]);
      }),
    );
    expect(answers.filter((answer) => answer === "said")).toHaveLength(3);
    expect(answers.filter((answer) => answer === "too_fast")).toHaveLength(27);
    const member = await owner(server, "Member", from(address));
    const known = await join(server, "slow", { forwarded: address, cookie: member.cookie });
    const other = await join(server, "slow", { forwarded: newAddress() });
    await Promise.all([known.post("I am known"), other.post("from elsewhere")]);
    await Promise.all([mod, known, other, ...crowd].map((client) => client.close()));
  });

  test("a message that is refused takes nobody's turn", async () => {
    const mod = await join(server, "slow2", { cookie: boss.cookie });
    expect(await command(mod, "/slow 60")).toBeNull();
    const ada = await join(server, "slow2", { forwarded: newAddress() });
    for (let tries = 0; tries < 4; tries += 1) {
      const id = `no file ${tries}`;
      ada.send({ type: "send", id, text: "look", files: ["0".repeat(32)] });
      expect((await ada.next("error", (error) => error.id === id)).code).not.toBe("too_fast");
    }
    await ada.post("now in words");
    const id = ada.say("and more");
    expect((await ada.next("error", (error) => error.id === id)).code).toBe("too_fast");
    await Promise.all([mod.close(), ada.close()]);
  });
});

test("one person makes five rooms their own, then must wait", async () => {
  const address = newAddress();
  const claimer = await owner(server, "Claimer", from(address));
  const codes: (string | null)[] = [];
  for (let number = 0; number < 7; number += 1) {
    const options = { forwarded: address, cookie: claimer.cookie };
    const client = await join(server, `mine${number}`, options);
    codes.push(await command(client, "/close members"));
    await client.close();
  }
  expect(codes).toEqual([null, null, null, null, null, "too_fast", "too_fast"]);
});
