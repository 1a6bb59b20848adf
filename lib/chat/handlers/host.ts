import { Refusal } from "../../model/base/errors.ts";
import type { Observer } from "../../model/base/observer.ts";
import type { Handled, HandlerFault, HandlerState, Incoming } from "../../model/handler.ts";
import { HandlerFolder, type FoundFile } from "./folder.ts";
import type { FromThread, Ran } from "./protocol.ts";
import { Strikes } from "./strikes.ts";
import { HandlerThread, type ThreadEnd } from "./thread.ts";

/** Attempts of a message whose handlers' thread ends again and again through no fault of its own. */
const MOST_TRIES = 3;

/** A message in the handlers' hands. */
interface Call {
  readonly id: number;
  readonly message: Incoming;
  /** Handlers that must not see it. */
  readonly skip: Set<string>;
  /** Whether a handler that should have seen it could not. */
  isUnjudged: boolean;
  tries: number;
  readonly settle: (handled: Handled | Refusal) => void;
}

export interface HandlersDeps {
  readonly folder: string;
  /** Whether a message is refused that a handler could not judge; it goes through otherwise. */
  readonly failClosed: boolean;
  readonly observer: Observer;
  /** Milliseconds that never go back. */
  readonly elapsed: () => number;
}

/**
 * Runs an operator's handlers in a thread of their own. Whatever they do costs one deadline and a new
 * thread: the message that led to it goes on without the handler that failed, or is refused with
 * `failClosed`; the others that were in their hands are handled again.
 */
export class HandlerHost {
  readonly #folder: HandlerFolder;
  readonly #strikes: Strikes;
  #thread: HandlerThread | null = null;
  /** As they were when the folder was last read. */
  #files: readonly FoundFile[] = [];
  #loaded: ReadonlySet<string> = new Set();
  readonly #off = new Set<string>();
  #isReady = false;
  #lastCall = 0;
  /** Calls that wait for a thread, and those that are in one. */
  readonly #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  /** How many of the next calls are run alone, to learn which of them ended the thread. */
  #alone = 0;
  readonly #firstLoad = Promise.withResolvers<void>();

  /** Resolves when the folder is loaded; rejects, with a `ConfigError`, where it cannot be read. */
  static async open(deps: HandlersDeps): Promise<HandlerHost> {
    const host = new HandlerHost(deps);
    host.#load();
    await host.#firstLoad.promise;
    return host;
  }

  private constructor(readonly deps: HandlersDeps) {
    this.#folder = new HandlerFolder(deps.folder, () => this.#load());
    this.#strikes = new Strikes(deps.elapsed);
  }

  /** Whether messages go through handlers at all. */
  get isActive(): boolean {
    return this.#loaded.size > 0 || (this.deps.failClosed && this.#files.length > 0);
  }

  list(): readonly HandlerState[] {
    return this.#files.map(({ name }) => {
      if (this.#off.has(name)) return { name, state: "off" };
      return { name, state: this.#loaded.has(name) ? "loaded" : "failed" };
    });
  }

