import { Refusal } from "../../model/base/errors.ts";
import type {
  Handled,
  HandlerFault,
  HandlerState,
  LoadedHandler,
  Task,
} from "../../model/handlers/handler.ts";
import { blame } from "./blame.ts";
import { type Call, Calls } from "./calls.ts";
import { type FoundFile, HandlerFolder } from "./folder.ts";
import { Tally } from "./tally.ts";
import type { FromThread, Ran } from "./protocol.ts";
import type { HandlersDeps } from "./settings.ts";
import { Strikes } from "./strikes.ts";
import { HandlerThread, type ThreadEnd } from "./thread.ts";

/** How long handlers may take to end when the server stops. */
const STOP_MS = 1_000;

/**
 * Runs the operator's handlers in a thread of their own. A failure of any kind costs at most a
 * deadline and a new thread: the message that caused it continues without the failed handler, or is
 * refused with `failClosed`; the other calls are repeated.
 */
export class HandlerHost {
  readonly #folder: HandlerFolder;
  readonly #strikes: Strikes;
  readonly #tally = new Tally();
  #thread: HandlerThread | null = null;
  /** As of the last read of the folder. */
  #files: readonly FoundFile[] = [];
  #loaded: readonly LoadedHandler[] = [];
  readonly #off = new Set<string>();
  #isReady = false;
  readonly #calls = new Calls();
  readonly #firstLoad = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();

  /** Throws a `ConfigError` if the folder cannot be read. */
  constructor(readonly deps: HandlersDeps) {
    this.#folder = new HandlerFolder(deps.folder, () => this.#load());
    this.#strikes = new Strikes(deps.elapsed);
  }

  /** Resolves when the folder is loaded. */
  start(): Promise<void> {
    this.#load();
    return this.#firstLoad.promise;
  }

  /** The running handlers. */
  get loaded(): readonly LoadedHandler[] {
    return this.#loaded;
  }

  /** Whether any handler is called for tasks of this kind in the room. */
  wants(on: Task["on"], room: string): boolean {
    if (this.#isUnjudging() && (on === "message" || on === "edit")) return true;
    return this.#loaded.some(
      (handler) => handler.on.includes(on) && handler.rooms?.includes(room) !== false,
    );
  }

