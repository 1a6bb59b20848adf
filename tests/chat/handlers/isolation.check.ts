import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../../support/people/client.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers and real deadlines, on a machine that may be doing other things.
setDefaultTimeout(40_000);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serverWith(
  name: string,
  modules: Readonly<Record<string, string>>,
  args: readonly string[] = [],
) {
  const handlers = path(folder, name);
  await mkdir(handlers, { recursive: true });
  for (const [file, source] of Object.entries(modules)) {
    await writeFile(path(handlers, file), source);
  }
  return Server.start({ args: ["--limits", "off", "--handlers", handlers, ...args] });
}

function stops(server: Server) {
  return server.log.filter(({ msg }) => msg === "handlers stopped");
}

/** Marks every message, and stops the thread in many ways. */
const MARKS = `
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
export default async function mark({ text }) {
  if (text.startsWith("loop")) for (;;);
  if (text === "loop and catch") for (;;) try { for (;;); } catch {}
  if (text === "microtasks") { const again = () => Promise.resolve().then(again); await again(); }
  if (text === "exit") process.exit(3);
  if (text === "abort") process.abort();
  if (text === "kill") process.kill(process.pid, "SIGKILL");
  if (text === "take all memory") { const all = []; for (;;) all.push(new Array(100_000).fill(1)); }
  if (text === "wait, then loop") { await wait(20); for (;;); }
  if (text === "wait, then exit") { await wait(20); process.exit(); }
  if (text === "wait") await wait(300);
  return { text: text + "!" };
}`;

