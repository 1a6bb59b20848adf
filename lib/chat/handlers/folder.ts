import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { ConfigError } from "../../model/config.ts";
import type { ModuleFile } from "./protocol.ts";

const ENDINGS = new Set([".ts", ".js", ".mts", ".mjs"]);
/** Editors write a file in several steps; a change is reported after this long without another. */
const SETTLE_MS = 100;

export interface FoundFile extends ModuleFile {
  /** Changes whenever the file does. */
  readonly version: string;
}

/** The folder with an operator's handlers. */
export class HandlerFolder {
  readonly root: string;
  readonly #watcher: FSWatcher;
  /** Paths in the order they were first found. */
  readonly #numbers: string[] = [];
  #timer: Timer | undefined;

  /** Calls `changed` after changes in the folder. Throws a `ConfigError` if it cannot be read. */
  constructor(folder: string, changed: () => void) {
    this.root = resolve(folder);
    try {
      readdirSync(this.root);
    } catch (fault) {
      throw new ConfigError(`--handlers: the folder ${this.root} cannot be read: ${String(fault)}`);
    }
    this.#watcher = watch(this.root, { recursive: true }, () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(changed, SETTLE_MS);
    });
  }

  /** The modules, by name. Throws if the folder cannot be read. */
  files(): readonly FoundFile[] {
    const found: FoundFile[] = [];
    for (const file of readdirSync(this.root).sort()) {
      const ending = extname(file);
      if (!ENDINGS.has(ending) || file.endsWith(".d.ts")) continue;
      const path = join(this.root, file);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat) continue;
      const version = `${stat.mtimeMs} ${stat.size}`;
      found.push({ name: basename(file, ending), path, number: this.#number(path), version });
    }
    return found;
  }

  #number(path: string): number {
    const index = this.#numbers.indexOf(path);
    return index < 0 ? this.#numbers.push(path) : index + 1;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#watcher.close();
  }
}
