import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./servers.ts";

const SLOTS = 16_384;

/** A Redis Cluster of the test's own: masters only, each of which it may kill and start again. */
export interface RedisCluster extends AsyncDisposable {
  readonly ports: readonly number[];
  /** Of its first master. */
  readonly url: string;
  start(index: number): Promise<void>;
  /** SIGKILL. */
  kill(index: number): Promise<void>;
  /** What a master says to a command, as text. */
  ask(index: number, ...words: string[]): string;
  /** Waits until every master says that all is well. */
  settled(): Promise<void>;
}

export async function redisCluster(size = 3): Promise<RedisCluster> {
  const folder = mkdtempSync(join(tmpdir(), "chatroom-cluster-"));
  const ports = await Promise.all(Array.from({ length: size }, freePort));
  const buses = await Promise.all(Array.from({ length: size }, freePort));
  const children: Bun.Subprocess[] = [];
  const ask = (index: number, ...words: string[]) => {
    const command = ["redis-cli", "-p", `${ports[index]}`, ...words];
    return Bun.spawnSync(command).stdout.toString().trim();
  };
  const until = async (index: number, what: string, words: readonly string[]) => {
    for (let tries = 0; !ask(index, ...words).includes(what); tries += 1) {
      if (tries > 200) throw new Error(`Redis ${index} never said ${what}`);
      await Bun.sleep(50);
    }
  };
  const cluster: RedisCluster = {
    ports,
    url: `redis://127.0.0.1:${ports[0]}`,
    ask,
    async start(index) {
      const net = ["--port", `${ports[index]}`, "--cluster-port", `${buses[index]}`];
      const files = ["--dir", folder, "--cluster-config-file", `nodes-${index}.conf`];
      const rest = ["--bind", "127.0.0.1", "--save", "", "--cluster-node-timeout", "1000"];
      children[index] = Bun.spawn(
        ["redis-server", "--cluster-enabled", "yes", ...net, ...files, ...rest],
        { stdout: "ignore", stderr: "ignore" },
      );
      await until(index, "PONG", ["PING"]);
    },
    async kill(index) {
      children[index]?.kill("SIGKILL");
      await children[index]?.exited;
    },
    async settled() {
      for (const index of ports.keys()) await until(index, "cluster_state:ok", ["CLUSTER", "INFO"]);
    },
    async [Symbol.asyncDispose]() {
      for (const index of children.keys()) await cluster.kill(index);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await Promise.all(ports.map((_, index) => cluster.start(index)));
    for (const [index, port] of ports.entries()) {
      const [from, to] = [index, index + 1].map((at) => Math.ceil((SLOTS * at) / size));
      ask(index, "CLUSTER", "ADDSLOTSRANGE", `${from}`, `${(to ?? SLOTS) - 1}`);
      if (index > 0) ask(0, "CLUSTER", "MEET", "127.0.0.1", `${port}`, `${buses[index]}`);
    }
    await cluster.settled();
  } catch (fault) {
    await cluster[Symbol.asyncDispose]();
    throw fault;
  }
  return cluster;
}
