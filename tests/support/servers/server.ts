import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = join(import.meta.dir, "../../..");
/** The program under test: from source, or the executable that `TEST_BINARY` names. */
const BINARY = process.env["TEST_BINARY"];
const PROGRAM = BINARY ? [resolve(ROOT, BINARY)] : [process.execPath, join(ROOT, "index.ts")];
const START_LIMIT_MS = 15_000;

export interface StartOptions {
  /** Arguments after `--port … --data … --log json`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The whole environment, where nothing is to be inherited. */
  readonly onlyEnv?: Readonly<Record<string, string>>;
  /** A data folder that is kept; otherwise a new one, removed with the server. */
  readonly data?: string;
  /** The program; from source without it. */
  readonly command?: readonly string[];
  readonly cwd?: string;
  /** 0, any free one, without it. */
  readonly port?: number;
  /** 127.0.0.1 without it. */
  readonly host?: string;
}

export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** A folder of its own below the system's temporary one. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "chatroom-test-"));
}

/** What a test's child process inherits: nothing that is a setting of ours. */
export function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== "PORT" && !name.startsWith("CHATROOM_")) env[name] = value;
  }
  return { ...env, ...more };
}

/** The real program, in a process of its own. */
export class Server {
  /** Every line of its log so far. */
  readonly log: LogLine[] = [];
  /** Lines of standard error that are no JSON: there should be none. */
  readonly noise: string[] = [];
  #waiting: (() => void)[] = [];

  private constructor(
    readonly process: Bun.Subprocess<"ignore", "ignore", "pipe">,
    readonly data: string,
    readonly options: StartOptions,
  ) {}

  /** Resolves when it listens. */
  static async start(options: StartOptions = {}): Promise<Server> {
    const data = options.data ?? (await temporaryFolder());
    const command = options.command ?? PROGRAM;
    const fixed = [
      "--port",
      `${options.port ?? 0}`,
      "--host",
      options.host ?? "127.0.0.1",
      "--data",
      data,
      "--log",
      "json",
    ];
    const child = Bun.spawn([...command, ...fixed, ...(options.args ?? [])], {
      env: options.onlyEnv ?? cleanEnv(options.env),
      cwd: options.cwd ?? ROOT,
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
    const server = new Server(child, data, options);
    void server.#read();
    try {
      await server.logged("listening", () => true, START_LIMIT_MS);
    } catch (fault) {
      child.kill("SIGKILL");
      await child.exited;
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
      const said = [...server.noise, ...server.log.map((line) => JSON.stringify(line))].join("\n");
      throw new Error(`the server did not start:\n${said}`, { cause: fault });
    }
    return server;
  }

  /** As it says in its log, with a last slash. */
  get url(): string {
    const url = this.log.find(({ msg }) => msg === "listening")?.["url"];
    if (typeof url !== "string") throw new Error("the server never listened");
    return url;
  }

  /** The address of a room's WebSocket. */
  ws(room: string, query: Readonly<Record<string, string | number>> = {}): string {
    const url = new URL(`ws/${encodeURIComponent(room)}/`, this.url);
    url.protocol = url.protocol.replace("http", "ws");
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url.href;
  }

  /** The first log line of this message that `matches`, now or later. */
  async logged(
    msg: string,
    matches: (line: LogLine) => boolean = () => true,
    limit = 5_000,
  ): Promise<LogLine> {
    const deadline = Date.now() + limit;
    for (;;) {
      const found = this.log.find((line) => line.msg === msg && matches(line));
      if (found) return found;
      if (this.process.exitCode !== null) throw new Error(`it exited before it logged "${msg}"`);
      if (Date.now() > deadline) throw new Error(`it did not log "${msg}" in ${limit} ms`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await Promise.race([promise, Bun.sleep(100)]);
    }
  }

  /** Asks it to stop; resolves to its exit code. */
  async stop(): Promise<number> {
    this.process.kill("SIGTERM");
    return this.process.exited;
  }

  /** No warning, no last words. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
  }

  /** The same program on the same data, when this one has ended. */
  async again(): Promise<Server> {
    await this.process.exited;
    return Server.start({ ...this.options, data: this.data });
  }

  /** Ends it, and removes its data. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    if (this.options.data === undefined) await rm(this.data, { recursive: true, force: true });
  }

  async #read(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of this.process.stderr) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
      for (const wake of this.#waiting.splice(0)) wake();
    }
    if (rest !== "") this.#line(rest);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #line(text: string): void {
    try {
      const line: unknown = JSON.parse(text);
      if (isLogLine(line)) {
        this.log.push(line);
        return;
      }
    } catch {
      // Not JSON: kept below.
    }
    this.noise.push(text);
  }
}

function isLogLine(value: unknown): value is LogLine {
  return (
    typeof value === "object" &&
    value !== null &&
    "msg" in value &&
    typeof value.msg === "string" &&
    "level" in value
  );
}
