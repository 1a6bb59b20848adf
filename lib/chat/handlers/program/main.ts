/** The program of the thread in which an operator's handlers run; `HandlerThread` starts it. */
import { fullGC, heapSize } from "bun:jsc";
import { parentPort } from "node:worker_threads";
import { HANDLER_TIMEOUT_MS, type HandlerFault, type Said } from "../../../model/handler.ts";
import { CELL, type FromThread, type Ran, type ToThread } from "../protocol.ts";
import { inTime } from "./deadline.ts";
import { toFault } from "./fault.ts";
import { type Loaded, Modules } from "./modules.ts";
import { checkOutcome } from "./outcome.ts";

const HEAP_LIMIT = 256 * 1024 * 1024;
/** A collection takes some tenths of a second where the heap is full. */
const LEAST_BETWEEN_COLLECTIONS_MS = 2_000;

let cells: Int32Array = new Int32Array(0);
let root = "";
let modules: Modules | null = null;
let turn: Promise<void> = Promise.resolve();
let collectedAt = 0;

function answer(message: FromThread): void {
  parentPort?.postMessage(message);
}

parentPort?.on("message", (message: ToThread) => {
  if (cells.length > 0) Atomics.add(cells, CELL.progress, 1);
  switch (message.kind) {
    case "start":
      ({ cells, root } = message);
      modules = new Modules({ root, cells, onFault: (fault) => answer({ kind: "failed", fault }) });
      return;
    case "load":
      turn = turn.then(async () => {
        if (!modules) return;
        const faults = await modules.load(message.files);
        answer({ kind: "loaded", names: modules.list.map(({ name }) => name), faults });
      });
      return;
    case "run":
      void run(message).then((ran) => answer({ kind: "ran", call: message.call, ...ran }));
      return;
    case "ping":
      measureHeap();
  }
});

/** Hands the message to the handlers, one after the other. Never rejects. */
async function run({ call, message, skip }: Extract<ToThread, { kind: "run" }>): Promise<Ran> {
  let { text } = message;
  const replies: Said[] = [];
  const said: Said[] = [];
  const faults: HandlerFault[] = [];
  for (const handler of modules?.list ?? []) {
    const { name } = handler;
    if (skip.includes(name)) continue;
    try {
      const running = enter(handler, call, () => handler.run({ ...message, text }));
      const outcome = checkOutcome(await inTime(running, HANDLER_TIMEOUT_MS));
      if (outcome.refuse !== undefined) {
        return { text, refuse: outcome.refuse, replies, said, faults };
      }
      if (outcome.text !== undefined) text = outcome.text;
      if (outcome.reply !== undefined) replies.push({ handler: name, text: outcome.reply });
      if (outcome.say !== undefined) said.push({ handler: name, text: outcome.say });
    } catch (thrown) {
      faults.push(toFault(name, thrown, root));
    }
  }
  return { text, replies, said, faults };
}

/** Runs code of a handler up to its first wait; the cells name it meanwhile. */
function enter<T>({ graph, number }: Loaded, call: number, code: () => T): T {
  Atomics.add(cells, CELL.progress, 1);
  Atomics.store(cells, CELL.last, number);
  Atomics.store(cells, CELL.call, call);
  Atomics.store(cells, CELL.running, number);
  try {
    return graph.run(code);
  } finally {
    Atomics.store(cells, CELL.running, 0);
  }
}

function measureHeap(): void {
  if (heapSize() < HEAP_LIMIT) return;
  const now = performance.now();
  if (now - collectedAt < LEAST_BETWEEN_COLLECTIONS_MS) return;
  collectedAt = now;
  fullGC();
  const left = heapSize();
  if (left >= HEAP_LIMIT) Atomics.store(cells, CELL.heap, Math.round(left / 1024 / 1024));
}
