import type { HandlerFault, HandlerNumbers, LoadedHandler } from "../../model/handlers/handler.ts";
import type { Ran } from "./protocol.ts";

const NOTHING: HandlerNumbers = { calls: 0, faults: 0, stops: 0, ms: 0 };

/** Counters and the last fault of each handler, by its file's name. */
export class Tally {
  readonly #numbers = new Map<string, HandlerNumbers>();
  readonly #faults = new Map<string, string>();

  of(file: string): HandlerNumbers {
    return this.#numbers.get(file) ?? NOTHING;
  }

  /** The last fault since it was loaded; empty if there was none. */
  faultOf(file: string): string {
    return this.#faults.get(file) ?? "";
  }

  /** Handlers were reloaded, with these faults. */
  loaded(handlers: readonly LoadedHandler[], faults: readonly HandlerFault[]): void {
    for (const { file } of handlers) this.#faults.delete(file);
    for (const { handler, fault } of faults) this.#faults.set(handler, fault);
  }

  ran(times: Ran["times"]): void {
    for (const { file, ms } of times) {
      const { calls, ms: before } = this.of(file);
      this.#add(file, { calls: calls + 1, ms: before + ms });
    }
  }

  failed(file: string, fault: string): void {
    this.#faults.set(file, fault);
    this.#add(file, { faults: this.of(file).faults + 1 });
  }

  stopped(file: string): void {
    this.#add(file, { stops: this.of(file).stops + 1 });
  }

  #add(file: string, more: Partial<HandlerNumbers>): void {
    this.#numbers.set(file, { ...this.of(file), ...more });
  }
}
