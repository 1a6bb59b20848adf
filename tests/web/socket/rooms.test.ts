import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join, joinPlain, refusedUpgrade } from "../../support/people/client.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("the address of a room", () => {
  test.each([
    ["Ｒoom", "room"],
    ["ROOM", "room"],
    ["图书馆", "图书馆"],
    ["CAFE\u0301", "café"],
    ["１２３", "123"],
  ])("%j is the same room as %j", async (spelling, name) => {
    const one = await join(server, spelling);
    const two = await join(server, name);
    expect([one.welcome.room, two.welcome.room]).toEqual([name, name]);
    const { seq } = await one.post("hello");
    expect(await two.next("message", (message) => message.seq === seq)).toMatchObject({
      text: "hello",
    });
    await Promise.all([one.close(), two.close()]);
  });

  test.each([
    ["a b"],
    ["a.b"],
    ["a/b"],
    ["a\\b"],
    ["<script>"],
    ["😀"],
    ["\u202eabc"],
    ["a".repeat(65)],
    ["a".repeat(5_000)],
    ["a\0b"],
    ["' or 1=1 --"],
  ])("%j is none: 404, and no socket", async (name) => {
    expect(await refusedUpgrade(server.ws(name))).toBe(404);
  });

  test.each([["ws/%ff/"], ["ws/%"], ["ws/%00/"], ["ws/"], ["ws"], ["ws/a/b/"], ["ws//"]])(
    "%s is none either",
    async (path) => {
      expect(await refusedUpgrade(`${server.url}${path}`)).toBe(404);
    },
  );

  test("needs no last slash", async () => {
    const socket = new WebSocket(server.ws("slash").replace(/\/$/, ""));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error("it was refused"));
    await promise;
    socket.close();
  });

  test("asked for without an upgrade is no server error", async () => {
    const response = await fetch(`${server.url}ws/room/`);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    await response.body?.cancel();
  });

  test("names that mean something to JavaScript or SQL are rooms like any other", async () => {
    for (const name of ["constructor", "__proto__", "prototype", "null", "drop-table", "-", "_"]) {
      const one = await join(server, name);
      expect(one.welcome).toMatchObject({ room: name, seq: 0, count: 1 });
      expect(await one.post(name)).toMatchObject({ seq: 1, text: name });
      await one.close();
    }
  });

  test("a room comes to exist with its first message, not with a visit", async () => {
    const visitor = await join(server, "visited");
    await visitor.close();
    const plain = await joinPlain(server, "visited");
    await plain.close();
    const api = `${server.url}api/v1/rooms/visited/messages`;
    const before = await fetch(api);
    expect(before.status === 404 || (await before.clone().text()).includes('"messages":[]')).toBe(
      true,
    );
    const talker = await join(server, "visited");
    expect(talker.welcome.seq).toBe(0);
    await talker.post("hello");
    expect(await (await fetch(api)).text()).toContain("hello");
    await talker.close();
  });
});

describe("health", () => {
  test("is told without a word too much", async () => {
    expect((await fetch(`${server.url}healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}readyz`)).status).toBe(200);
    expect((await fetch(`${server.url}metrics`)).status).toBe(200);
    const nothing = await fetch(`${server.url}no/such/place`);
    expect(nothing.status).toBe(404);
    expect(await nothing.text()).not.toMatch(/at .*\.ts|node_modules|\/home|\/root|\/work/);
  });
});
