import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { guest, join, joinPlain, refusedUpgrade } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

describe("20 messages at once, then 5 a second", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("the 21st is too fast, says when to try again, and then goes through", async () => {
    const ada = await join(server, "fast");
    for (let count = 1; count <= 21; count += 1) ada.say(`m${count}`, { id: `id${count}` });
    const error = await ada.next("error");
    expect(error).toMatchObject({ code: "too_fast", id: "id21" });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(200);
    await ada.next("message", ({ id }) => id === "id20");
    await Bun.sleep((error.retryAfterMs ?? 0) + 5);
    expect((await ada.post("m21", { id: "id21" })).seq).toBe(21);
    await ada.close();
  });

  test("is counted for the person, in all tabs and rooms together", async () => {
    const cookie = await guest(server);
    const one = await join(server, "tab1", { cookie });
    const two = await join(server, "tab2", { cookie });
    for (let count = 1; count <= 15; count += 1) {
      one.say("x");
      two.say("x");
    }
    const errors = await Promise.race([one.next("error"), two.next("error")]);
    expect(errors.code).toBe("too_fast");
    const refused = () =>
      [...one.frames, ...two.frames].filter(({ type }) => type === "error").length;
    await eventually(() => one.events.length + two.events.length + refused() === 30);
    const through = one.events.length + two.events.length;
    expect(through).toBeGreaterThanOrEqual(20);
    expect(through).toBeLessThan(25);
    await Promise.all([one.close(), two.close()]);
  });

  test("one who is too fast does not slow the others", async () => {
    const fast = await join(server, "both");
    const calm = await join(server, "both");
    for (let count = 1; count <= 200; count += 1) fast.say("spam");
    expect(await calm.post("calm")).toMatchObject({ text: "calm" });
    await Promise.all([fast.close(), calm.close()]);
  });

  test("holds for plain text: ! too_fast", async () => {
    const plain = await joinPlain(server, "plain");
    for (let count = 1; count <= 25; count += 1) plain.raw("x");
    expect(await plain.next((line) => line.startsWith("!"))).toStartWith("! too_fast: ");
    await plain.close();
  });

  test("64 sockets of one address, and no more; a place is free again when one closes", async () => {
    const open = await Promise.all(Array.from({ length: 64 }, () => joinPlain(server, "many")));
    expect(await refusedUpgrade(server.ws("many"))).toBe(429);
    await open.pop()?.close();
    open.push(await eventually(() => joinPlain(server, "many").catch(() => null)));
    await Promise.all(open.map((client) => client.close()));
  });
});

test("--limits off: a hundred at once all go through", async () => {
  await using server = await Server.start({ args: ["--limits", "off"] });
  const ada = await join(server, "free");
  for (let count = 1; count <= 100; count += 1) ada.say("x");
  await ada.next("message", ({ seq }) => seq === 100);
  expect(ada.frames.some(({ type }) => type === "error")).toBe(false);
  await ada.close();
});

describe("behind a proxy", () => {
  const upgradeFor = (server: Server, forwarded: string) =>
    refusedUpgrade(server.ws("many"), { "x-forwarded-for": forwarded });

  test("that is trusted, each of its clients has places of its own", async () => {
    await using server = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
    const open = Array.from({ length: 64 }, () =>
      joinPlain(server, "many", { forwarded: "9.9.9.9" }),
    );
    const clients = await Promise.all(open);
    expect(await upgradeFor(server, "9.9.9.9")).toBe(429);
    expect(await upgradeFor(server, "1.1.1.1, 9.9.9.9")).toBe(429);
    clients.push(await joinPlain(server, "many", { forwarded: "8.8.8.8" }));
    await Promise.all(clients.map((client) => client.close()));
  });

  test("that is not trusted, what it writes is not believed", async () => {
    await using server = await Server.start();
    const open = Array.from({ length: 64 }, (_, at) =>
      joinPlain(server, "many", { forwarded: `9.9.9.${at}` }),
    );
    const clients = await Promise.all(open);
    expect(await upgradeFor(server, "8.8.8.8")).toBe(429);
    await Promise.all(clients.map((client) => client.close()));
  });
});
