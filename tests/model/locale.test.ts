import { describe, expect, test } from "bun:test";
import { negotiateLanguage } from "../../lib/model/locale.ts";
import { mentions } from "../../lib/model/mention.ts";
import { retryDelay } from "../../lib/model/retry.ts";
import { en } from "../../templates/locales/en.ts";
import { zh } from "../../templates/locales/zh.ts";

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
      expect(negotiateLanguage(header)).toBe(language);
    });
  }
});

test("every catalogue says everything, each text with words in it", () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const catalogue of [en, zh]) {
    for (const [key, value] of Object.entries(catalogue)) {
      if (typeof value === "string") expect(`${key}: ${value.trim()}`).not.toBe(`${key}: `);
    }
  }
  expect(zh.connectedNotice).toBe("[连接成功啦]");
  expect(zh.disconnectedNotice).toBe("[连接断开啦]");
  expect(zh.shortcutList).toHaveLength(en.shortcutList.length);
});

describe("a mention", () => {
  for (const [text, name, called] of [
    ["hi @Ada!", "Ada", true],
    ["hi @ada", "Ada", true],
    ["hi @adam", "Ada", false],
    ["@Adam and @Ada", "Ada", true],
    ["ada", "Ada", false],
    ["@小明你好", "小明", true],
    ["@Ada你好", "Ada", true],
    ["anything", "", false],
  ] as const) {
    test(`${text} calls ${name || "nobody"}: ${called}`, () => {
      expect(mentions(text, name)).toBe(called);
    });
  }
});

test("a page waits longer each time, at random, and never longer than 20 s", () => {
  expect(retryDelay(0, 0.5)).toBe(250);
  expect(retryDelay(3, 0.5)).toBe(2_000);
  expect(retryDelay(1_000, 0.999)).toBeLessThanOrEqual(20_000);
  expect(retryDelay(5, 0)).toBe(0);
});
