import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisClient, SQL } from "bun";

/** Shared servers that tests may use but never stop. */
export const POSTGRES_URL =
  process.env["TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/test";
export const REDIS_URL = process.env["TEST_REDIS"] ?? "redis://127.0.0.1:6379";

/**
 * Whether the server is there. Where it is not, its tests are passed over, and say so; in CI its
 * absence is a failure.
 */
export async function isThere(name: string, probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch (fault) {
    if (process.env["CI"] === "true") throw new Error(`${name} is missing in CI: ${String(fault)}`);
    process.stderr.write(`${name} is not here: its tests are passed over\n`);
    return false;
  }
}

export const hasPostgres = () =>
  isThere("PostgreSQL", async () => {
    const sql = new SQL(POSTGRES_URL, { max: 1, connectionTimeout: 2 });
    await sql`SELECT 1`.finally(() => sql.close());
  });

export const hasRedis = () =>
  isThere("Redis", async () => {
    const redis = new RedisClient(REDIS_URL, { connectionTimeout: 2_000, maxRetries: 0 });
    await redis.ping().finally(() => redis.close());
  });

/** A database of its own on the shared server, for as long as it is not disposed of. */
export async function emptyDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  const name = `chatroom_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = new SQL(POSTGRES_URL, { max: 1 });
  await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const url = new URL(POSTGRES_URL);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await admin.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.close();
    },
  };
}

/** A server of the test's own, which it may stop, start, pause and kill. */
export interface OwnServer extends AsyncDisposable {
  readonly url: string;
  start(): Promise<void>;
  /** As its operator would. */
  stop(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT" | "SIGKILL"): void;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
  });
  return promise;
}

export async function ownRedis(): Promise<OwnServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "chatroom-redis-"));
  const url = `redis://127.0.0.1:${port}`;
  const command = ["redis-server", "--port", `${port}`, "--bind", "127.0.0.1", "--save", ""];
  return ownServer(
    url,
    folder,
    [...command, "--dir", folder],
    () => undefined,
    async () => {
      const redis = new RedisClient(url, { connectionTimeout: 500, maxRetries: 0 });
      await redis.ping().finally(() => redis.close());
    },
  );
}

/** At `host`, and open to all of `range` there. */
export async function ownPostgres(host = "127.0.0.1", range?: string): Promise<OwnServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "chatroom-postgres-"));
  const data = join(folder, "data");
  const bin = postgresFolder();
  // PostgreSQL will not run as root.
  const asUser = process.getuid?.() === 0 ? ["runuser", "-u", "postgres", "--"] : [];
  if (asUser.length > 0) Bun.spawnSync(["chown", "postgres", folder]);
  const init = ["-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8"];
  const made = Bun.spawnSync([...asUser, join(bin, "initdb"), ...init], { cwd: folder });
  if (!made.success) throw new Error(`initdb: ${made.stderr.toString()}`);
  if (range !== undefined) {
    appendFileSync(join(data, "pg_hba.conf"), `\nhost all all ${range} trust\n`);
  }
  const url = `postgres://postgres@${host}:${port}/postgres`;
  const settings = ["-p", `${port}`, "-k", folder, "-c", `listen_addresses=${host}`];
  const command = [...asUser, join(bin, "postgres"), "-D", data, ...settings];
  const pid = async () => {
    const [first] = (await Bun.file(join(data, "postmaster.pid")).text()).split("\n");
    return Number(first);
  };
  return ownServer(url, folder, command, pid, async () => {
    const sql = new SQL(url, { max: 1, connectionTimeout: 1 });
    await sql`SELECT 1`.finally(() => sql.close());
  });
}

function postgresFolder(): string {
  const root = "/usr/lib/postgresql";
  const [newest] = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return newest === undefined ? join(Bun.which("initdb") ?? "", "..") : join(root, newest, "bin");
}

async function ownServer(
  url: string,
  folder: string,
  command: readonly string[],
  /** The server's own process, where `command` only starts it. */
  pidOf: () => Promise<number> | undefined,
  probe: () => Promise<unknown>,
): Promise<OwnServer> {
  let process_: Bun.Subprocess | null = null;
  let pid = 0;
  const server: OwnServer = {
    url,
    async start() {
      process_ = Bun.spawn([...command], { cwd: folder, stdout: "ignore", stderr: "ignore" });
      for (let tries = 0; ; tries += 1) {
        try {
          await probe();
          break;
        } catch (fault) {
          if (tries > 200) throw fault;
          await Bun.sleep(50);
        }
      }
      pid = (await pidOf()) ?? process_.pid;
    },
    async stop() {
      if (!process_) return;
      if (process_.exitCode === null) process.kill(pid, "SIGINT");
      await process_.exited;
      process_ = null;
    },
    signal(name) {
      process.kill(pid, name);
    },
    async [Symbol.asyncDispose]() {
      if (process_ && process_.exitCode === null) process.kill(pid, "SIGCONT");
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
