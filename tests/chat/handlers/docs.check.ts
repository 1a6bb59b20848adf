import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../../support/people/client.ts";
import { ROOT, Server, cleanEnv, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(30_000);

const PAGE = await Bun.file(path(ROOT, "docs/handlers.md")).text();
/** The blocks of the page by the file name in their first line. */
const BLOCKS = new Map(
  [...PAGE.matchAll(/^```ts\n(\/\/ (\S+\.ts)\n.*?)^```$/gms)].map(([, block = "", name = ""]) => {
    return [name, block] as const;
  }),
);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function serverWith(name: string) {
  const handlers = path(folder, name);
  await mkdir(handlers);
  await writeFile(path(handlers, name), BLOCKS.get(name) ?? "");
  return Server.start({ args: ["--limits", "off", "--handlers", handlers] });
}

const SHOWN: Readonly<Record<string, (server: Server) => Promise<void>>> = {
  async "short.ts"(server) {
    const ada = await join(server, "room");
    ada.say("darn");
    expect((await ada.next("error")).message).toBe("Please be polite.");
    expect((await ada.post("hello :)")).text).toBe("hello 🙂");
    await ada.post("ping");
    expect((await ada.next("notice")).text).toBe("pong");
    await ada.post("!time");
    expect((await ada.next("message")).text).toMatch(/^\d\d:\d\d:\d\d/);
    await ada.close();
  },
  async "answers.ts"(server) {
    const notes = await join(server, "notes");
    const ada = await join(server, "room", { name: "ada" });
    await ada.post("buy milk");
    await ada.post("note", { replyTo: 1 });
    expect(await ada.next("reacted")).toMatchObject({ target: 2, emoji: "📝" });
    expect((await ada.next("notice")).text).toBe("Noted.");
    expect((await notes.next("message")).text).toBe("ada: buy milk");
    await ada.post("remind me");
    expect((await ada.next("message")).text).toBe("You wanted to be reminded.");
    await Promise.all([ada.close(), notes.close()]);
  },
  async "counter.ts"(server) {
    const ada = await join(server, "room");
    for (const count of [1, 2]) {
      ada.say("/count");
      expect((await ada.next("notice")).text).toBe(`This is number ${count}.`);
    }
    ada.say("/help");
    expect((await ada.next("notice")).text).toContain("/count — counts, over restarts too");
    await ada.close();
  },
  async "clock.ts"(server) {
    const ada = await join(server, "clock", { name: "ada" });
    expect((await ada.next("notice")).text).toBe("It ticks here, ada.");
    const { seq } = await ada.next("message", ({ text }) => !Number.isNaN(Date.parse(text)));
    ada.send({ type: "react", seq, emoji: "⏰", on: true });
    await ada.next("message", ({ text }) => text === "ada: ⏰");
    await ada.close();
  },
};

describe("docs/handlers.md", () => {
  test("shows blocks that are all run here", () => {
    expect([...BLOCKS.keys()].toSorted()).toEqual(Object.keys(SHOWN).toSorted());
  });

  for (const [name, shows] of Object.entries(SHOWN)) {
    test(`${name} does what the page says`, async () => {
      await using server = await serverWith(name);
      await shows(server);
    });
  }
});

describe("chatroom handlers", () => {
  /** The command line, in the folder of the tests. */
  async function run(...args: readonly string[]) {
    const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), "handlers", ...args], {
      cwd: folder,
      env: cleanEnv(),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [said, failed] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code: await child.exited, said, failed };
  }

  test("init writes types and examples that check finds good, and keeps what is there", async () => {
    expect((await run("init", "mine")).code).toBe(0);
    await writeFile(path(folder, "mine/dice.ts"), "export default () => ({ text: 'mine' });");
    for (const [name, block] of BLOCKS) await writeFile(path(folder, "mine", name), block);
    const again = await run("init", "mine");
    expect(again.said).toContain("kept  mine/dice.ts");
    expect(again.said).toContain("wrote mine/chatroom.d.ts");
    const { code, said } = await run("check", "mine");
    expect(said).toContain("types: no errors");
    expect(said).toContain("counter: loaded /count");
    expect(said).toContain(`a guest's message "hello" in the room "lobby" becomes "mine"`);
    expect(code).toBe(0);
  });

  test("check says what is wrong, with file and line", async () => {
    await run("init", "wrong");
    await writeFile(
      path(folder, "wrong/typo.ts"),
      `import { defineHandler } from "chatroom";\nexport default defineHandler({ onMesage() {} });\n`,
    );
    await writeFile(
      path(folder, "wrong/throws.ts"),
      `export default () => {\n  throw new Error("oh no");\n};\n`,
    );
    const { code, said } = await run("check", "wrong");
    expect(code).toBe(1);
    expect(said).toMatch(/typo\.ts\(2,\d+\): error TS\d+: .*onMesage/);
    expect(said).toContain("`onMesage` is not a part of a handler");
    expect(said).toContain("typo: failed");
    expect(said).toContain("throws at throws.ts:2:");
  });

  test.each([[[]], [["init"]], [["check"]], [["run", "x"]], [["init", "a", "b"]]])(
    "%j is told how to use it",
    async (args) => {
      const { code, failed } = await run(...args);
      expect(code).toBe(2);
      expect(failed).toContain("chatroom handlers init DIR");
    },
  );

  test("check of a folder that is not there is one line", async () => {
    const { code, failed } = await run("check", "nowhere");
    expect(code).toBe(2);
    expect(failed).toMatch(/^chatroom: --handlers: the folder .*nowhere cannot be read/);
  });
});
