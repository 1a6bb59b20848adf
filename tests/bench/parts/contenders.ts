import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DialectName } from "./dialects.ts";

/** A server that runs: its port on every loopback address, and its process. */
export interface Running {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}
export interface Contender {
  readonly name: string;
  readonly dialect: DialectName;
  /** Rejects where it does not come up within ten seconds. */
  start(): Promise<Running>;
}
/** Why someone does not take part. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

const START_SECONDS = 10;
const LISTENING =
  /"msg":"listening".*"url":"https?:\/\/[^:"]+:(\d+)|Listening on TCP address [^:]+:(\d+)/;
const FOLDER = import.meta.dir;
export const ROOT = resolve(FOLDER, "../../..");
export const BINARY = join(ROOT, "dist/chatroom");

interface Command {
  readonly cmd: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program and waits until it says on standard error where it listens. */
export async function startServer({ cmd, cwd = ROOT, env = {} }: Command): Promise<Running> {
  const child = Bun.spawn([...cmd], {
    cwd,
    env: { ...process.env, ...env },
    stdout: "ignore",
    stderr: "pipe",
  });
  const listening = Promise.withResolvers<number>();
  const read = async () => {
    let said = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      if (said.length < 100_000) said += decoder.decode(chunk, { stream: true });
      const found = LISTENING.exec(said);
      if (found) listening.resolve(Number(found[1] ?? found[2]));
    }
    listening.reject(new Error(`${cmd[0]} ended: ${said.trim().split("\n").at(-1) ?? ""}`));
  };
  void read();
  const timer = setTimeout(
    () => listening.reject(new Error(`${cmd[0]} did not come up`)),
    START_SECONDS * 1000,
  );
  const stop = async () => {
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await child.exited;
    clearTimeout(killer);
  };
  try {
    return { port: await listening.promise, pid: child.pid, stop };
  } catch (fault) {
    await stop();
    throw fault;
  } finally {
    clearTimeout(timer);
  }
}

/** A new folder beside the program (a disk, where /tmp may be memory), and how to take it away. */
export function scratch(): { path: string; remove(): void } {
  const path = mkdtempSync(join(process.env["BENCH_DIR"] ?? ROOT, ".bench-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Ours with the data folder it is given. */
export function startOurs(command: readonly string[], data: string): Promise<Running> {
  const flags = ["--port", "0", "--data", data, "--limits", "off", "--log", "json"];
  return startServer({ cmd: [...command, ...flags] });
}

/** Ours on a new data folder each time. */
export function ours(command: readonly string[]): Contender {
  return {
    name: "chatroom",
    dialect: "chat",
    async start() {
      const data = scratch();
      const running = await startOurs(command, data.path);
      const stop = async () => {
        await running.stop();
        data.remove();
      };
      return { ...running, stop };
    },
  };
}

/** Frames of `size` bytes; the bytes of `page` as the answer at /rooms/:room. */
export function bare(size: number, page?: string): Contender {
  const options = ["--size", String(size), ...(page === undefined ? [] : ["--page", page])];
  const cmd = [process.execPath, join(FOLDER, "bare.ts"), ...options];
  return { name: "bare Bun", dialect: "chat", start: () => startServer({ cmd }) };
}

/** The two Node servers, where `npm` can fetch their packages within a minute. */
export async function nodeContenders(size: number): Promise<(Contender | Absent)[]> {
  const names = ["ws", "socket.io"] as const;
  const modules = join(tmpdir(), "chatroom-bench-node");
  const absent = (reason: string) => names.map((name) => ({ name, reason }));
  if (Bun.which("node") === null) return absent("no `node` here");
  if (!names.every((name) => existsSync(join(modules, "node_modules", name)))) {
    if (Bun.which("npm") === null) return absent("not installed, and no `npm` here");
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefix", modules];
    const install = Bun.spawn(["npm", "install", ...options, ...names], {
      stdio: ["ignore", "ignore", "ignore"],
      timeout: 60_000,
    });
    if ((await install.exited) !== 0) return absent("not installed: npm could not fetch it");
  }
  const env = { NODE_PATH: join(modules, "node_modules") };
  const command = (file: string) => ({ cmd: ["node", join(FOLDER, file), String(size)], env });
  return [
    { name: "ws", dialect: "chat", start: () => startServer(command("node-ws.cjs")) },
    {
      name: "socket.io",
      dialect: "socketio",
      start: () => startServer(command("node-socketio.cjs")),
    },
  ];
}

/** The Django program in `DJANGO_DIR`, by default beside this repository. */
export function django(): Contender | Absent {
  const name = "Django Channels";
  const cwd = resolve(ROOT, process.env["DJANGO_DIR"] ?? "../shared/django");
  const daphne = "/usr/bin/daphne";
  if (!existsSync(join(cwd, "chatroom/asgi.py")))
    return { name, reason: "no program in DJANGO_DIR" };
  if (!existsSync(daphne)) return { name, reason: "no /usr/bin/daphne here" };
  const cmd = ["/usr/bin/python3", daphne, "-p", "0", "-b", "0.0.0.0", "chatroom.asgi:application"];
  return {
    name,
    dialect: "plain",
    start: () => startServer({ cmd, cwd, env: { PYTHONPATH: "." } }),
  };
}
