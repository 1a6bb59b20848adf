import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../../support/people/client.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(30_000);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A server with one handler: the object that `defineHandler` is given. */
async function serverWith(name: string, handler: string) {
  const handlers = path(folder, name);
  await mkdir(handlers, { recursive: true });
  const source = `import { defineHandler } from "chatroom"; export default defineHandler(${handler});`;
  await writeFile(path(handlers, `${name}.ts`), source);
  return Server.start({ args: ["--limits", "off", "--handlers", handlers] });
}

describe("a handler made with defineHandler", () => {
  test("knows role, edit or not, what is answered, and the files", async () => {
    await using server = await serverWith(
      "knows",
      `{ onMessage({ text }, { person, isEdit, seq, replyTo, files }) {
        return { text: JSON.stringify({ text, role: person.role, isEdit, seq, replyTo, files }) };
      } }`,
    );
    const ada = await join(server, "room", { name: "ada" });
    const first = await ada.post("one");
    const told = { role: "guest", isEdit: false, seq: 0, files: [] };
    expect(JSON.parse(first.text)).toEqual({ text: "one", ...told });
    const second = await ada.post("two", { replyTo: 1 });
    const replyTo = { seq: 1, author: { id: ada.welcome.you.id, name: "ada" }, text: first.text };
    expect(JSON.parse(second.text)).toEqual({ text: "two", ...told, replyTo });
    ada.send({ type: "edit", seq: 1, text: "edited" });
    const { text } = await ada.next("edited");
    expect(JSON.parse(text)).toEqual({ text: "edited", ...told, isEdit: true, seq: 1 });
    await ada.close();
  });

  test("says several things, here, elsewhere and later, and answers the sender alone", async () => {
    await using server = await serverWith(
      "says",
      `{ name: "herald", onMessage({ text }, chat) {
        if (text !== "go") return;
        chat.reply("a word");
        chat.say("one");
        chat.say("two", { replyTo: 1 });
        chat.in("Elsewhere").say("three");
        setTimeout(() => { chat.say("four"); chat.reply("later"); }, 20);
      } }`,
    );
    const ada = await join(server, "room");
    const bob = await join(server, "room");
    const eve = await join(server, "elsewhere");
    await ada.post("go");
    await bob.next("message", ({ text }) => text === "four");
    expect(bob.texts).toEqual(["go", "one", "two", "four"]);
    expect(bob.events[2]).toMatchObject({
      replyTo: 1,
      author: { id: "bot:herald", name: "herald" },
    });
    expect((await eve.next("message")).text).toBe("three");
    expect((await ada.next("notice")).text).toBe("a word");
    expect((await ada.next("notice")).text).toBe("later");
    expect(bob.frames.filter(({ type }) => type === "notice")).toEqual([]);
    await Promise.all([ada.close(), bob.close(), eve.close()]);
  });

  test("reacts, pins, deletes and mutes, as a bot that keeps order", async () => {
    await using server = await serverWith(
      "keeps",
      `{ onMessage({ text, author }, { seq, react, pin, mute, refuse, delete: remove }) {
        if (text === "like") react(seq, "👍");
        if (text === "pin") pin(seq);
        if (text === "remove the first") remove(1, "off topic");
        if (text === "bad") { mute(author, "1h", "bad words"); refuse("No."); }
      } }`,
    );
    const ada = await join(server, "room");
    await ada.post("first");
    await ada.post("like");
    const reacted = await ada.next("reacted");
    expect(reacted).toMatchObject({ target: 2, emoji: "👍", author: { id: "bot:keeps" } });
    await ada.post("pin");
    expect((await ada.next("room")).pins).toEqual([4]);
    await ada.post("remove the first");
    expect(await ada.next("deleted")).toMatchObject({ target: 1 });
    ada.say("bad");
    expect(await ada.next("error")).toMatchObject({ code: "not_allowed", message: "No." });
    // The message is refused at once, the mute holds when it is in the database.
    const answer = () => Promise.race([ada.next("error"), ada.next("message")]);
    for (let got = ""; got !== "muted";) {
      ada.say("still here?");
      const frame = await answer();
      got = frame.type === "error" ? frame.code : "";
    }
    await ada.close();
  });

  test("is told who comes, who goes, and who reacts", async () => {
    await using server = await serverWith(
      "told",
      `{
        onJoin: ({ name }, { say }) => say(name + " came"),
        onLeave: ({ name }, { say }) => say(name + " went"),
        onReaction: ({ seq, emoji, added }, { say }) => say(emoji + seq + added),
      }`,
    );
    const ada = await join(server, "room", { name: "ada" });
    await ada.next("message", ({ text }) => text === "ada came");
    const bob = await join(server, "room", { name: "bob" });
    await ada.next("message", ({ text }) => text === "bob came");
    bob.send({ type: "react", seq: 1, emoji: "👋", on: true });
    await ada.next("message", ({ text }) => text === "👋1true");
    await bob.close();
    await ada.next("message", ({ text }) => text === "bob went");
    await ada.close();
  });

  test("answers commands: in /help, in the list of welcome, and for whom they are", async () => {
    await using server = await serverWith(
      "commands",
      `{ commands: {
        roll: { help: "rolls dice", usage: "[dice]", run: (rest, { say }) => { say("rolled " + rest); } },
        what: { run: () => "that" },
        boss: { least: "moderator", run: () => "yes" },
      } }`,
    );
    const ada = await join(server, "room");
    expect(ada.welcome.commands).toEqual([
      { name: "roll", usage: "[dice]", help: "rolls dice" },
      { name: "what", usage: "", help: "" },
    ]);
    ada.say("/what", { id: "w1" });
    expect(await ada.next("notice")).toMatchObject({ text: "that", id: "w1" });
    ada.say("/Roll 2d6", { id: "r1" });
    expect((await ada.next("message")).text).toBe("rolled 2d6");
    expect(await ada.next("notice")).toMatchObject({ id: "r1" });
    ada.say("/boss");
    expect(await ada.next("error")).toMatchObject({ code: "invalid" });
    ada.say("/help");
    expect((await ada.next("notice")).text).toContain("\n/roll [dice] — rolls dice\n");
    await ada.close();
  });

  test("keeps values over a restart, and none that is too large", async () => {
    await using server = await serverWith(
      "keep",
      `{ commands: {
        set: { run: async (rest, { store }) => { await store.set("k", { rest }); return "kept"; } },
        get: { run: async (_, { store }) => JSON.stringify(await store.get("k")) ?? "nothing" },
        large: { run: (_, { store }) => store.set("l", "x".repeat(65536)).then(() => "no", String) },
        forget: { run: (_, { store }) => store.delete("k").then(() => "gone") },
        keys: { run: async (_, { store }) => (await store.keys("k")).join() },
      } }`,
    );
    const ask = async (on: Server, text: string) => {
      const ada = await join(on, "room");
      ada.say(text);
      const answer = await ada.next("notice");
      await ada.close();
      return answer.text;
    };
    expect(await ask(server, "/get")).toBe("nothing");
    expect(await ask(server, "/set 7")).toBe("kept");
    expect(await ask(server, "/large")).toContain("at most 65536 bytes");
    expect(await server.stop()).toBe(0);
    await using again = await server.again();
    expect(await ask(again, "/get")).toBe(`{"rest":"7"}`);
    expect(await ask(again, "/keys")).toBe("k");
    expect(await ask(again, "/forget")).toBe("gone");
    expect(await ask(again, "/get")).toBe("nothing");
  });

  test("starts, ticks and stops; and is for its rooms alone", async () => {
    await using server = await serverWith(
      "times",
      `{
        rooms: ["One"],
        onMessage: () => ({ text: "seen" }),
        every: "1s",
        onTick: (chat) => chat.in("one").say("tick"),
        onStart: (chat) => chat.in("one").say("start"),
        onStop: (chat) => chat.store.set("stopped", true),
        commands: { stopped: { run: async (_, { store }) => String(await store.get("stopped")) } },
      }`,
    );
    const ada = await join(server, "one");
    const bob = await join(server, "two");
    expect(JSON.stringify(ada.welcome.messages)).toContain(`"start"`);
    await ada.next("message", ({ text }) => text === "tick");
    expect((await bob.post("hello")).text).toBe("hello");
    expect((await ada.post("hello")).text).toBe("seen");
    await Promise.all([ada.close(), bob.close()]);
    expect(await server.stop()).toBe(0);
    await using again = await server.again();
    const back = await join(again, "one");
    back.say("/stopped");
    expect((await back.next("notice")).text).toBe("true");
    await back.close();
  });

  test("is not loaded with what makes no sense, and the log says why", async () => {
    const handlers = path(folder, "wrong");
    await mkdir(handlers, { recursive: true });
    const wrong: Readonly<Record<string, readonly [handler: string, fault: string]>> = {
      part: ["{ onMesage() {} }", "`onMesage` is not a part of a handler"],
      ban: ["{ commands: { ban: { run() {} } } }", "one of the chat's own"],
      time: [`{ every: "5m" }`, "`every`"],
      room: [`{ rooms: ["a b"] }`, `"a b" is not the name of a room`],
    };
    for (const [name, [handler]] of Object.entries(wrong)) {
      await writeFile(path(handlers, `${name}.ts`), `export default ${handler};`);
    }
    await using server = await Server.start({ args: ["--handlers", handlers] });
    for (const [name, [, fault]] of Object.entries(wrong)) {
      const line = await server.logged("handler not loaded", ({ handler }) => handler === name);
      expect(line["fault"]).toContain(fault);
    }
  });
});
