import { describe, expect, test } from "bun:test";
import { cp, rm } from "node:fs/promises";
import { join as path } from "node:path";
import { catalogueFault, fill, negotiateLanguage } from "../../lib/model/text/locale.ts";
import { retryDelay } from "../../lib/model/base/retry.ts";
import en from "../../templates/locales/en.ts";
import zh from "../../templates/locales/zh.ts";
import { Visitor } from "../support/people/people.ts";
import { ROOT, Server, temporaryFolder } from "../support/servers/server.ts";

describe("the language of a page", () => {
  for (const [header, language] of [
    [null, "en"],
    ["", "en"],
    ["zh", "zh"],
    ["zh-CN,zh;q=0.9,en;q=0.8", "zh"],
    ["zh-Hant-TW", "zh"],
    ["en-GB,zh;q=0.9", "en"],
    ["en;q=0.5, zh;q=0.7", "zh"],
    ["fr, de;q=0.9, zh;q=0.1", "zh"],
    ["fr", "en"],
    ["zh;q=0", "en"],
    ["*", "en"],
    ["zh;q=nonsense, en;q=0.1", "en"],
    [`${"x,".repeat(10_000)}zh`, "en"],
  ] as const) {
    test(`${String(header).slice(0, 40)} → ${language}`, () => {
      expect(negotiateLanguage(header, ["en", "zh"])).toBe(language);
    });
  }
});

test.each([
  ["zh-Hant-TW", "zh-hant"],
  ["zh-Hans-CN", "zh"],
  ["*;q=0.5, pt-BR;q=0.1", "en"],
  ["pt-PT", "en"],
])("%s, where zh-hant and pt-br are spoken too → %s", (header, language) => {
  expect(negotiateLanguage(header, ["en", "pt-br", "zh", "zh-hant"])).toBe(language);
});

describe("a text", () => {
  test("is filled in once: what was filled in is not looked through again", () => {
    expect(fill("{name}: {text} {other}", { name: "{text}", text: "hi" })).toBe(
      "{text}: hi {other}",
    );
  });
});

describe("the words of a language", () => {
  test("are all there in Chinese, held against the English ones", () => {
    expect(catalogueFault(zh, en)).toBeNull();
    expect(zh.page.connectedNotice).toBe("[连接成功啦]");
    expect(zh.page.disconnectedNotice).toBe("[连接断开啦]");
  });

  const model = { page: { hi: "hi {name}", none: "", many: { one: "1", other: "{count}" } } };
  test.each([
    [{ page: { hi: "salut {name}", none: "", many: { other: "{count}" } } }, null],
    [{ page: { hi: "salut", none: "x", many: { few: "{count}", other: "y" } } }, null],
    [{ page: { none: "", many: { other: "" } } }, "page.hi is missing"],
    [{ page: { hi: " ", none: "", many: { other: "y" } } }, "page.hi is empty"],
    [{ page: { hi: "x", none: "", many: { one: "1" } } }, "page.many.other is missing"],
    [
      { page: { hi: "x", none: "", many: { ones: "1", other: "2" } } },
      "page.many.ones is not known",
    ],
    [{ page: { hi: "x", no: "", none: "", many: { other: "2" } } }, "page.no is not known"],
    [
      { page: { hi: "{nom}", none: "", many: { other: "2" } } },
      "page.hi has {nom}, which nothing fills in",
    ],
    [{ page: { hi: 5, none: "", many: { other: "2" } } }, "page.hi is no text"],
    [undefined, " is missing"],
  ])("%j: %p", (given, fault) => {
    expect(catalogueFault(given, model)).toBe(fault);
  });
});

describe("a third language", () => {
  /** The program's sources, with one file more; what is installed is only linked. */
  async function copyWith(file: string, source: string): Promise<string> {
    const folder = await temporaryFolder();
    for (const part of ["index.ts", "package.json", "tsconfig.json", "lib", "templates"]) {
      await cp(path(ROOT, part), path(folder, part), { recursive: true });
    }
    await Bun.write(path(folder, "templates/locales", file), source);
    return folder;
  }

  test("is one file: the pages, their scripts, the administration and commands speak it", async () => {
    const words = { ...en, name: "Esperanto", tag: "eo", page: { ...en.page, enter: "Eniri" } };
    const eo = {
      ...words,
      forms: { ...en.forms, toLobby: "Al la halo" },
      commands: { ...en.commands, who: ["", "Kiu estas tie ĉi"] },
      replies: { ...en.replies, noTopic: "Sen temo." },
    };
    const folder = await copyWith("eo.ts", `export default ${JSON.stringify(eo)};`);
    const command = [process.execPath, path(folder, "index.ts")];
    await using server = await Server.start({ command, cwd: folder });
    const chosen = new Visitor(server, { "accept-language": "eo-XX, zh;q=0.5" });
    const lobby = await chosen.get("");
    expect(lobby.text).toContain('<html\n  lang="eo"');
    expect(lobby.text).toContain("Eniri");
    const script = /data-words="\.\/(assets\/eo\.[^"]+\.js)"/.exec(lobby.text)?.[1] ?? "none";
    expect((await chosen.get(script)).text).toContain("Kiu estas tie ĉi");
    expect((await chosen.get("account/")).text).toContain("Al la halo");
    expect((await chosen.post("rooms/1", { text: "/topic" })).text).toContain("Sen temo.");
    // Whoever reads another language finds it in the list of languages, and gets it when they choose.
    const reader = new Visitor(server);
    const buttons = (text: string) =>
      [...text.matchAll(/value="(\w+)"\s+lang="[\w-]+"\s*>\s*([^<]+)</g)].map(([, code, name]) => [
        code,
        name,
      ]);
    expect(buttons((await reader.get("")).text)).toEqual([
      ["eo", "Esperanto"],
      ["zh", "中文"],
    ]);
    await reader.post("me", { language: "eo" });
    const { text } = await reader.get("");
    expect(text).toContain("Eniri");
    expect(buttons(text)).toEqual([
      ["en", "English"],
      ["zh", "中文"],
    ]);
    await rm(folder, { recursive: true });
  }, 20_000);

  test("with a word too few stops the start, and says which", async () => {
    const { write: _, ...page } = en.page;
    const source = `export default ${JSON.stringify({ ...en, page })};`;
    const folder = await copyWith("eo.ts", source);
    const command = [process.execPath, path(folder, "index.ts")];
    const start = Server.start({ command, cwd: folder });
    expect(start).rejects.toThrow("locales/eo.ts: page.write is missing.");
    await start.catch(() => rm(folder, { recursive: true }));
  }, 20_000);
});

test("a page waits longer each time, at random, and never longer than 20 s", () => {
  expect(retryDelay(0, 0.5)).toBe(250);
  expect(retryDelay(3, 0.5)).toBe(2_000);
  expect(retryDelay(1_000, 0.999)).toBeLessThanOrEqual(20_000);
  expect(retryDelay(5, 0)).toBe(0);
});
