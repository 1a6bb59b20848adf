import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Client, join, joinPlain, refusedUpgrade } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
});
afterAll(() => server[Symbol.asyncDispose]());

const BAD_PROTOCOL = 4504;
let addresses = 0;
/** An address nobody in this file has used. */
const newAddress = () => `9.9.9.${(addresses += 1)}`;

const ZEROS = JSON.stringify(new Array<number>(64).fill(0));

describe("frames that make no sense", () => {
  test("a few of them are answered, and the socket stays", async () => {
    const ada = await join(server, "odd", { forwarded: newAddress() });
    for (let count = 0; count < 10; count += 1) ada.raw("no JSON");
    await ada.fence();
    expect(ada.frames.filter(({ type }) => type === "error")).toHaveLength(10);
    await ada.close();
  });

  test("arrays of 64 zeros: the second ends the socket with 4504", async () => {
    const attacker = await join(server, "zeros", { forwarded: newAddress() });
    for (let count = 0; count < 100; count += 1) attacker.raw(ZEROS);
    expect((await attacker.closed).code).toBe(BAD_PROTOCOL);
    expect(attacker.frames.filter(({ type }) => type === "error").length).toBeLessThanOrEqual(128);
  });

  test("binary frames end a plain socket as well", async () => {
    const attacker = await joinPlain(server, "zeros", { forwarded: newAddress() });
    for (let count = 0; count < 200; count += 1) attacker.raw(new Uint8Array(10));
    expect((await attacker.closed).code).toBe(BAD_PROTOCOL);
  });

  test("a network that goes on with them opens no more sockets for a while; others do", async () => {
    const forwarded = newAddress();
    for (let round = 0; round < 4; round += 1) {
      const attacker = new Client(server, "zeros", { forwarded });
      await attacker.opened();
      // What its network may send is used up before the socket is: it takes many.
      for (let closed; !closed; closed = await Promise.race([attacker.closed, Bun.sleep(20)])) {
        for (let count = 0; count < 20; count += 1) attacker.raw(ZEROS);
      }
    }
    const from = (address: string) => ({ "x-forwarded-for": address });
    expect(await refusedUpgrade(server.ws("zeros"), from(forwarded))).toBe(429);
    const other = await join(server, "zeros", { forwarded: newAddress() });
    await other.close();
  });
});

describe("more frames than anyone needs", () => {
  test("are refused unread, and end the socket with 4504", async () => {
    const attacker = await join(server, "pings", { forwarded: newAddress() });
    for (let count = 0; count < 1_000; count += 1) attacker.send({ type: "ping" });
    expect((await attacker.closed).code).toBe(BAD_PROTOCOL);
    expect(attacker.frames.filter(({ type }) => type === "pong").length).toBeLessThan(400);
    expect(attacker.frames).toContainEqual(expect.objectContaining({ code: "too_fast" }));
  });

  test("large ones are counted by their bytes", async () => {
    const attacker = await join(server, "large", { forwarded: newAddress() });
    const large = `{"type":"ping","ref":"${"x".repeat(60_000)}"}`;
    for (let count = 0; count < 40; count += 1) attacker.raw(large);
    expect(await attacker.next("error", ({ code }) => code === "too_fast")).toBeDefined();
    await attacker.close();
  });

  test("are counted for the /56 of an IPv6 address", async () => {
    const sockets = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        join(server, "site", { forwarded: `2001:db8:0:${at.toString(16)}::1` }),
      ),
    );
    // Each stays below what one network may send; together they are above what a /56 may.
    for (const socket of sockets) {
      for (let count = 0; count < 250; count += 1) socket.send({ type: "ping" });
    }
    await Promise.any(
      sockets.map((socket) => socket.next("error", ({ code }) => code === "too_fast")),
    );
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

test("a person at work sends more than this never: 20 messages, typing, reads and reactions", async () => {
  const ada = await join(server, "work", { forwarded: newAddress() });
  for (let count = 1; count <= 20; count += 1) {
    ada.say("x".repeat(2_000));
    ada.send({ type: "typing" });
    ada.send({ type: "read", seq: count });
  }
  for (let page = 0; page < 10; page += 1) ada.send({ type: "history", before: 10, limit: 5 });
  await ada.next("message", ({ seq }) => seq === 20);
  await ada.fence();
  expect(ada.frames.filter(({ type }) => type === "error")).toEqual([]);
  await ada.close();
});

test("70 networks of one /56 have the sockets of four", async () => {
  const at = (network: number) => `2001:db8:1:${network.toString(16)}::1`;
  const upgrades = Array.from({ length: 70 * 8 }, (_, socket) =>
    joinPlain(server, "crowd", { forwarded: at(socket % 70) }).catch(() => null),
  );
  const open = (await Promise.all(upgrades)).filter((socket) => socket !== null);
  expect(open).toHaveLength(4 * 64);
  await Promise.all(open.map((socket) => socket.close()));
});

test("one network writes 1 MiB of text at once, and then 16 KiB a second", async () => {
  const forwarded = newAddress();
  const crowd = await Promise.all(
    Array.from({ length: 8 }, (_, at) => join(server, `text${at}`, { forwarded })),
  );
  const long = "😀".repeat(8_000);
  const last = await Promise.all(
    crowd.map(async (client) => {
      for (let count = 0; count < 19; count += 1) client.say(long);
      const id = client.say(long);
      return Promise.race([
        client.next("message", (message) => message.id === id).then(() => "said"),
        client.next("error", (error) => error.id === id).then(({ code }) => code),
      ]);
    }),
  );
  expect(last).toContain("too_fast");
  const other = await join(server, "text", { forwarded: newAddress() });
  await other.post(long);
  await Promise.all([other, ...crowd].map((client) => client.close()));
});
