import {
  type HandlerFault,
  HANDLER_TIMEOUT_MS,
  LOAD_TIMEOUT_MS,
  type LoadedHandler,
} from "../../../model/handlers/handler.ts";
import { CELL, type ModuleFile, UNKNOWN_CALL } from "../protocol.ts";
import { enter } from "./cells.ts";
import { type Act, openChat } from "./context.ts";
import { inTime } from "./deadline.ts";
import { type Definition, type Hook, readDefinition } from "./definition.ts";
import { toFault } from "./fault.ts";
import { openValues, type Questions } from "./values.ts";

/** A loaded module. Its module graph owns its timers and sockets. */
export interface Loaded extends Definition {
  /** Its file's name without the extension. */
  readonly file: string;
  /** Its number in the cells. */
  readonly number: number;
  readonly graph: Bun.ModuleGraph;
  readonly store: ReturnType<typeof openValues>;
}

export interface ModuleDeps {
  readonly root: string;
  readonly cells: Int32Array;
  readonly questions: Questions;
  /** Performs an action requested outside a call. */
  readonly act: (handler: string) => Act;
  /** Receives failures outside calls. */
  readonly onFault: (fault: HandlerFault) => void;
}

/** The handlers' modules, each in a module graph of its own. */
export class Modules {
  #loaded: readonly Loaded[] = [];

  constructor(readonly deps: ModuleDeps) {}

  get list(): readonly Loaded[] {
    return this.#loaded;
  }

  describe(): readonly LoadedHandler[] {
    return this.#loaded.map(({ file, name, rooms, commands, on }) => {
      return { file, name, rooms, commands, on };
    });
  }

  /**
   * Loads each file, replacing what was loaded. If one cannot be loaded, that is reported, and its
   * last working version stays.
   */
  async load(files: readonly ModuleFile[]): Promise<readonly HandlerFault[]> {
    const { root, cells } = this.deps;
    const faults: HandlerFault[] = [];
    const next: Loaded[] = [];
    for (const file of files) {
      Atomics.store(cells, CELL.loading, file.number);
      const graph = this.#newGraph(file);
      try {
        const module = await inTime(graph.import<unknown>(file.path), LOAD_TIMEOUT_MS);
        const definition = readDefinition(module, file.name);
        if (next.some(({ name }) => name === definition.name)) {
          throw new TypeError(`another handler is called ${definition.name}`);
        }
        const store = openValues(this.deps.questions, definition.name);
        const loaded = { ...definition, file: file.name, number: file.number, graph, store };
        await this.#outside(loaded, "onStart");
        this.#tick(loaded);
        next.push(loaded);
      } catch (thrown) {
        graph.dispose();
        faults.push(toFault(file.name, thrown, root));
        const last = this.#loaded.find(({ number }) => number === file.number);
        if (last) next.push(last);
      }
      Atomics.store(cells, CELL.loading, 0);
    }
    const kept = new Set(next.map(({ graph }) => graph));
    const old = this.#loaded.filter(({ graph }) => !kept.has(graph));
    this.#loaded = next;
    void this.#stop(old).then(() => {
      // A message may be in one of them at the moment.
      setTimeout(() => old.map(({ graph }) => graph.dispose()), 2 * HANDLER_TIMEOUT_MS);
    });
    return faults;
  }

  /** Runs the handlers' end hooks. Never rejects. */
  stop(): Promise<void> {
    return this.#stop(this.#loaded);
  }

  async #stop(handlers: readonly Loaded[]): Promise<void> {
    const { root, onFault } = this.deps;
    const ends = handlers.map((handler) =>
      this.#outside(handler, "onStop").catch((thrown: unknown) =>
        onFault(toFault(handler.file, thrown, root)),
      ),
    );
    await Promise.all(ends);
  }

  /** Calls a hook outside messages. Rejects with what it throws. */
  async #outside(handler: Loaded, name: "onStart" | "onStop" | "onTick"): Promise<void> {
    const hook: Hook | undefined = handler.hooks[name];
    if (!hook) return;
    const chat = openChat(this.deps.act(handler.name), handler.store);
    await inTime(
      enter(this.deps.cells, handler, 0, () => Promise.resolve(hook(chat))),
      LOAD_TIMEOUT_MS,
    );
  }

  #tick(handler: Loaded): void {
    if (handler.every === 0) return;
    const { root, onFault } = this.deps;
    let isRunning = false;
    const tick = async () => {
      if (isRunning) return;
      isRunning = true;
      try {
        await this.#outside(handler, "onTick");
      } catch (thrown) {
        onFault(toFault(handler.file, thrown, root));
      }
      isRunning = false;
    };
    // In its graph, so that it ends with it.
    handler.graph.run(() => setInterval(() => void tick(), handler.every));
  }

  #newGraph({ name, number }: ModuleFile): Bun.ModuleGraph {
    const { root, cells, onFault } = this.deps;
    /** Ends the thread instead of the server, and records the handler. */
    const exit = (code?: number): never => {
      // After an `await` it is unknown to which call this belongs.
      if (Atomics.exchange(cells, CELL.running, number) === 0) {
        Atomics.store(cells, CELL.call, UNKNOWN_CALL);
      }
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
