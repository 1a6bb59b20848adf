import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join as path } from "node:path";
import { canBrowse, openTab, until } from "../support/browser/browser.ts";
import { join, joinPlain } from "../support/people/client.ts";
import { administrator } from "../support/people/people.ts";
import { Wire } from "../support/servers/proxy.ts";
import { ROOT, Server, cleanEnv, temporaryFolder } from "../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let folder: string;
let binary: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  binary = path(folder, "bin/chatroom");
  const build = Bun.spawn([process.execPath, "run", "build", "--outfile", binary], {
    cwd: ROOT,
    env: cleanEnv(),
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(build.stderr).text();
  if ((await build.exited) !== 0) throw new Error(said);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The one file, in an empty folder, with nothing in reach: no Bun, no `node_modules`, no PATH. */
async function start(name: string, args: readonly string[] = []): Promise<Server> {
  const cwd = path(folder, name);
  await mkdir(cwd, { recursive: true });
  return Server.start({
    command: [binary],
    cwd,
    data: path(cwd, "data"),
    args,
    onlyEnv: { PATH: "" },
  });
}

describe("the one file, alone in an empty folder", () => {
  test("talk, stop, start again: the history is there", async () => {
    await using first = await start("talk");
    const ada = await join(first, "room", { name: "ada" });
    await ada.post("before");
    expect(await first.stop()).toBe(0);
    expect((await ada.closed).code).toBe(4001);
    await using second = await first.again();
    const back = await join(second, "room", { epoch: ada.welcome.epoch, after: 0 });
    expect(back.texts).toEqual(["before"]);
    expect((await back.post("after")).seq).toBe(2);
    await back.close();
    await second.stop();
    expect(await readdir(path(folder, "talk"))).toEqual(["data"]);
  });

  test("searches, which takes a thread of its own", async () => {
    await using server = await start("search");
    const ada = await join(server, "room");
    const { seq } = await ada.post("这可能是真的");
    const url = new URL("api/v1/rooms/room/messages?q=可能", server.url);
    expect(await (await fetch(url)).json()).toMatchObject({ messages: [{ seq }] });
    await ada.close();
    expect(await server.stop()).toBe(0);
  });

  test("its first start ever offers a set-up link, once; whoever takes it administers", async () => {
    await using first = await start("set-up");
    const boss = await administrator(first);
    const before = await join(first, "room", { cookie: boss.cookie });
    expect(before.welcome.you).toMatchObject({ name: "boss", role: "admin" });
    expect(await first.stop()).toBe(0);
    await using second = await first.again();
    const after = await join(second, "room", { cookie: boss.cookie });
    expect(after.welcome.you).toEqual(before.welcome.you);
    await after.close();
    expect(second.log.some(({ msg }) => msg === "setup")).toBe(false);
  });

  test("loads an operator's TypeScript", async () => {
    const handlers = path(folder, "handlers");
    await cp(path(ROOT, "templates/handlers/echo.ts"), path(handlers, "echo.ts"));
    await using server = await start("echo", ["--handlers", handlers]);
    const ada = await join(server, "room");
    await ada.post("你好");
    expect((await ada.next("notice")).text).toBe("你好，真好");
    await ada.close();
  });

  test("writes handlers' types and examples, and checks them", async () => {
    const run = async (...args: readonly string[]) => {
      const options = { cwd: folder, env: { PATH: "" }, stdout: "pipe" } as const;
      const child = Bun.spawn([binary, "handlers", ...args], options);
      const said = await new Response(child.stdout).text();
      return { code: await child.exited, said };
    };
    expect((await run("init", "mine")).code).toBe(0);
    const { code, said } = await run("check", "mine");
    expect(said).toContain("types: no errors");
    expect(said).toContain("dice: loaded /roll");
    expect(code).toBe(0);
  });

  test("ends an operator's TypeScript that never comes back", async () => {
    const handlers = path(folder, "loops");
    const loop = `export default ({ text }: { text: string }) => { while (text === "loop"); return { say: "seen" }; };`;
    await Bun.write(path(handlers, "loop.ts"), loop);
    await using server = await start("loops-server", ["--handlers", handlers]);
    const ada = await join(server, "room");
    expect((await ada.post("loop")).text).toBe("loop");
    await ada.post("hello");
    expect((await ada.next("message", ({ text }) => text === "seen")).author.name).toBe("loop");
    await ada.close();
  });
});

/** A person in a tab. */
class Visitor {
  constructor(
    readonly tab: Bun.WebView,
    readonly url: string,
  ) {}

  async enter(room: string, language: string): Promise<void> {
    await this.tab.navigate("about:blank");
    await this.tab.cdp("Network.enable");
    await this.tab.cdp("Network.setExtraHTTPHeaders", { headers: { "accept-language": language } });
    await this.tab.navigate(`${this.url}rooms/${room}`);
    await until(this.tab, `document.querySelector("#state[data-state=open]")`);
  }

  async say(text: string): Promise<void> {
    await this.tab.click("#text");
    await this.tab.type(text);
    await this.tab.click("#send");
  }

  /** What is on the page: the number and the text of each message, in order. */
  log(): Promise<string[]> {
    return this.tab.evaluate(
      `[...document.querySelectorAll("#log [data-seq]")].map((row) => row.dataset.seq + " " + row.querySelector(".body").innerText.trim())`,
    );
  }

  shows(text: string): Promise<void> {
    const shown = `[...document.querySelectorAll("#log [data-seq] .body")].some((body) => body.innerText.trim() === ${JSON.stringify(text)})`;
    return until(this.tab, shown, 15_000);
  }
}

describe.skipIf(!canBrowse)("two browsers on the one file", () => {
  test("talk in Chinese and English through a cut line, a crash and a restart", async () => {
    let server = await start("browsers", ["--limits", "off"]);
    // Different host names: a cookie each.
    using chinese = await Wire.to(() => server.url, "localhost");
    using english = await Wire.to(() => server.url, "127.0.0.1");
    await using one = openTab();
    await using two = openTab();
    await using three = openTab();
    const mei = new Visitor(one, chinese.url);
    const ann = new Visitor(two, english.url);
    const other = new Visitor(three, english.url);
    // Cookies that other tests left on these hosts would choose the language.
    await one.navigate("about:blank");
    await one.cdp("Network.enable");
    await one.cdp("Network.clearBrowserCookies");
    await mei.enter("123", "zh-CN");
    await ann.enter("123", "en");
    await other.enter("456", "en");
    expect(await one.evaluate("document.documentElement.lang")).toStartWith("zh");
    expect(await two.evaluate("document.documentElement.lang")).toStartWith("en");

    await mei.say("你好，图书馆");
    await ann.shows("你好，图书馆");
    await ann.say("Hello, library");
    await mei.shows("Hello, library");
    const plain = await joinPlain(server, "123", { name: "websocat" });
    plain.raw("plain text joins in");
    await Promise.all([mei.shows("plain text joins in"), ann.shows("plain text joins in")]);

    chinese.cut();
    await until(one, `!document.querySelector("#state[data-state=open]")`);
    await mei.say("断线时写的");
    await mei.say("还有一句");
    await ann.say("while you were away");
    await ann.shows("while you were away");
    expect(await ann.log()).toHaveLength(4);
    chinese.mend();
    await Promise.all([mei.shows("还有一句"), ann.shows("还有一句")]);
    const expected = [
      "1 你好，图书馆",
      "2 Hello, library",
      "3 plain text joins in",
      "4 while you were away",
      "5 断线时写的",
      "6 还有一句",
    ];
    await mei.shows("while you were away");
    expect(await mei.log()).toEqual(expected);
    expect(await ann.log()).toEqual(expected);
    expect(await other.log()).toEqual([]);

    const shown = Promise.all([mei.shows("last words"), ann.shows("last words")]);
    await ann.say("last words");
    await shown;
    await server.kill();
    await until(two, `!document.querySelector("#state[data-state=open]")`);
    await ann.say("into the dark");
    server = await server.again();
    await Promise.all([mei.shows("into the dark"), ann.shows("into the dark")]);
    expected.push("7 last words", "8 into the dark");
    expect(await mei.log()).toEqual(expected);
    expect(await ann.log()).toEqual(expected);
    const back = await join(server, "123");
    expect(back.welcome.messages?.map(({ seq, text }) => `${seq} ${text}`)).toEqual(expected);
    await back.close();
    expect(await server.stop()).toBe(0);
  }, 60_000);
});