  /** What the handlers make of a message. Never rejects. */
  handle(message: Incoming): Promise<Handled | Refusal> {
    const { promise, resolve: settle } = Promise.withResolvers<Handled | Refusal>();
    this.#lastCall = (this.#lastCall % 0x7fff_ffff) + 1;
    const skip = new Set<string>();
    for (const name of this.#loaded) if (this.#strikes.isPoison(name, message)) skip.add(name);
    const isUnjudged = skip.size > 0 || this.#loaded.size < this.#files.length;
    const call = { id: this.#lastCall, message, skip, isUnjudged, tries: 0, settle };
    if (isUnjudged && this.deps.failClosed) settle(NOT_JUDGED);
    else {
      this.#waiting.push(call);
      this.#next();
    }
    return promise;
  }

  close(): void {
    this.#folder.close();
    this.#thread?.close();
    const left = [...this.#sent.values(), ...this.#waiting.splice(0)];
    this.#sent.clear();
    for (const call of left) this.#giveUp(call);
  }

  #next(): void {
    while (this.#isReady && this.#waiting.length > 0) {
      if (this.#alone > 0 && this.#sent.size > 0) return;
      const call = this.#waiting.shift();
      if (!call) return;
      this.#sent.set(call.id, call);
      const { id, message, skip } = call;
      if (this.#thread) this.#thread.send({ kind: "run", call: id, message, skip: [...skip] });
      else this.#receive({ kind: "ran", call: id, text: message.text, ...NOTHING });
    }
  }

  #newThread(): HandlerThread {
    return new HandlerThread(this.#folder.root, {
      message: (message) => this.#receive(message),
      end: (end) => this.#ended(end),
    });
  }

  /** Loads what is in the folder now and not switched off, into the thread there is or a new one. */
  #load(): void {
    try {
      this.#read();
    } catch (fault) {
      this.deps.observer.log("warn", "handlers not loaded", { fault: String(fault) });
    }
    const files = this.#files.filter(({ name }) => !this.#off.has(name));
    if (files.length === 0 && !this.#thread) {
      this.#receive({ kind: "loaded", names: [], faults: [] });
      return;
    }
    this.#thread ??= this.#newThread();
    this.#thread.send({ kind: "load", files });
  }

  /** A file that was written again is another handler: what is held against the last one is not. */
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
    switch (message.kind) {
      case "loaded": {
        const { names, faults } = message;
        this.#loaded = new Set(names);
        for (const fault of faults) this.#report("handler not loaded", fault);
        this.deps.observer.log("info", "handlers loaded", { handlers: names.join(", ") });
        this.#isReady = true;
        this.#firstLoad.resolve();
        this.#next();
        return;
      }
      case "ran": {
        const call = this.#sent.get(message.call);
        this.#sent.delete(message.call);
        if (this.#alone > 0) this.#alone -= 1;
        if (call) this.#settle(call, message);
        this.#next();
        return;
      }
      case "failed":
        this.deps.observer.count("handler_faults");
        this.#report("handler failed", message.fault);
    }
  }

  #settle({ message, isUnjudged, settle }: Call, ran: Ran): void {
    const { text, refuse, replies, said, faults } = ran;
    for (const fault of faults) {
      this.deps.observer.count("handler_faults");
      this.#report("handler failed", fault, message.room);
    }
    if (refuse !== undefined) settle(new Refusal("handlerReason", { text: refuse }));
    else if (this.deps.failClosed && (isUnjudged || faults.length > 0)) settle(NOT_JUDGED);
    else settle({ text, replies, said });
  }

  #giveUp({ message: { text }, settle }: Call): void {
    settle(this.deps.failClosed ? NOT_JUDGED : { text, replies: [], said: [] });
  }

  /** The thread is gone: finds out whose fault that is, and begins again with another. */
  #ended(end: ThreadEnd): void {
    const { observer } = this.deps;
    this.#thread = null;
    this.#isReady = false;
    observer.count("handler_stops");
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    const only = sent.length === 1 ? sent[0] : undefined;
    const culprit = sent.find(({ id }) => id === end.call) ?? only;
    const isKnown = culprit !== undefined || sent.length === 0 || end.wasLoading;
    const number = end.handler || (only ? end.last : 0);
    const file = this.#files.find((each) => each.number === number);
    const room = culprit?.message.room;
    const about = { handler: file?.name, file: file?.path, room, fault: end.reason };
    observer.log("error", "handlers stopped", about);
    if (file && isKnown) this.#blame(file, end.wasLoading ? undefined : culprit, end.wasLoading);
    else if (this.#strikes.stoppedByUnknown())
      for (const { name } of this.#files) this.#switchOff(name);
    this.#again(sent, isKnown);
    this.#load();
  }

  #blame({ name }: FoundFile, culprit: Call | undefined, wasLoading: boolean): void {
    if (culprit) {
      this.#strikes.poison(name, culprit.message);
      culprit.skip.add(name);
      culprit.isUnjudged = true;
    }
    if (this.#strikes.stopped(name) || wasLoading) this.#switchOff(name);
  }

  /** Until its file changes. */
  #switchOff(name: string): void {
    this.#off.add(name);
    this.deps.observer.log("error", "handler switched off", { handler: name });
  }

  /** Hands messages that were in a thread that ended to the next one, before all others. */
  #again(calls: readonly Call[], isCulpritKnown: boolean): void {
    const left: Call[] = [];
    for (const call of calls) {
      call.tries += 1;
      if (call.tries > MOST_TRIES || (call.isUnjudged && this.deps.failClosed)) this.#giveUp(call);
      else left.push(call);
    }
    this.#waiting.unshift(...left);
    this.#alone = isCulpritKnown ? 0 : left.length;
  }

  #report(what: string, { handler, fault, at }: HandlerFault, room?: string): void {
    this.deps.observer.log("warn", what, { handler, room, at, fault });
  }
}

const NOTHING = { replies: [], said: [], faults: [] };
const NOT_JUDGED = new Refusal("handlerDown");
