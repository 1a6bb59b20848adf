import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisClient, SQL } from "bun";
import { cleanEnv, ROOT } from "../support/servers/server.ts";
import {
  emptyDatabase,
  freePort,
  hasPostgres,
  hasRedis,
  ownRedis,
  POSTGRES_URL,
} from "../support/servers/servers.ts";

// Real programs, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const folder = mkdtempSync(join(tmpdir(), "chatroom-refused-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let runs = 0;

/** What the program says, to its operator, before it ends with exit code 2. */
async function refusal(...args: string[]): Promise<string> {
  const data = join(folder, `${(runs += 1)}`);
  const child = Bun.spawn(
    [process.execPath, join(ROOT, "index.ts"), "--port", "0", "--data", data, ...args],
    { env: cleanEnv(), stdout: "ignore", stderr: "pipe", timeout: 15_000 },
  );
  const said = (await new Response(child.stderr).text()).trimEnd();
  expect({ said, code: await child.exited }).toEqual({ said, code: 2 });
  expect(said.split("\n")).toHaveLength(1);
  return said;
}

if (await hasPostgres()) {
  describe.concurrent("a database that cannot be used: exit 2, one line that says why", () => {
    const at = (change: Partial<URL>) => Object.assign(new URL(POSTGRES_URL), change).href;

    test("nothing listens there", async () => {
      const said = await refusal("--database", at({ port: "1" }));
      expect(said).toContain("--database: nothing answers at 127.0.0.1:1");
    });

    test("a name that no one knows", async () => {
      const said = await refusal("--database", at({ hostname: "nowhere.invalid" }));
      expect(said).toContain("--database: ");
      expect(said).toContain("nowhere.invalid");
    });

    test("a standby, which only reads", async () => {
      await using database = await emptyDatabase();
      const name = new URL(database.url).pathname.slice(1);
      const admin = new SQL(POSTGRES_URL, { max: 1 });
      await admin.unsafe(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
      await admin.close();
      const said = await refusal("--database", database.url);
      expect(said).toContain("only reads; name the primary");
    });

    test("no such database", async () => {
      const said = await refusal("--database", at({ pathname: "/nowhere" }));
      expect(said).toContain("--database: there is no database nowhere");
    });
  });
}

if (await hasRedis()) {
  const redis = await ownRedis();
  afterAll(() => redis[Symbol.asyncDispose]());
  const admin = new RedisClient(redis.url);
  const user = (name: string, ...rights: string[]) =>
    admin.send("ACL", ["SETUSER", name, "on", ">secret", "resetchannels", ...rights]);
  await user("weak", "+@connection", "&*");
  await user("narrow", "+@all", "&other:*");
  await user("enough", "+@pubsub", "+@connection", "&chatroom:*");
  admin.close();
  const as = (name: string) => redis.url.replace("//", `//${name}:secret@`);

  describe.concurrent("a Redis that cannot be used: exit 2, one line that says why", () => {
    test("nothing listens there", async () => {
      const said = await refusal("--broker", `redis://127.0.0.1:${await freePort()}`);
      expect(said).toContain("--broker: no Redis answers at 127.0.0.1:");
    });

    test("a name that no one knows", async () => {
      const said = await refusal("--broker", "redis://nowhere.invalid");
      expect(said).toContain("--broker: no Redis answers at nowhere.invalid:6379");
    });

    test("a wrong password, which is not shown", async () => {
      const said = await refusal("--broker", redis.url.replace("//", "//enough:hidden@"));
      expect(said).toContain("does not let user enough in");
      expect(said).not.toContain("hidden");
    });

    test.each(["weak", "narrow"])("a missing right: %s", async (name) => {
      const said = await refusal("--broker", as(name));
      expect(said).toContain(`user ${name} may not publish and subscribe`);
      expect(said).toContain(`ACL SETUSER ${name} +@pubsub +@connection`);
    });

    // What Redis 5 says; there is none here that is as old.
    test("a server that is too old", async () => {
      using listener = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: { data: (socket) => void socket.write("-ERR unknown command `HELLO`\r\n") },
      });
      const said = await refusal("--broker", `redis://127.0.0.1:${listener.port}`);
      expect(said).toContain("is too old; 6 is the oldest");
    });

    test("another kind of server", async () => {
      using listener = Bun.listen({
        hostname: "127.0.0.1",
        port: 0,
        socket: { data: (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") },
      });
      const said = await refusal("--broker", `redis://127.0.0.1:${listener.port}`);
      expect(said).toContain("it does not answer as Redis does");
    });
  });
}
