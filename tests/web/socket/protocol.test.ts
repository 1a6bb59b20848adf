import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "../../support/people/client.ts";
import { RawSocket, clientFrame } from "../../support/people/raw.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

let rooms = 0;
/** A room nobody has been in. */
const newRoom = () => `room${(rooms += 1)}`;

describe("welcome", () => {
  test("is the first frame, and says where one is, who one is, and who is there", async () => {
    const room = newRoom();
    const ada = await join(server, room.toUpperCase(), { name: "ada" });
    expect(ada.frames[0]).toBe(ada.welcome);
    expect(ada.welcome).toEqual({
      type: "welcome",
      room,
      epoch: expect.any(String),
      seq: 0,
      you: { id: expect.any(String), name: "ada", role: "guest" },
      people: [{ id: ada.welcome.you.id, name: "ada" }],
      count: 1,
      limits: {
        text: 8_000,
        frame: 65_536,
        name: 32,
        upload: 25 * 1024 * 1024,
        messages: null,
        sockets: null,
      },
      recovered: false,
      messages: [],
    });
    expect(ada.welcome.epoch).not.toBe("");
    await ada.close();
  });

  test("holds the last 50 messages, oldest first, as they now stand", async () => {
    const room = newRoom();
    const ada = await join(server, room, { name: "ada" });
    for (let count = 1; count <= 60; count += 1) ada.say(`m${count}`);
    await ada.next("message", ({ text }) => text === "m60");
    ada.send({ type: "edit", seq: 60, text: "edited" });
    ada.send({ type: "delete", seq: 59 });
    ada.send({ type: "react", seq: 58, emoji: "👍", on: true });
    await ada.next("reacted");

    const bob = await join(server, room);
    const { recovered, messages = [], seq } = bob.welcome;
    expect({ recovered, seq }).toEqual({ recovered: false, seq: 63 });
    expect(messages.map((message) => message.seq)).toEqual(
      Array.from({ length: 50 }, (_, at) => at + 11),
    );
    const you = { id: ada.welcome.you.id, name: "ada" };
    expect(messages.at(-1)).toMatchObject({ text: "edited", editedAt: expect.any(Number) });
    expect(messages.at(-2)).toMatchObject({ text: "", deleted: true });
    expect(messages.at(-3)).toMatchObject({ text: "m58", reactions: { "👍": [you] } });
    expect(bob.welcome).not.toHaveProperty("events");
    await Promise.all([ada.close(), bob.close()]);
  });

  test("comes before every answer to what was sent with the request itself", async () => {
    const early = Array.from({ length: 100 }, (_, at) =>
      clientFrame(JSON.stringify({ type: "send", id: `early ${at}`, text: "x" })),
    );
    const frames = Buffer.concat([clientFrame("\x01", 2), ...early, clientFrame("{}")]);
    const raw = await RawSocket.open(server, newRoom(), {}, frames);
    const answers = await eventually(() => {
      const all = raw.texts.flatMap((data) => [JSON.parse(data)].flat());
      const count = (wanted: string) => all.filter(({ type }) => type === wanted).length;
      return count("error") > 0 && count("message") > 50 ? all : null;
    });
    expect(answers[0]).toMatchObject({ type: "welcome" });
    raw.end();
  });
});

