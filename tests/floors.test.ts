import { describe, expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

const ROOT = normalize(join(import.meta.dir, ".."));
const TOP = [
  "index.ts",
  "lib/app.ts",
  "lib/cli.ts",
  "lib/backup.ts",
  "lib/migrate.ts",
  "lib/build.ts",
  "lib/confusables.ts",
];
const FLOOR_ONE = ["lib/store", "lib/broker", "lib/outbound", "lib/ops"];

/** Which folders (or files) a file of a folder may import from, besides the folder itself. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  "lib/model": [],
  "lib/store": ["lib/model"],
  "lib/broker": ["lib/model"],
  "lib/outbound": ["lib/model"],
  "lib/ops": ["lib/model"],
  "lib/chat": ["lib/model"],
  "lib/web": ["lib/chat", "lib/model", ...FLOOR_ONE, "templates"],
  "templates/browser": ["lib/model", "templates/locales"],
  "templates/locales": ["lib/model"],
  "templates/handlers": ["lib/model"],
};
const TOP_BELOW = [...TOP.slice(1), ...Object.keys(BELOW), "templates", "package.json"];

/** Of floor 0: it must run in a browser, and give the same for the same. */
const IMPURE =
  /\b(?:Bun|process|crypto|performance|console|navigator|document|window|globalThis)\s*[.[]|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\b(?:fetch|setTimeout|setInterval|queueMicrotask|require)\s*\(|\bnew (?:WebSocket|Worker)\b|\bimport\.meta\b/;

const IMPORT = /\b(?:from|import|require|import\.meta\.resolve)\s*\(?\s*["'`]([^"'`]+)["'`]/g;

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*$/gm, "");
}

function folderOf(file: string): string | undefined {
  return Object.keys(BELOW).find((folder) => file.startsWith(`${folder}/`));
}

function inside(target: string, place: string): boolean {
  return target === place || target.startsWith(`${place}/`);
}

/** What is wrong with the imports of one file: nothing, for a file that stands where it should. */
function faults(file: string, source: string): string[] {
  const code = withoutComments(source);
  const folder = folderOf(file);
  if (folder === undefined && !TOP.includes(file)) return [`${file} is on no floor`];
  const found: string[] = [];
  for (const [, specifier = ""] of code.matchAll(IMPORT)) {
    if (!specifier.startsWith(".")) {
      const shared = folder === "lib/model" || folder?.startsWith("templates/");
      const known = specifier.startsWith("node:") || /^bun(:|$)/.test(specifier);
      if (shared || !known) found.push(`${file} imports ${specifier}`);
      continue;
    }
    const target = normalize(join(dirname(file), specifier));
    const allowed = folder === undefined ? TOP_BELOW : [folder, ...(BELOW[folder] ?? [])];
    if (!allowed.some((place) => inside(target, place))) found.push(`${file} imports ${target}`);
  }
  const impure = folder === "lib/model" ? IMPURE.exec(code) : null;
  if (impure) found.push(`${file} is not pure: ${impure[0]}`);
  return found;
}

async function sources(): Promise<string[]> {
  const files = ["index.ts"];
  for (const folder of ["lib", "templates/browser", "templates/locales", "templates/handlers"]) {
    for await (const file of new Bun.Glob(`${folder}/**/*.ts`).scan(ROOT)) files.push(file);
  }
  return files.sort();
}

describe("the floors", () => {
  test("every import goes down, or stays in its folder", async () => {
    const files = await sources();
    expect(files).toContain("lib/model/room.ts");
    const found: string[] = [];
    for (const file of files) found.push(...faults(file, await Bun.file(join(ROOT, file)).text()));
    expect(found).toEqual([]);
  });

  test.each([
    ["lib/model/room.ts", 'import { post } from "../chat/post.ts";'],
    ["lib/model/room.ts", 'import type { Log } from "../store/log.ts";'],
    ["lib/model/room.ts", 'import { SQL } from "bun";'],
    ["lib/model/room.ts", 'import { join } from "node:path";'],
    ["lib/model/room.ts", "const now = Date.now();"],
    ["lib/model/room.ts", "const id = crypto.randomUUID();"],
    ["lib/model/room.ts", "const env = Bun.env;"],
    ["lib/model/room.ts", "await fetch(url);"],
    ["lib/model/room.ts", "const x = Math.random();"],
    ["lib/model/room.ts", "const x = new Date();"],
    ["lib/store/log.ts", 'import { memory } from "../broker/memory.ts";'],
    ["lib/store/log.ts", 'import { post } from "../chat/post.ts";'],
    ["lib/broker/redis.ts", 'export { log } from "../ops/log.ts";'],
    ["lib/chat/post.ts", 'import type { Db } from "../store/db.ts";'],
    ["lib/chat/post.ts", 'const web = await import("../web/server.ts");'],
    ["lib/chat/post.ts", 'import {\n  a,\n  b,\n} from "../web/server.ts";'],
    ["lib/chat/post.ts", 'import "../app.ts";'],
    ["lib/web/server.ts", 'import { start } from "../app.ts";'],
    ["lib/web/server.ts", 'import { start } from "../../index.ts";'],
    ["lib/web/server.ts", 'import express from "express";'],
    ["lib/web/server.ts", 'import { seeded } from "../../tests/support/random.ts";'],
    ["lib/extra.ts", ""],
    ["lib/rooms/room.ts", ""],
    ["templates/browser/room.ts", 'import type { Hub } from "../../lib/chat/hub.ts";'],
    ["templates/browser/room.ts", 'import { file } from "bun";'],
    ["lib/app.ts", 'import { x } from "../tests/x.ts";'],
  ])("%s cannot hold: %s", (file, source) => {
    expect(faults(file, source)).toHaveLength(1);
  });

  test.each([
    ["lib/model/room.ts", 'import { a } from "./text.ts"; // not from "../chat/post.ts"'],
    ["lib/model/room.ts", '/* import { a } from "../chat/post.ts" */'],
    ["lib/chat/post.ts", 'import type { Store } from "../model/store.ts";'],
    ["lib/web/server.ts", 'import page from "../../templates/room.html" with { type: "text" };'],
    ["templates/browser/room.ts", 'import { CLOSE } from "../../lib/model/close.ts";'],
    ["lib/app.ts", 'import { serve } from "./web/server.ts";'],
    ["index.ts", 'import { main } from "./lib/cli.ts";'],
  ])("%s can hold: %s", (file, source) => {
    expect(faults(file, source)).toEqual([]);
  });
});
