import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { canBrowse, openTab, until } from "../../support/browser/browser.ts";
import { joinPlain } from "../../support/people/client.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

/**
 * The page of the notes this project grew from, byte for byte (their section 2.2; section 3.3 only
 * puts another room's number into its address). Nothing in it was written for this server.
 */
const PAGE = await Bun.file(path(import.meta.dir, "../../fixtures/notes-page.txt")).text();
const ADDRESS = "ws://127.0.0.1:8000/ws/123/";
const NOTICES = `[...document.querySelectorAll("#message div")].map((tag) => tag.innerText)`;

let server: Server;
let folder: string;
let pages: Bun.Server<undefined>;
beforeAll(async () => {
  server = await Server.start();
  folder = await temporaryFolder();
  pages = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const room = new URL(request.url).searchParams.get("num") ?? "123";
      return new Response(pageOf(room), { headers: { "content-type": "text/html" } });
    },
  });
});
afterAll(async () => {
  await pages.stop(true);
  await rm(folder, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

/** The notes' page, with our host and port, and the room's number as in section 3.3. */
function pageOf(room: string): string {
  return PAGE.replace(
    ADDRESS,
    ADDRESS.replace("127.0.0.1:8000", new URL(server.url).host).replace("123", room),
  );
}

const notices = (tab: Bun.WebView) => tab.evaluate<string[]>(NOTICES);
const shows = (tab: Bun.WebView, text: string) =>
  until(tab, `${NOTICES}.includes(${JSON.stringify(text)})`);
async function say(tab: Bun.WebView, text: string): Promise<void> {
  await tab.evaluate(`document.getElementById("txt").value = ""`);
  await tab.click("#txt");
  await tab.type(text);
  await tab.click("input[value=查询]");
}

test("the fixture is the notes' page, and its only address is the one that is put in its place", () => {
  expect(createHash("sha256").update(PAGE).digest("hex")).toBe(
    "dcb394f4a02c987be8a7da62a510f156387d34a8ede9249cecbe71fd74cb3148",
  );
  expect(PAGE.split(ADDRESS)).toHaveLength(2);
  expect(PAGE.match(/https?:|wss?:/g)).toEqual(["ws:"]);
});

describe.skipIf(!canBrowse)("the notes' own page, in a browser", () => {
  test("from another port: connects, sends, both tabs see it, the close button works", async () => {
    await using one = openTab();
    await using two = openTab();
    await Promise.all([one.navigate(pages.url.href), two.navigate(pages.url.href)]);
    await Promise.all([shows(one, "[连接成功啦]"), shows(two, "[连接成功啦]")]);
    await say(one, "hello");
    await Promise.all([shows(one, "hello"), shows(two, "hello")]);
    await say(two, "<b>bold</b>");
    await Promise.all([shows(one, "<b>bold</b>"), shows(two, "<b>bold</b>")]);
    await one.click("input[value=关闭]");
    await shows(one, "[连接断开啦]");
    await say(two, "after");
    await shows(two, "after");
    expect(await notices(one)).toEqual(["[连接成功啦]", "hello", "<b>bold</b>", "[连接断开啦]"]);
    expect(await notices(two)).toEqual(["[连接成功啦]", "hello", "<b>bold</b>", "after"]);
  });

  test("from a file: works as well", async () => {
    await mkdir(folder, { recursive: true });
    const file = path(folder, "index.html");
    await writeFile(file, pageOf("456"));
    const plain = await joinPlain(server, "456", { name: "梁洛铭" });
    await using tab = openTab();
    await tab.navigate(`file://${file}`);
    await shows(tab, "[连接成功啦]");
    await say(tab, "from a file");
    expect(await plain.next()).toBe("from a file");
    plain.raw("收到消息");
    await shows(tab, "梁洛铭: 收到消息");
    await plain.close();
  });

  test("with a room's number, as in 3.3: each room its own", async () => {
    await using one = openTab();
    await using two = openTab();
    await one.navigate(`${pages.url.href}?num=7`);
    await two.navigate(`${pages.url.href}?num=8`);
    await Promise.all([shows(one, "[连接成功啦]"), shows(two, "[连接成功啦]")]);
    await say(one, "in seven");
    await say(two, "in eight");
    await Promise.all([shows(one, "in seven"), shows(two, "in eight")]);
    expect(await notices(one)).toEqual(["[连接成功啦]", "in seven"]);
    expect(await notices(two)).toEqual(["[连接成功啦]", "in eight"]);
  });

  test("says when the server goes", async () => {
    await using short = await Server.start();
    const page = pageOf("1").replace(new URL(server.url).host, new URL(short.url).host);
    const file = path(folder, "short.html");
    await writeFile(file, page);
    await using tab = openTab();
    await tab.navigate(`file://${file}`);
    await shows(tab, "[连接成功啦]");
    expect(await short.stop()).toBe(0);
    await shows(tab, "[连接断开啦]");
  });
});
