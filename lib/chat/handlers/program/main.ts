/** The program of the thread that runs the operator's handlers; started by `HandlerThread`. */
import { fullGC, heapSize } from "bun:jsc";
import { parentPort } from "node:worker_threads";
import { CELL, type FromThread, type ToThread } from "../protocol.ts";
import { type ModuleDeps, Modules } from "./modules.ts";
import { runTask } from "./run.ts";
import { Questions } from "./values.ts";

const HEAP_LIMIT = 256 * 1024 * 1024;
/** A collection takes some tenths of a second if the heap is full. */
const LEAST_BETWEEN_COLLECTIONS_MS = 2_000;

// For `import { defineHandler } from "chatroom"`, which gives editors the types.
Bun.plugin({
  name: "chatroom",
  setup(build) {
    const exports = { defineHandler: (handler: unknown) => handler };
    build.module("chatroom", () => ({ exports, loader: "object" }));
  },
});

const send = (message: FromThread) => parentPort?.postMessage(message);
const questions = new Questions(send);
let deps: ModuleDeps | null = null;
let modules: Modules | null = null;
let turn: Promise<void> = Promise.resolve();
let collectedAt = 0;

parentPort?.on("message", (message: ToThread) => {
  if (deps) Atomics.add(deps.cells, CELL.progress, 1);
  switch (message.kind) {
    case "start": {
      const { cells, root } = message;
      deps = {
        cells,
        root,
        questions,
        act: (handler) => (action) => send({ kind: "act", handler, action }),
        onFault: (fault) => send({ kind: "failed", fault }),
      };
      modules = new Modules(deps);
      return;
    }
    case "load":
      turn = turn.then(async () => {
        if (!modules) return;
        const faults = await modules.load(message.files);
        send({ kind: "loaded", handlers: modules.describe(), faults });
      });
      return;
    case "run": {
      if (!deps || !modules) return;
      const { call } = message;
      const running = runTask(message, modules.list, deps);
      void running.then((ran) => send({ kind: "ran", call, ...ran }));
      return;
    }
    case "answer":
      questions.answer(message);
      return;
    case "ping":
      measureHeap();
      return;
    case "stop":
      void modules?.stop().then(() => send({ kind: "stopped" }));
  }
});

function measureHeap(): void {
  if (!deps || heapSize() < HEAP_LIMIT) return;
  const now = performance.now();
  if (now - collectedAt < LEAST_BETWEEN_COLLECTIONS_MS) return;
  collectedAt = now;
  fullGC();
  const left = heapSize();
  if (left >= HEAP_LIMIT) Atomics.store(deps.cells, CELL.heap, Math.round(left / 1024 / 1024));
}