  list(): readonly HandlerState[] {
    return this.#files.map(({ name }) => {
      const loaded = this.#loaded.find(({ file }) => file === name);
      const state = this.#off.has(name) ? "off" : loaded ? "loaded" : "failed";
      const fault = this.#tally.faultOf(name);
      return { name, state, fault, commands: loaded?.commands ?? [], ...this.#tally.of(name) };
    });
  }

  /** Runs a task. Never rejects. */
  handle(task: Task): Promise<Handled> {
    const { promise, resolve: settle } = Promise.withResolvers<Handled>();
    const skip = new Set<string>();
    for (const { file } of this.#loaded) if (this.#strikes.isPoison(file, task)) skip.add(file);
    const isUnjudged = skip.size > 0 || this.#isUnjudging();
    const call = { task, skip, isUnjudged, settle };
    if (this.#calls.isTooMuch(task) || (isUnjudged && this.deps.failClosed)) this.#giveUp(call);
    else {
      this.#calls.add(call);
      this.#next();
    }
    return promise;
  }

  /** Gives handlers a moment to end. */
  async close(): Promise<void> {
    this.#folder.close();
    if (this.#thread && this.#isReady) {
      this.#thread.send({ kind: "stop" });
      await Promise.race([this.#stopped.promise, Bun.sleep(STOP_MS)]);
    }
    this.#thread?.close();
    for (const call of this.#calls.take()) this.#giveUp(call);
  }

  /**
   * Whether a handler that should run does not: with `failClosed`, all messages are refused then.
   */
  #isUnjudging(): boolean {
    return this.deps.failClosed && this.#loaded.length < this.#files.length;
  }

  #next(): void {
    if (!this.#isReady) return;
    for (let call; (call = this.#calls.next());) {
      const { id, task, skip } = call;
      if (this.#thread) this.#thread.send({ kind: "run", call: id, task, skip: [...skip] });
      else {
        this.#calls.answered(id);
        this.#giveUp(call);
      }
    }
  }

  /** Loads the folder's files, except those switched off, into the present thread or a new one. */
  #load(): void {
    try {
      this.#read();
    } catch (fault) {
      this.deps.observer.log("warn", "handlers not loaded", { fault: String(fault) });
    }
    const files = this.#files.filter(({ name }) => !this.#off.has(name));
    if (files.length === 0 && !this.#thread) {
      this.#receive({ kind: "loaded", handlers: [], faults: [] });
      return;
    }
    this.#thread ??= new HandlerThread(this.#folder.root, {
      message: (message) => this.#receive(message),
      end: (end) => this.#ended(end),
    });
    this.#thread.send({ kind: "load", files });
  }

  /** A changed file is a new handler, with a clean record. */
  #read(): void {
    const found = this.#folder.files();
    for (const file of found) {
      const known = this.#files.find(({ name }) => name === file.name);
      if (known?.version === file.version) continue;
      this.#off.delete(file.name);
      this.#strikes.forget(file.name);
    }
    this.#files = found;
  }

  #receive(message: FromThread): void {
    const { observer, perform, answer } = this.deps;
    switch (message.kind) {
      case "loaded": {
        this.#loaded = message.handlers;
        this.#tally.loaded(message.handlers, message.faults);
        for (const fault of message.faults) this.#report("handler not loaded", fault);
        const names = message.handlers.map(({ file }) => file).join(", ");
        observer.log("info", "handlers loaded", { handlers: names });
        this.#isReady = true;
        this.#firstLoad.resolve();
        this.#next();
        return;
      }
      case "ran": {
        const call = this.#calls.find(message.call);
        if (call) this.#settle(call, message);
        this.#calls.answered(message.call);
        this.#next();
        return;
      }
      case "failed":
        this.#failed(message.fault);
        return;
      case "act":
        perform(message);
        return;
      case "question":
        void answer(message).then((told) => this.#thread?.send(told));
        return;
      case "stopped":
        this.#stopped.resolve();
    }
  }

  #settle({ task, isUnjudged, settle }: Call, ran: Ran): void {
    const { text, refuse, actions, faults, times } = ran;
    this.#tally.ran(times);
    for (const fault of faults) this.#failed(fault, task.room);
    const isLost = this.deps.failClosed && (isUnjudged || faults.length > 0);
    const reason = refuse === undefined ? null : new Refusal("handlerReason", { text: refuse });
    settle({ refusal: reason ?? (isLost ? NOT_JUDGED : null), text, actions });
  }

  #giveUp({ task, settle }: Pick<Call, "task" | "settle">): void {
    const refusal = this.deps.failClosed ? NOT_JUDGED : null;
    settle({ refusal, text: "text" in task ? task.text : "", actions: [] });
  }

  /** The thread has ended: finds the cause, and starts another. */
  #ended(end: ThreadEnd): void {
    this.#thread = null;
    this.#isReady = false;
    const sent = this.#calls.lost();
    const { file, culprit, isKnown } = blame(end, sent, this.#files);
    const about = {
      ...{ handler: file?.name, file: file?.path, room: culprit?.task.room },
      fault: end.reason,
    };
    this.deps.observer.count("handler_threads_lost");
    this.deps.observer.log("error", "handlers stopped", about);
    if (file) this.#blame(file, culprit, end);
    else if (this.#strikes.stoppedByUnknown()) {
      for (const { name } of this.#files) this.#switchOff(name, end.reason);
    }
    const isRefused = (call: Call) => call.isUnjudged && this.deps.failClosed;
    const left = sent.filter((call) => !isRefused(call));
    const givenUp = [...sent.filter(isRefused), ...this.#calls.again(left, !isKnown)];
    for (const call of givenUp) this.#giveUp(call);
    this.#load();
  }

  #blame({ name }: FoundFile, culprit: Call | undefined, { wasLoading, reason }: ThreadEnd): void {
    this.#tally.stopped(name);
    if (culprit) {
      this.#strikes.poison(name, culprit.task);
      culprit.skip.add(name);
      culprit.isUnjudged = true;
    }
    if (this.#strikes.stopped(name) || wasLoading) this.#switchOff(name, reason);
  }

  /** Switches a handler off until its file changes. */
  #switchOff(name: string, fault: string): void {
    this.#off.add(name);
    this.#tally.failed(name, fault);
    this.deps.observer.log("error", "handler switched off", { handler: name });
  }

  #failed(fault: HandlerFault, room?: string): void {
    this.#tally.failed(fault.handler, fault.fault);
    this.#report("handler failed", fault, room);
  }

  #report(what: string, { handler, fault, at }: HandlerFault, room?: string): void {
    this.deps.observer.log("warn", what, { handler, room, at, fault });
  }
}

const NOT_JUDGED = new Refusal("handlerDown");
