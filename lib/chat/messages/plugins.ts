import { readdirSync, watch } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { ConfigError } from "../../model/config.ts";
import { HANDLER_TIMEOUT_MS, type Handler, type NamedHandler } from "../../model/handler.ts";
import type { Observer } from "../../model/base/observer.ts";

const ENDINGS = new Set([".ts", ".js", ".mts", ".mjs"]);
/** Editors write a file in several steps; look when they are through. */
const SETTLE_MS = 100;

/** A handler and where its module, its timers and its sockets live. */
interface Loaded extends NamedHandler {
  readonly graph: Bun.ModuleGraph;
}

export interface Plugins {
  readonly list: () => readonly NamedHandler[];
  close(): void;
}

/**
 * Loads every module of a folder as a handler, and all of them again when a file in it changes.
 * A module that cannot be loaded is logged; where it could be before, its last good form stays.
 * Rejects, with a `ConfigError`, where the folder cannot be read.
 */
export async function loadPlugins(folder: string, observer: Observer): Promise<Plugins> {
  const root = resolve(folder);
  let graph = newGraph(observer);
  try {
    readdirSync(root);
  } catch (fault) {
    throw new ConfigError(`--handlers: the folder ${root} cannot be read: ${String(fault)}`);
  }
  let handlers = await loadAll(graph, root, [], observer);
  let timer: ReturnType<typeof setTimeout> | null = null;
  let turn: Promise<void> = Promise.resolve();

  const reload = async () => {
    const next = newGraph(observer);
    try {
      handlers = await loadAll(next, root, handlers, observer);
      observer.log("info", "handlers loaded", { handlers: names(handlers) });
    } catch (fault) {
      observer.log("warn", "handlers not loaded", { fault: String(fault) });
    }
    retire(graph);
    graph = next;
  };
  // A message may be in one of its handlers just now, and a last good form may live on in it.
  const retire = (old: Bun.ModuleGraph) => {
    if (handlers.some((handler) => handler.graph === old)) return;
    setTimeout(() => old.dispose(), 2 * HANDLER_TIMEOUT_MS).unref();
  };
  const watcher = watch(root, { recursive: true }, () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => (turn = turn.then(reload)), SETTLE_MS);
  });
  observer.log("info", "handlers loaded", { handlers: names(handlers) });
  return {
    list: () => handlers,
    close() {
      if (timer) clearTimeout(timer);
      watcher.close();
      graph.dispose();
    },
  };
}

function names(handlers: readonly NamedHandler[]): string {
  return handlers.map(({ name }) => name).join(", ");
}

function newGraph(observer: Observer): Bun.ModuleGraph {
  return new Bun.ModuleGraph({
    onError: (fault) => observer.log("warn", "handler failed", { fault: String(fault) }),
  });
}

async function loadAll(
  graph: Bun.ModuleGraph,
  root: string,
  before: readonly Loaded[],
  observer: Observer,
): Promise<readonly Loaded[]> {
  const files = readdirSync(root)
    .filter((file) => ENDINGS.has(extname(file)))
    .sort();
  const loaded: Loaded[] = [];
  for (const file of files) {
    const name = basename(file, extname(file));
    try {
      const run = toHandler(await graph.import(join(root, file)));
      loaded.push({ name, graph, run: (message) => graph.run(() => run(message)) });
    } catch (fault) {
      observer.log("warn", "handler not loaded", { handler: name, fault: String(fault) });
      const last = before.find((handler) => handler.name === name);
      if (last) loaded.push(last);
    }
  }
  return loaded;
}

function toHandler(module: unknown): Handler {
  if (typeof module === "object" && module !== null && "default" in module) {
    const { default: run } = module;
    // Its arguments and result cannot be seen from here; what it returns is checked at each call.
    if (typeof run === "function") return (message) => run(message);
  }
  throw new TypeError("a handler is a module whose default export is a function");
}
