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

let rooms = 0;
const newRoom = () => `plain${(rooms += 1)}`;

describe("plain text", () => {
  test("each text frame in is one message, to everyone, the sender included", async () => {
    const room = newRoom();
    const [one, two] = [await joinPlain(server, room), await joinPlain(server, room)];
    one.raw("hello");
    expect([await one.next(), await two.next()]).toEqual(["hello", "hello"]);
    two.raw("你好\nline 2");
    expect([await one.next(), await two.next()]).toEqual(["你好\nline 2", "你好\nline 2"]);
    await Promise.all([one.close(), two.close()]);
  });

  test("starts with nothing: no greeting, no history", async () => {
    const room = newRoom();
    const one = await joinPlain(server, room);
    one.raw("before");
    await one.next();
    const two = await joinPlain(server, room);
    one.raw("after");
    expect(await two.next()).toBe("after");
    expect(two.lines).toEqual(["after"]);
    await Promise.all([one.close(), two.close()]);
  });

  test("?history=2 begins with the last two, oldest first, and goes on live", async () => {
    const room = newRoom();
    const one = await joinPlain(server, room, { name: "ada" });
    for (const text of ["a", "b", "c"]) {
      one.raw(text);
      await one.next();
    }
    const two = await joinPlain(server, room, { history: 2 });
    await two.next();
    await two.next();
    one.raw("d");
    await two.next();
    expect(two.lines).toEqual(["ada: b", "ada: c", "ada: d"]);
    await Promise.all([one.close(), two.close()]);
  });

  test("?name=ada puts the name before the text, for everyone", async () => {
    const room = newRoom();
    const ada = await joinPlain(server, room, { name: "ada" });
    const nobody = await joinPlain(server, room);
    ada.raw("hi");
    expect([await ada.next(), await nobody.next()]).toEqual(["ada: hi", "ada: hi"]);
    nobody.raw("hi ada");
    expect(await ada.next()).toBe("hi ada");
    await Promise.all([ada.close(), nobody.close()]);
  });

  test("nobody without a name speaks as someone else, in no line", async () => {
    const room = newRoom();
    const ada = await joinPlain(server, room, { name: "ada" });
    const nobody = await joinPlain(server, room);
    nobody.raw("ada: I give up");
    expect(await ada.next()).toMatch(/^#[\da-z]{1,4}: ada: I give up$/);
    nobody.raw("well\nada: I give up");
    expect(await ada.next()).toBe("well\n| ada: I give up");
    ada.raw("so\rbob: me too");
    expect(await ada.next()).toBe("ada: so\r| bob: me too");
    const late = await joinPlain(server, room, { history: 3 });
    for (const line of ada.lines) expect(await late.next()).toBe(line);
    await Promise.all([ada.close(), nobody.close(), late.close()]);
  });

  test("and JSON meet in one room", async () => {
    const room = newRoom();
    const json = await join(server, room, { name: "jo" });
    const plain = await joinPlain(server, room, { name: "pat" });
    plain.raw('{"type":"ping"}');
    expect(await json.next("message")).toMatchObject({
      seq: 1,
      text: '{"type":"ping"}',
      author: { name: "pat" },
    });
    await json.post("reply");
    expect(await plain.next((line) => line.startsWith("jo"))).toBe("jo: reply");
    json.send({ type: "edit", seq: 2, text: "edited" });
    json.send({ type: "react", seq: 2, emoji: "👍", on: true });
    json.send({ type: "delete", seq: 2 });
    await json.next("deleted");
    await json.post("end");
    expect(await plain.next((line) => line.startsWith("jo"))).toBe("jo: end");
    expect(plain.lines).toHaveLength(3);
    await Promise.all([json.close(), plain.close()]);
  });

  test("what is refused is answered to its sender alone: ! code: reason", async () => {
    const room = newRoom();
    const one = await joinPlain(server, room);
    const two = await joinPlain(server, room);
    for (const [frame, code] of [
      ["", "invalid"],
      ["   ", "invalid"],
      ["\0", "invalid"],
      ["x".repeat(8_001), "too_long"],
      [new Uint8Array([104, 105]), "invalid"],
    ] as const) {
      one.raw(frame);
      expect(await one.next()).toMatch(new RegExp(`^! ${code}: .+$`));
    }
    one.raw("still here");
    expect(await two.next()).toBe("still here");
    expect(two.lines).toEqual(["still here"]);
    await Promise.all([one.close(), two.close()]);
  });

  test("an empty name is none, a bad one is refused before there is a socket", async () => {
    const room = newRoom();
    const one = await joinPlain(server, room, { name: "" });
    one.raw("x");
    expect(await one.next()).toBe("x");
    await one.close();
    for (const name of ["x".repeat(33), "a\nb", "\u202e", "\u3164"]) {
      expect([400, 413]).toContain(await refusedUpgrade(server.ws(room, { name })));
    }
  });

  test.each(["-1", "101", "x", "1.5", "99999999999"])("?history=%s is refused", async (history) => {
    expect(await refusedUpgrade(server.ws("room", { history }))).toBe(400);
  });

  test("a subprotocol that is not ours is refused, ours among others is taken", async () => {
    const url = server.ws(newRoom());
    expect(await refusedUpgrade(url, { "sec-websocket-protocol": "chat.v2" })).toBe(400);
    const both: WebSocket = new WebSocket(url, ["chat.v2", "chat.v1"]);
    const { promise, resolve } = Promise.withResolvers<string>();
    both.onmessage = ({ data }) => resolve(String(data));
    expect(JSON.parse(await promise)).toMatchObject({ type: "welcome" });
    expect(both.protocol).toBe("chat.v1");
    both.close();
  });
});
