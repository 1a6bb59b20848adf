import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { join, joinPlain } from "../../support/people/client.ts";
import { ROOT, Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A folder with these modules, and a server that runs them. */
async function withHandlers(name: string, modules: Readonly<Record<string, string>>) {
  const handlers = path(folder, name);
  await mkdir(handlers, { recursive: true });
  for (const [file, source] of Object.entries(modules)) {
    await writeFile(path(handlers, file), source);
  }
  return Server.start({ args: ["--limits", "off", "--handlers", handlers] });
}

/** A server that runs one of the examples that come with the program. */
async function withExample(name: string) {
  const handlers = path(folder, name);
  await mkdir(handlers, { recursive: true });
  await cp(path(ROOT, "templates/handlers", `${name}.ts`), path(handlers, `${name}.ts`));
  return Server.start({ args: ["--limits", "off", "--handlers", handlers] });
}

describe("the example echo", () => {
  test("answers the sender, and no one else; the message itself goes to everyone", async () => {
    await using server = await withExample("echo");
    const ada = await join(server, "room");
    const bob = await join(server, "room");
    await ada.post("你好");
    expect(await ada.next("notice")).toEqual({
      type: "notice",
      author: expect.objectContaining({ name: "echo" }),
      text: "你好，真好",
      at: expect.any(Number),
    });
    await bob.post("再见");
    expect((await bob.next("notice")).text).toBe("再见，真好");
    expect(bob.texts).toEqual(["你好", "再见"]);
    expect(bob.frames.filter(({ type }) => type === "notice")).toHaveLength(1);
    const back = await join(server, "room");
    expect(JSON.stringify(back.welcome.messages)).not.toContain("真好");
    await Promise.all([ada.close(), bob.close(), back.close()]);
  });

  test("over plain text the answer is one frame, its text alone", async () => {
    await using server = await withExample("echo");
    const plain = await joinPlain(server, "room");
    plain.raw("hello");
    await plain.next((line) => line === "hello，真好");
    expect(plain.lines.toSorted()).toEqual(["hello", "hello，真好"]);
    await plain.close();
  });
});

describe("the example by-name", () => {
  test("changes the text for everyone, by its table, else by its default", async () => {
    await using server = await withExample("by-name");
    const ada = await join(server, "room");
    const plain = await joinPlain(server, "room");
    const said = [];
    for (const text of ["llm", "梁洛铭", "someone", "constructor"]) {
      said.push((await ada.post(text)).text);
      await plain.next();
    }
    expect(said[0]).toStartWith("llm是");
    expect(said[1]).toBe(said[0]?.replace("llm", "梁洛铭") ?? "");
    expect(said[2]).toStartWith("someone是");
    expect(said[2]).not.toBe(said[0]?.replace("llm", "someone") ?? "");
    expect(said[3]).toBe(said[2]?.replace("someone", "constructor") ?? "");
    expect(plain.lines).toEqual(said);
    const back = await join(server, "room");
    expect(back.welcome.messages?.map(({ text }) => text)).toEqual(said);
    await Promise.all([ada.close(), plain.close(), back.close()]);
  });
});

describe.concurrent("a handler", () => {
  test("may refuse with a reason: the sender is told, no one else, and no seq is taken", async () => {
    await using server = await withHandlers("refuse", {
      "polite.ts": `export default ({ text }) => text.includes("rude") ? { refuse: "Be polite." } : undefined;`,
    });
    const ada = await join(server, "room");
    const bob = await join(server, "room");
    ada.say("rude", { id: "r1" });
    expect(await ada.next("error")).toMatchObject({
      code: "not_allowed",
      message: "Be polite.",
      id: "r1",
    });
    expect((await ada.post("kind")).seq).toBe(1);
    expect(bob.texts).not.toContain("rude");
    const plain = await joinPlain(server, "room");
    plain.raw("rude too");
    expect(await plain.next()).toBe("! not_allowed: Be polite.");
    await Promise.all([ada.close(), bob.close(), plain.close()]);
  });

  test("may answer the room, as a bot with its name, after the message", async () => {
    await using server = await withHandlers("say", {
      "clerk.ts": `export default ({ text }) => ({ say: "noted: " + text });`,
    });
    const ada = await join(server, "room", { name: "ada" });
    await ada.post("hello", { id: "once" });
    const said = await ada.next("message", ({ author }) => author.name === "clerk");
    expect(said).toMatchObject({ seq: 2, text: "noted: hello" });
    expect(said.author.id).not.toBe(ada.welcome.you.id);
    ada.say("hello", { id: "once" });
    expect((await ada.next("message")).seq).toBe(1);
    expect((await ada.post("next")).seq).toBe(3);
    await ada.close();
  });

  test("sees who says what, where, when; several run in the order of their file names", async () => {
    await using server = await withHandlers("order", {
      "2-b.js": `export default ({ text }) => ({ text: text + " b" });`,
      "1-a.ts": `export default async ({ text }: { text: string }) => ({ text: text + " a" });`,
      "3-all.ts": `export default (message) => ({ text: JSON.stringify(message) });`,
      "notes.txt": "no module",
    });
    const ada = await join(server, "Room", { name: "ada" });
    const seen: unknown = JSON.parse((await ada.post("x")).text);
    expect(seen).toEqual({
      room: "room",
      author: { id: ada.welcome.you.id, name: "ada" },
      text: "x a b",
      files: 0,
      at: expect.any(Number),
    });
    await ada.close();
  });

  test("that is slow keeps the room's order, and does not hold another room up", async () => {
    await using server = await withHandlers("slow", {
      "slow.ts": `export default async ({ room, text }) => {
        if (room === "slow") await new Promise((done) => setTimeout(done, 10 + Math.random() * 90));
        return { text: text + "!" };
      };`,
    });
    const slow = await join(server, "slow");
    const quick = await join(server, "quick");
    for (let count = 1; count <= 8; count += 1) slow.say(`m${count}`);
    await quick.post("at once");
    expect(slow.texts.length).toBeLessThan(8);
    await slow.next("message", ({ text }) => text === "m8!");
    expect(slow.texts).toEqual(["m1!", "m2!", "m3!", "m4!", "m5!", "m6!", "m7!", "m8!"]);
    await Promise.all([slow.close(), quick.close()]);
  });

  test("that is slow holds back what the room is asked for after its message, too", async () => {
    await using server = await withHandlers("behind", {
      "slow.ts": `export default () => new Promise((done) => setTimeout(done, 50));`,
    });
    const ada = await join(server, "room");
    ada.say("x");
    ada.send({ type: "react", seq: 1, emoji: "👍", on: true });
    ada.send({ type: "delete", seq: 1 });
    await ada.next("deleted");
    expect(ada.events.map(({ type }) => type)).toEqual(["message", "reacted", "deleted"]);
    await ada.close();
  });

  test("that fails, or is late, or returns nonsense is logged; the message goes on unchanged", async () => {
    await using server = await withHandlers("faulty", {
      "faulty.ts": `export default ({ text }) => {
        if (text === "throw") throw new Error("a secret fault");
        if (text === "reject") return Promise.reject(new Error("a secret fault"));
        if (text === "late") return new Promise((done) => setTimeout(done, 5_000, { text: "too late" }));
        if (text === "never") return new Promise(() => {});
        if (text === "number") return 7;
        if (text === "no text") return { text: 7 };
        if (text === "empty") return { text: "" };
        if (text === "long") return { text: "x".repeat(8_001) };
        if (text === "half") return { text: "\\ud800" };
        if (text === "getter") return { get text() { throw new Error("a secret fault"); } };
        if (text === "null") throw null;
      };`,
    });
    const ada = await join(server, "room");
    const texts = ["throw", "reject", "late", "never", "number", "no text"];
    texts.push("empty", "long", "half", "getter", "null");
    for (const text of texts) expect((await ada.post(text)).text).toBe(text);
    const faults = server.log.filter(({ handler }) => handler === "faulty");
    expect(faults).toHaveLength(texts.length);
    expect(JSON.stringify(ada.frames)).not.toContain("secret");
    expect(await ada.post("fine")).toMatchObject({ text: "fine", seq: texts.length + 1 });
    await ada.close();
  });

  test("that cannot be loaded is logged, and the others run", async () => {
    await using server = await withHandlers("broken", {
      "broken.ts": "export default (((",
      "empty.ts": "export const x = 1;",
      "fails.ts": `throw new Error("at load");`,
      "works.ts": `export default ({ text }) => ({ text: text + "!" });`,
    });
    const ada = await join(server, "room");
    expect((await ada.post("x")).text).toBe("x!");
    const named = server.log.filter(({ level }) => level !== "info").map(({ handler }) => handler);
    expect(named.toSorted()).toEqual(["broken", "empty", "fails"]);
    await ada.close();
  });

  test("whose timer throws later does not take the server with it", async () => {
    await using server = await withHandlers("later", {
      "later.ts": `export default () => { setTimeout(() => { throw new Error("later"); }, 1); };`,
    });
    const ada = await join(server, "room");
    await ada.post("one");
    await Bun.sleep(50);
    expect((await ada.post("two")).seq).toBe(2);
    await ada.close();
  });
});

describe("a change in the folder", () => {
  test("is loaded: changed, added, removed; a broken one leaves the last good form", async () => {
    await using server = await withHandlers("reload", {
      "a.ts": `export default ({ text }) => ({ text: text + " v1" });`,
    });
    const handlers = path(folder, "reload");
    const ada = await join(server, "room");
    /** Says something until what comes back fits. */
    const becomes = async (expected: string) => {
      for (let tries = 0; tries < 100; tries += 1) {
        if ((await ada.post("x")).text === expected) return;
        await Bun.sleep(50);
      }
      throw new Error(`it never became "${expected}", but ${ada.texts.at(-1)}`);
    };
    await becomes("x v1");
    await writeFile(
      path(handlers, "a.ts"),
      `export default ({ text }) => ({ text: text + " v2" });`,
    );
    await becomes("x v2");
    await writeFile(
      path(handlers, "b.ts"),
      `export default ({ text }) => ({ text: text + " b" });`,
    );
    await becomes("x v2 b");
    await writeFile(path(handlers, "a.ts"), "export default (((");
    await server.logged("handler not loaded", ({ handler }) => handler === "a");
    expect((await ada.post("x")).text).toBe("x v2 b");
    await rm(path(handlers, "b.ts"));
    await becomes("x v2");
    await ada.close();
  });
});