describe.concurrent("a handler that never comes back", () => {
  test("costs its message one deadline: it goes through, and nobody else waits for it", async () => {
    await using server = await serverWith("loop", { "mark.ts": MARKS, "then.ts": THEN });
    const ada = await join(server, "a");
    const bob = await join(server, "b");
    ada.say("loop", { id: "once" });
    // The server itself answers all the while.
    for (let count = 0; count < 5; count += 1) {
      expect((await fetch(`${server.url}healthz`)).status).toBe(200);
    }
    expect((await bob.post("hello")).text).toBe("hello!.");
    const { text } = await ada.next("message", ({ id }) => id === "once");
    expect(text).toBe("loop.");
    expect(stops(server)).toEqual([
      expect.objectContaining({
        level: "error",
        handler: "mark",
        file: path(folder, "loop", "mark.ts"),
        room: "a",
        fault: "computed for more than 1000 ms",
      }),
    ]);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("does not meet the same message again, whoever sends it", async () => {
    await using server = await serverWith("poison", { "mark.ts": MARKS });
    const ada = await join(server, "room");
    expect((await ada.post("loop", { id: "once" })).text).toBe("loop");
    ada.say("loop", { id: "once" });
    expect((await ada.next("message")).seq).toBe(1);
    const bob = await join(server, "room");
    expect((await bob.post("loop")).text).toBe("loop");
    expect((await bob.post("hello")).text).toBe("hello!");
    expect(stops(server)).toHaveLength(1);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("is switched off after three stops, until its file changes", async () => {
    await using server = await serverWith("off", { "mark.ts": MARKS, "then.ts": THEN });
    const ada = await join(server, "room");
    for (const text of ["loop 1", "loop 2", "loop 3"]) await ada.post(text);
    await server.logged("handler switched off", ({ handler }) => handler === "mark");
    expect((await ada.post("loop 4")).text).toBe("loop 4.");
    const numbers = await (await fetch(`${server.url}metrics`)).text();
    expect(numbers).toContain('chatroom_handler_up{handler="mark"} 0');
    expect(numbers).toContain('chatroom_handler_stops_total{handler="mark"} 3');
    expect(numbers).toContain('chatroom_handler_calls_total{handler="then"} 4');
    expect(stops(server)).toHaveLength(3);
    await writeFile(path(folder, "off", "mark.ts"), `export default () => ({ text: "back" });`);
    await server.logged("handlers loaded", ({ handlers }) => handlers === "mark, then");
    while ((await ada.post("x")).text !== "back.") await Bun.sleep(50);
    await ada.close();
  });

  test.each(["loop and catch", "microtasks", "wait, then loop"])(
    "does not hold up the end of the server: %p",
    async (text) => {
      await using server = await serverWith(`stop ${text}`, { "mark.ts": MARKS });
      const ada = await join(server, "room");
      ada.say(text);
      await Bun.sleep(100);
      expect(await server.stop()).toBe(0);
      const again = await server.again();
      const back = await join(again, "room");
      expect(back.welcome.messages?.map((message) => message.text)).toEqual([text]);
      await back.close();
      await again.stop();
    },
  );
});

/** Runs after `mark`: shows that the others see a message which one could not. */
const THEN = `export default ({ text }) => ({ text: text + "." });`;

describe("a handler that ends its thread", () => {
  test("does not end the server, and is told from the others", async () => {
    const texts = ["exit", "abort", "kill", "wait, then exit", "take all memory"];
    // A handler for each way, so that none is switched off.
    const ways = texts.map((text, index) => {
      const only = `if (message.text === ${JSON.stringify(text)}) return mark(message);`;
      return [
        `${index}.ts`,
        MARKS.replace("default", "") + `export default (message) => { ${only} }`,
      ];
    });
    await using server = await serverWith("ways", { ...Object.fromEntries(ways), "then.ts": THEN });
    const ada = await join(server, "room");
    for (const text of texts) {
      expect((await ada.post(text)).text).toBe(`${text}.`);
      expect((await ada.post("hello")).text).toBe("hello.");
    }
    expect(stops(server).map(({ handler }) => handler)).toEqual(["0", "1", "2", "3", "4"]);
    await ada.close();
  });

  test("among messages of other rooms is found by running each alone; they lose nothing", async () => {
    await using server = await serverWith("alone", { "mark.ts": MARKS });
    const rooms = await Promise.all(["a", "b", "c", "d"].map((room) => join(server, room)));
    const [ada, ...others] = rooms;
    const bad = ada?.post("wait, then loop");
    const texts = await Promise.all(others.map(async (other) => (await other.post("wait")).text));
    expect(texts).toEqual(["wait!", "wait!", "wait!"]);
    expect((await bad)?.text).toBe("wait, then loop");
    await Promise.all(rooms.map((room) => room.close()));
  });

  test("in a timer, again and again, is switched off with all the others", async () => {
    await using server = await serverWith("timer", {
      "timer.ts": `setInterval(() => { for (;;); }, 10); export default () => ({ text: "no" });`,
    });
    await server.logged("handler switched off", () => true, 20_000);
    const ada = await join(server, "room");
    expect((await ada.post("hello")).text).toBe("hello");
    await ada.close();
  });

  test("by sending the server what it cannot read costs no message", async () => {
    await using server = await serverWith("nonsense", {
      "nonsense.ts": `export default ({ text }) => {
        if (text.startsWith("{")) for (let call = 1; call < 9; call += 1) {
          postMessage({ call, ...JSON.parse(text) });
        }
        return { text: text + "!" };
      };`,
      "then.ts": THEN,
    });
    const ada = await join(server, "room");
    // Who sent it is a guess; the message goes through in any case, and the next one is handled.
    expect((await ada.post(`{"kind":"ran"}`)).seq).toBe(1);
    expect((await ada.post("hello")).text).toBe("hello!.");
    await ada.close();
  });

  test("while it is loaded is left out: the server starts, and the others run", async () => {
    await using server = await serverWith("load", {
      "exits.ts": "process.exit(1);",
      "loops.ts": "for (;;);",
      "then.ts": THEN,
    });
    const ada = await join(server, "room");
    expect((await ada.post("hello")).text).toBe("hello.");
    expect(stops(server).map(({ handler }) => handler)).toEqual(["exits", "loops"]);
    await ada.close();
  });

  test("by keeping too much memory loses what it kept; messages go on", async () => {
    await using server = await serverWith("leak", {
      "leak.ts": `const all = [];
        export default ({ text }) => {
          if (text === "leak") for (let n = 0; n < 300; n += 1) all.push(new ArrayBuffer(2 ** 20));
          return { text: String(all.length) };
        };`,
    });
    const ada = await join(server, "room");
    expect((await ada.post("leak")).text).toBe("300");
    const { fault } = await server.logged("handlers stopped", () => true, 10_000);
    expect(fault).toMatch(/^has \d+ MiB of memory$/);
    expect((await ada.post("x")).text).toBe("0");
    await ada.close();
  });
});

describe("with --handlers-fail closed, a message is refused", () => {
  const closed = ["--handlers-fail", "closed"];
  const refused = expect.objectContaining({ code: "not_allowed" });

  test("that stops a handler, or makes it fail, and what comes after is handled", async () => {
    const modules = {
      "mark.ts": MARKS,
      "throws.ts": `export default ({ text }) => { if (text === "throw!") throw new Error("no"); };`,
    };
    await using server = await serverWith("closed", modules, closed);
    const ada = await join(server, "room");
    for (const text of ["loop", "loop", "throw"]) {
      ada.say(text);
      expect(await ada.next("error")).toEqual(refused);
    }
    expect(stops(server)).toHaveLength(1);
    expect(await ada.post("hello")).toMatchObject({ seq: 1, text: "hello!" });
    await ada.close();
  });

  test("while a handler cannot be loaded", async () => {
    await using server = await serverWith(
      "unloaded",
      { "broken.ts": "export default (((" },
      closed,
    );
    const ada = await join(server, "room");
    ada.say("hello");
    expect(await ada.next("error")).toEqual(refused);
    await writeFile(path(folder, "unloaded", "broken.ts"), "export default () => {};");
    await server.logged("handlers loaded", ({ handlers }) => handlers === "broken");
    expect(await ada.post("hello again")).toMatchObject({ seq: 1 });
    await ada.close();
  });
});

test("ten rooms do not wait for each other's handlers", async () => {
  await using server = await serverWith("ten", {
    // Each message waits until one of every room is in the handler.
    "together.ts": `let here = 0; const { promise, resolve } = Promise.withResolvers();
      export default async () => { if (++here === 10) resolve(); await promise; return { text: "met" }; };`,
  });
  const rooms = Array.from({ length: 10 }, (_, number) => join(server, `room-${number}`));
  const people = await Promise.all(rooms);
  const texts = await Promise.all(people.map(async (each) => (await each.post("hello")).text));
  expect(texts).toEqual(Array.from({ length: 10 }, () => "met"));
  await Promise.all(people.map((each) => each.close()));
});
