import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = normalize(join(import.meta.dir, ".."));
const TOP = ["index.ts", "lib/app.ts"];
/** Programs of the command line, and of whoever builds the project. */
const TOOLS = ["lib/cli", "lib/tools"];
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
const TOP_BELOW = [...TOP.slice(1), ...TOOLS, ...Object.keys(BELOW), "templates", "package.json"];

/** Of floor 0: it must run in a browser, and give the same for the same. */
const IMPURE =
  /\b(?:Bun|process|crypto|performance|console|navigator|document|window|globalThis)\s*[.[]|\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\b(?:fetch|setTimeout|setInterval|queueMicrotask|require)\s*\(|\bnew (?:WebSocket|Worker)\b|\bimport\.meta\b/;

const MOST_FILES = 15;
const MOST_LINES = 250;

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
  const isTop = TOP.includes(file) || TOOLS.some((tools) => inside(file, tools));
  if (folder === undefined && !isTop) return [`${file} is on no floor`];
  const found: string[] = [];
  for (const [, specifier = ""] of code.matchAll(IMPORT)) {
    if (!specifier.startsWith(".")) {
      const shared = folder === "lib/model" || folder?.startsWith("templates/");
      const known = specifier.startsWith("node:") || /^bun(:|$)/.test(specifier);
      // What the handlers' thread offers to an operator's code.
      if (folder === "templates/handlers" && specifier === "chatroom") continue;
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

/** Which folders each folder of the program imports from. The wiring on top is not a folder's. */
async function folderGraph(): Promise<Map<string, Set<string>>> {
  const graph = new Map<string, Set<string>>();
  for (const file of await sources()) {
    if (TOP.includes(file)) continue;
    const from = dirname(file);
    const code = withoutComments(await Bun.file(join(ROOT, file)).text());
    for (const [, specifier = ""] of code.matchAll(IMPORT)) {
      if (!specifier.startsWith(".")) continue;
      const to = dirname(normalize(join(from, specifier)));
      if (to !== from && to !== ".") graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  return graph;
}

/** Every folder that can be reached from one by imports. */
function reachable(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string): Set<string> {
  const found = new Set<string>();
  const waiting = [from];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const next of graph.get(at) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      waiting.push(next);
    }
  }
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
    expect(files).toContain("lib/model/rooms/room.ts");
    const found: string[] = [];
    for (const file of files) found.push(...faults(file, await Bun.file(join(ROOT, file)).text()));
    expect(found).toEqual([]);
  });

  test("no folder imports from another that imports from it, however far around", async () => {
    const graph = await folderGraph();
    expect(graph.get("lib/web/pages")?.has("lib/web/http")).toBe(true);
    const circles = [...graph.keys()].filter((folder) => reachable(graph, folder).has(folder));
    expect(circles).toEqual([]);
  });

  test("docs/architecture.md names every folder of lib", async () => {
    const page = await Bun.file(join(ROOT, "docs/architecture.md")).text();
    const folders = (await sources()).flatMap(
      (file) => /^lib\/\w+(?:\/\w+)?(?=\/)/.exec(file) ?? [],
    );
    expect([...new Set(folders)].filter((folder) => !page.includes(`${folder}/`))).toEqual([]);
  });

  test("every path that a document names exists", async () => {
    const missing: string[] = [];
    // docs/page.md names Campfire's files too.
    const docs = [...new Bun.Glob("docs/*.md").scanSync(ROOT)].filter(
      (file) => !file.endsWith("page.md"),
    );
    expect(docs).toContain("docs/architecture.md");
    for (const file of [...docs, "CONTRIBUTING.md", "README.md", "README.zh.md", "SECURITY.md"]) {
      const page = await Bun.file(join(ROOT, file)).text();
      const paths = page.match(/(?<![\w/.-])(?:lib|templates|tests|docs)\/[\w./-]*\w\/?/g) ?? [];
      for (const path of paths) if (!existsSync(join(ROOT, path))) missing.push(`${file}: ${path}`);
    }
    expect(missing).toEqual([]);
  });

  test("a folder has at most 15 files, and a file of lib and templates at most 250 lines", async () => {
    const counts = new Map<string, number>();
    const found: string[] = [];
    for await (const file of new Bun.Glob("{lib,templates,tests}/**/*.*").scan(ROOT)) {
      const folder = dirname(file);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
      if (!/^(?:lib|templates\/browser)\/.*\.ts$/.test(file)) continue;
      const lines = (await Bun.file(join(ROOT, file)).text()).trimEnd().split("\n").length;
      if (lines > MOST_LINES) found.push(`${file} has ${lines} lines`);
    }
    for (const [folder, count] of counts) {
      if (count > MOST_FILES) found.push(`${folder} has ${count} files`);
    }
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
    ["index.ts", 'import { main } from "./lib/cli/main.ts";'],
  ])("%s can hold: %s", (file, source) => {
    expect(faults(file, source)).toEqual([]);
  });
});
