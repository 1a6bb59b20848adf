import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { normalize } from "../../lib/model/text/normalize.ts";

/** Combining marks in the wrong order: sorting n of them takes n² steps. */
const marks = (count: number) => `a${"\u0315\u0300".repeat(count / 2)}`;

describe("normalizing", () => {
  test("is exact for everything a name or a password can be", () => {
    for (const text of ["Zoe\u0308", "ﬁ", "ﷺ".repeat(50), marks(400), "\u1100\u1161\u11a8"]) {
      expect(normalize(text, "NFKC")).toBe(text.normalize("NFKC"));
      expect(normalize(text, "NFC")).toBe(text.normalize("NFC"));
    }
  });

  test("keeps long texts as they are, but for runs of more than 30 marks", () => {
    const long = "Zoe\u0308 und ﬁ 可能 ".repeat(200);
    expect(normalize(long, "NFKC")).toBe(long.normalize("NFKC"));
    expect(normalize(`${marks(2_000)}b`, "NFD").length).toBe(32);
  });

  test("takes a mebibyte of marks without sorting them all", () => {
    // String.prototype.normalize needs more than ten minutes for this.
    expect(normalize(marks(1_048_576), "NFKC").length).toBeLessThan(32);
  });

  test("is done nowhere else", async () => {
    const found: string[] = [];
    const root = join(import.meta.dir, "../..");
    for await (const path of new Bun.Glob("{lib,templates}/**/*.ts").scan({ cwd: root })) {
      // The tools run for one who builds the program, over Unicode's own tables.
      if (path.endsWith("text/normalize.ts") || path.startsWith("lib/tools/")) continue;
      if (/\.normalize\(/.test(await Bun.file(join(root, path)).text())) found.push(path);
    }
    expect(found).toEqual([]);
  });
});