describe("send", () => {
  test("reaches everyone in the room, the sender included, with the sender's id", async () => {
    const room = newRoom();
    const ada = await join(server, room, { name: "ada" });
    const bob = await join(server, room, { name: "bob" });
    const before = Date.now();
    const mine = await ada.post("你好 <b>", { id: "my-id" });
    const theirs = await bob.next("message");
    expect(mine).toEqual({
      type: "message",
      seq: 1,
      id: "my-id",
      author: { id: ada.welcome.you.id, name: "ada" },
      text: "你好 <b>",
      at: expect.any(Number),
    });
    expect(theirs).toEqual(mine);
    expect(mine.at).toBeGreaterThanOrEqual(before - 1);
    expect(mine.at).toBeLessThanOrEqual(Date.now() + 1);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("stays in its room", async () => {
    const [here, there] = [newRoom(), newRoom()];
    const ada = await join(server, here);
    const bob = await join(server, there);
    await ada.post("only here");
    await bob.post("only there");
    expect(ada.texts).toEqual(["only here"]);
    expect(bob.texts).toEqual(["only there"]);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("keeps the text as it is, to the last character", async () => {
    const ada = await join(server, newRoom());
    for (const text of [" a ", "a\r\nb\t", "e\u0301", "😀".repeat(8_000), "\u202ea", '\\"\u2028']) {
      expect((await ada.post(text)).text).toBe(text);
    }
    await ada.close();
  });

  test("may answer a message that is there, and none that is not", async () => {
    const ada = await join(server, newRoom());
    await ada.post("question");
    expect(await ada.post("answer", { replyTo: 1 })).toMatchObject({ seq: 2, replyTo: 1 });
    ada.say("to nothing", { id: "x", replyTo: 99 });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", id: "x" });
    await ada.close();
  });

  test("of files that are not there is refused", async () => {
    const ada = await join(server, newRoom());
    ada.send({ type: "send", id: "f", text: "look", files: ["no-such-file"] });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", id: "f" });
    await ada.close();
  });

  test("takes several frames in one array, and answers each", async () => {
    const ada = await join(server, newRoom());
    ada.send([
      { type: "send", id: "a", text: "one" },
      { type: "send", id: "b", text: "" },
      { type: "ping", ref: "p" },
      { type: "send", id: "c", text: "two" },
    ]);
    expect(await ada.next("error")).toMatchObject({ code: "invalid", id: "b" });
    await ada.next("pong", ({ ref }) => ref === "p");
    expect(await ada.next("message", ({ id }) => id === "a")).toMatchObject({ seq: 1 });
    expect(await ada.next("message", ({ id }) => id === "c")).toMatchObject({ seq: 2 });
    await ada.close();
  });
});

describe("edit", () => {
  test("of one's own message reaches everyone as an event", async () => {
    const room = newRoom();
    const ada = await join(server, room, { name: "ada" });
    const bob = await join(server, room);
    await ada.post("frist");
    ada.send({ type: "edit", seq: 1, text: "first" });
    const edited = await bob.next("edited");
    expect(edited).toEqual({
      type: "edited",
      seq: 2,
      target: 1,
      author: { id: ada.welcome.you.id, name: "ada" },
      text: "first",
      at: expect.any(Number),
    });
    expect(await ada.next("edited")).toEqual(edited);
    await Promise.all([ada.close(), bob.close()]);
  });

  test.each([
    ["someone else's message", 1, "mine now", "not_allowed"],
    ["no message", 9, "x", "not_found"],
    ["an event that is no message", 2, "x", "not_found"],
    ["to nothing", 1, "  ", "invalid"],
    ["to too much", 1, "x".repeat(8_001), "too_long"],
  ])("of %s is refused", async (_, seq, text, code) => {
    const room = newRoom();
    const ada = await join(server, room);
    await ada.post("mine");
    ada.send({ type: "react", seq: 1, emoji: "👍", on: true });
    await ada.next("reacted");
    const bob = await join(server, room);
    bob.send({ type: "edit", seq, text, ref: "r" });
    expect(await bob.next("error")).toMatchObject({ type: "error", code, ref: "r" });
    expect((await ada.post("next")).seq).toBe(3);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("of a deleted message is refused", async () => {
    const ada = await join(server, newRoom());
    await ada.post("gone");
    ada.send({ type: "delete", seq: 1 });
    await ada.next("deleted");
    ada.send({ type: "edit", seq: 1, text: "back", ref: "r" });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", ref: "r" });
    await ada.close();
  });
});

describe("delete", () => {
  test("takes the text away for everyone, in history and for who comes back later", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    await ada.post("a secret");
    const { epoch } = ada.welcome;
    ada.send({ type: "delete", seq: 1 });
    expect(await bob.next("deleted")).toMatchObject({ seq: 2, target: 1 });
    bob.send({ type: "history", before: 10, limit: 10 });
    const { messages } = await bob.next("history");
    expect(messages).toMatchObject([{ seq: 1, text: "", deleted: true }]);
    const late = await join(server, room, { epoch, after: 0 });
    expect(late.welcome.recovered).toBe(true);
    expect(late.events.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(JSON.stringify(late.frames)).not.toContain("a secret");
    await Promise.all([ada.close(), bob.close(), late.close()]);
  });

  test("of someone else's message, or of none, is refused", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    await ada.post("mine");
    bob.send({ type: "delete", seq: 1, ref: "a" });
    expect(await bob.next("error")).toMatchObject({ code: "not_allowed", ref: "a" });
    bob.send({ type: "delete", seq: 7, ref: "b" });
    expect(await bob.next("error")).toMatchObject({ code: "not_found", ref: "b" });
    await Promise.all([ada.close(), bob.close()]);
  });

  test("leaves no trace of an edited text either", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    await ada.post("draft");
    ada.send({ type: "edit", seq: 1, text: "a worse secret" });
    await ada.next("edited");
    ada.send({ type: "delete", seq: 1 });
    await ada.next("deleted");
    const late = await join(server, room, { epoch: ada.welcome.epoch, after: 0 });
    expect(late.events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(JSON.stringify(late.frames)).not.toContain("a worse secret");
    await Promise.all([ada.close(), late.close()]);
  });
});

describe("react", () => {
  test("anyone may, to any message, and take it back", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room, { name: "bob" });
    await ada.post("good news");
    bob.send({ type: "react", seq: 1, emoji: "🎉", on: true });
    const author = { id: bob.welcome.you.id, name: "bob" };
    expect(await ada.next("reacted")).toEqual({
      type: "reacted",
      seq: 2,
      target: 1,
      author,
      emoji: "🎉",
      on: true,
      at: expect.any(Number),
    });
    bob.send({ type: "react", seq: 1, emoji: "🎉", on: false });
    expect(await ada.next("reacted")).toMatchObject({ seq: 3, emoji: "🎉", on: false });
    ada.send({ type: "history", before: 9, limit: 9 });
    const [message] = (await ada.next("history")).messages;
    expect(message?.reactions ?? {}).toEqual({});
    await Promise.all([ada.close(), bob.close()]);
  });

  test("twice the same takes no new seq: the sender alone gets the first again", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    await ada.post("x");
    bob.send({ type: "react", seq: 1, emoji: "👍", on: true });
    const first = await bob.next("reacted");
    bob.send({ type: "react", seq: 1, emoji: "👍", on: true });
    expect(await bob.next("reacted")).toEqual(first);
    expect((await ada.post("y")).seq).toBe(3);
    expect(ada.events.filter(({ type }) => type === "reacted")).toHaveLength(1);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("what is not there cannot be taken back", async () => {
    const ada = await join(server, newRoom());
    await ada.post("x");
    ada.send({ type: "react", seq: 1, emoji: "👍", on: false, ref: "r" });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", ref: "r" });
    ada.send({ type: "react", seq: 5, emoji: "👍", on: true, ref: "s" });
    expect(await ada.next("error")).toMatchObject({ code: "not_found", ref: "s" });
    await ada.close();
  });
});

describe("history", () => {
  test("pages back to the beginning, oldest first, nothing twice and nothing left out", async () => {
    const ada = await join(server, newRoom());
    for (let count = 1; count <= 120; count += 1) ada.say(`m${count}`);
    await ada.next("message", ({ text }) => text === "m120");
    const seen: number[] = [];
    let before = 121;
    for (;;) {
      ada.send({ type: "history", before, limit: 50, ref: `page ${before}` });
      const page = await ada.next("history");
      expect(page.ref).toBe(`page ${before}`);
      const seqs = page.messages.map(({ seq }) => seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
      seen.unshift(...seqs);
      if (!page.more) break;
      before = seqs[0] ?? 0;
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
    await ada.close();
  });

  test("says that there is no more exactly at the beginning", async () => {
    const ada = await join(server, newRoom());
    for (let count = 1; count <= 10; count += 1) ada.say(`m${count}`);
    await ada.next("message", ({ text }) => text === "m10");
    for (const [before, limit, length, more] of [
      [11, 10, 10, false],
      [11, 9, 9, true],
      [1, 10, 0, false],
      [2, 1, 1, false],
      [1_000_000, 100, 10, false],
    ] as const) {
      ada.send({ type: "history", before, limit });
      const page = await ada.next("history");
      expect([page.messages.length, page.more]).toEqual([length, more]);
    }
    await ada.close();
  });

  test("of a room that does not exist is empty", async () => {
    const ada = await join(server, newRoom());
    ada.send({ type: "history", before: 1, limit: 1, ref: "r" });
    expect(await ada.next("history")).toEqual({
      type: "history",
      ref: "r",
      messages: [],
      more: false,
    });
    await ada.close();
  });
});

describe("passing frames", () => {
  test("typing is seen by others, and is no event", async () => {
    const room = newRoom();
    const ada = await join(server, room, { name: "ada" });
    const bob = await join(server, room);
    ada.send({ type: "typing" });
    const person = { id: ada.welcome.you.id, name: "ada" };
    expect(await bob.next("typing")).toEqual({ type: "typing", person });
    expect((await ada.post("done")).seq).toBe(1);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("read is seen by others, with how far", async () => {
    const room = newRoom();
    const ada = await join(server, room, { name: "ada" });
    const bob = await join(server, room);
    await bob.post("look");
    ada.send({ type: "read", seq: 1 });
    const person = { id: ada.welcome.you.id, name: "ada" };
    expect(await bob.next("read")).toEqual({ type: "read", person, seq: 1 });
    await Promise.all([ada.close(), bob.close()]);
  });

  test("ping is answered to the one who asked, with the ref", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    ada.send({ type: "ping", ref: "r1" });
    expect(await ada.next("pong")).toEqual({ type: "pong", ref: "r1" });
    ada.send({ type: "ping" });
    expect(await ada.next("pong")).toEqual({ type: "pong" });
    await bob.fence();
    expect(bob.frames.filter(({ type }) => type === "pong")).toHaveLength(1);
    await Promise.all([ada.close(), bob.close()]);
  });
});

describe("what is refused", () => {
  test("is answered to the sender alone, with the ref or the message's id", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    ada.send({ type: "send", id: "m1", ref: "r1", text: " " });
    const error = await ada.next("error");
    expect(error).toMatchObject({ type: "error", code: "invalid", ref: "r1", id: "m1" });
    expect(error.message).not.toBe("");
    ada.send({ type: "nonsense", ref: "r2" });
    expect(await ada.next("error")).toMatchObject({ code: "invalid", ref: "r2" });
    await bob.fence();
    expect(bob.frames.some(({ type }) => type === "error")).toBe(false);
    await Promise.all([ada.close(), bob.close()]);
  });
});
