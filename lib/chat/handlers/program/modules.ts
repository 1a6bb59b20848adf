import type { Handler, HandlerFault } from "../../../model/handler.ts";
import { HANDLER_TIMEOUT_MS, LOAD_TIMEOUT_MS } from "../../../model/handler.ts";
import { CELL, type HandlerFile } from "../protocol.ts";
import { inTime } from "./deadline.ts";
import { toFault } from "./fault.ts";

/** A loaded module. Its module graph owns its timers and sockets. */
export interface Loaded {
  readonly name: string;
  /** Its number in the cells. */
  readonly number: number;
  readonly graph: Bun.ModuleGraph;
  readonly run: Handler;
}

export interface ModuleDeps {
  readonly root: string;
  readonly cells: Int32Array;
  /** Is told of what fails outside a call. */
  readonly onFault: (fault: HandlerFault) => void;
}

/** The handlers' modules, each in a graph of its own. */
export class Modules {
  #loaded: readonly Loaded[] = [];

  constructor(readonly deps: ModuleDeps) {}

  get list(): readonly Loaded[] {
    return this.#loaded;
  }

  /**
   * Loads each file anew, in the place of what was loaded. One that cannot be loaded is a fault; its
   * last good form, if there is one, goes on.
   */
  async load(files: readonly HandlerFile[]): Promise<readonly HandlerFault[]> {
    const { root, cells } = this.deps;
    const faults: HandlerFault[] = [];
    const next: Loaded[] = [];
    for (const { name, path, number } of files) {
      Atomics.store(cells, CELL.loading, number);
      const graph = this.#newGraph(name, number);
      try {
        const module = await inTime(graph.import<unknown>(path), LOAD_TIMEOUT_MS);
        next.push({ name, number, graph, run: toHandler(module) });
      } catch (thrown) {
        graph.dispose();
        faults.push(toFault(name, thrown, root));
        const last = this.#loaded.find((loaded) => loaded.number === number);
        if (last) next.push(last);
      }
      Atomics.store(cells, CELL.loading, 0);
    }
    const kept = new Set(next.map(({ graph }) => graph));
    for (const { graph } of this.#loaded) {
      // A message may be in it just now.
      if (!kept.has(graph)) setTimeout(() => graph.dispose(), 2 * HANDLER_TIMEOUT_MS);
    }
    this.#loaded = next;
    return faults;
  }

  #newGraph(name: string, number: number): Bun.ModuleGraph {
    const { root, cells, onFault } = this.deps;
    /** Ends the thread, not the server, and says who did it. */
    const exit = (code?: number): never => {
      // After a wait nobody knows which call this belongs to.
      if (Atomics.exchange(cells, CELL.running, number) === 0) Atomics.store(cells, CELL.call, 0);
      return process.exit(code);
    };
    const kill = (pid: number, signal?: string | number) =>
      pid === process.pid ? exit(1) : process.kill(pid, signal);
    const own = Object.create(process, {
      exit: { value: exit },
      reallyExit: { value: exit },
      abort: { value: () => exit(134) },
      kill: { value: kill },
    });
    return new Bun.ModuleGraph({
      globals: { process: own },
      onError: (thrown) => onFault(toFault(name, thrown, root)),
    });
  }
}

function toHandler(module: unknown): Handler {
  if (typeof module === "object" && module !== null && "default" in module) {
    const { default: run } = module;
    // Its arguments and result cannot be seen from here; what it returns is checked at each call.
    if (typeof run === "function") return (message) => run(message);
  }
  throw new TypeError("a handler is a module whose default export is a function");
}
