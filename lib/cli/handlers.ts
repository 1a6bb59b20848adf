import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HandlerHost } from "../chat/handlers/host.ts";
import type { Question } from "../chat/handlers/protocol.ts";
import { ConfigError } from "../model/config.ts";
import type { Observer } from "../model/base/observer.ts";
import type { Asked, Handled } from "../model/handlers/handler.ts";
import { exampleFiles } from "./examples.macro.ts" with { type: "macro" };

const EXAMPLES = exampleFiles();
/** Belongs to the program, not to the operator; rewritten by each `init`. */
const TYPES = "chatroom.d.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * `chatroom handlers init DIR`, `chatroom handlers check DIR`. Resolves to the exit code. Rejects
 * with a `ConfigError` if the arguments are invalid.
 */
export async function runHandlers([what, folder, ...rest]: readonly string[]): Promise<number> {
  if ((what !== "init" && what !== "check") || folder === undefined || rest.length > 0) {
    throw new ConfigError("chatroom handlers init DIR, or chatroom handlers check DIR");
  }
  return what === "init" ? init(folder) : check(folder);
}

/** Writes the types and the examples. Existing files are kept, except for the types. */
async function init(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(EXAMPLES)) {
    const path = join(folder, name);
    const isKept = name !== TYPES && existsSync(path);
    if (!isKept) await writeFile(path, text);
    print(`${isKept ? "kept " : "wrote"} ${path}`);
  }
  print(`Now: chatroom handlers check ${folder}, then chatroom --handlers ${folder}`);
  return 0;
}

/**
 * Checks the types, loads every handler, and passes them one message. Resolves to 1 if anything
 * fails.
 */
async function check(folder: string): Promise<number> {
  const isTyped = await checkTypes(resolve(folder));
  const isRunning = await dryRun(folder);
  return isTyped && isRunning ? 0 : 1;
}

async function checkTypes(folder: string): Promise<boolean> {
  const project = join(folder, "tsconfig.json");
  if (!existsSync(project)) {
    print("types: not checked, since there is no tsconfig.json (chatroom handlers init makes one)");
    return true;
  }
  // The executable contains Bun itself.
  const child = Bun.spawn([process.execPath, "check", "--no-script", "-p", project], {
    cwd: folder,
    env: { ...process.env, BUN_BE_BUN: "1" },
    stdio: ["ignore", "inherit", "ignore"],
  });
  const isGood = (await child.exited) === 0;
  print(isGood ? "types: no errors" : "types: wrong, as above");
  return isGood;
}

async function dryRun(folder: string): Promise<boolean> {
  const kept = new Map<string, string>();
  const host = new HandlerHost({
    folder,
    failClosed: false,
    observer: OBSERVER,
    elapsed: () => performance.now(),
    perform: (asked) => print(`  asks outside a call: ${describe(asked)}`),
    answer: (question) => Promise.resolve(answer(kept, question)),
  });
  await host.start();
  const person = { id: "check", name: "Check", role: "guest" } as const;
  const about = { room: "lobby", person, at: Date.now(), files: [], replyTo: null, seq: 0 };
  const handled = await host.handle({ on: "message", text: "hello", ...about });
  for (const { name, state, fault, commands } of host.list()) {
    const names = commands.map((command) => ` /${command.name}`).join("");
    print(`${name}: ${state}${names}${fault === "" ? "" : ` (${fault})`}`);
  }
  print(`a guest's message "hello" in the room "lobby" ${outcomeOf(handled)}`);
  for (const asked of handled.actions) print(`  asks: ${describe(asked)}`);
  const isGood = host.list().every(({ state, fault }) => state === "loaded" && fault === "");
  await host.close();
  return isGood;
}

function outcomeOf({ refusal, text }: Handled): string {
  if (refusal) return `is refused: ${refusal.params["text"] ?? refusal.key}`;
  return text === "hello" ? "goes through as it is" : `becomes ${JSON.stringify(text)}`;
}

function describe({ handler, action: { do: what, ...about } }: Asked): string {
  return `${handler} ${what} ${JSON.stringify(about)}`;
}

/** Stands in for the database during the check. */
function answer(kept: Map<string, string>, { question, handler, about, key, value }: Question) {
  const own = `${handler}\0`;
  const base = { kind: "answer", question } as const;
  if (about === "set") kept.set(own + key, value ?? "null");
  if (about === "delete") kept.delete(own + key);
  const keys = [...kept.keys()].filter((each) => each.startsWith(own + key)).sort();
  const found = about === "get" ? kept.get(own + key) : undefined;
  const list = JSON.stringify(keys.map((each) => each.slice(own.length)));
  const told = about === "keys" ? list : found;
  return told === undefined ? base : { ...base, value: told };
}

const OBSERVER: Observer = {
  log(level, msg, { handler, at, fault } = {}) {
    if (level === "info") return;
    const where = at === undefined ? "" : ` at ${String(at)}`;
    print(`  ${msg}: ${String(handler ?? "?")}${where}: ${String(fault ?? "")}`);
  },
  count: () => undefined,
  time: () => undefined,
};
