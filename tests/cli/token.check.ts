import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../support/people/client.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

// Several processes one after the other, on a machine that may be doing other things.
setDefaultTimeout(30_000);

/** Runs `chatroom token` with these arguments. */
async function token(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), "token", ...args], {
    env: cleanEnv(),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out: out.trim(), err };
}

const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

test("chatroom token makes, lists and ends tokens in the database", async () => {
  const data = await temporaryFolder();
  const flags = ["--scopes", "read,post", "--rooms=ops", "--data", data];
  const made = await token("new", "Deploy", ...flags);
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^chatroom_[\w-]{43}$/);
  {
    await using server = await Server.start({ data });
    const bot = await join(server, "ops", bearer(made.out));
    expect(bot.welcome.you).toMatchObject({ name: "Deploy", bot: true });
    await server.stop();
  }
  const { out } = await token("list", "--data", data);
  const [id = "", name, scopes, rooms, used] = out.split("\t");
  expect([name, scopes, rooms]).toEqual(["Deploy", "read,post", "ops"]);
  expect(used).toStartWith("used ");
  expect((await token("end", id, "--data", data)).code).toBe(0);
  expect((await token("list", "--data", data)).out).toBe("");
  await rm(data, { recursive: true, force: true });
});

test.skipIf(!(await hasPostgres()))(
  "on PostgreSQL it makes and ends tokens of nodes that run: their sockets close",
  async () => {
    await using database = await emptyDatabase();
    const url = ["--database", database.url];
    await using server = await Server.start({ args: [...url, "--broker", "postgres:"] });
    const { out: secret } = await token("new", "Deploy", ...url);
    const bot = await join(server, "ops", bearer(secret));
    const [id = ""] = (await token("list", ...url)).out.split("\t");
    expect((await token("end", id, ...url)).code).toBe(0);
    expect((await bot.closed).code).toBe(4003);
  },
);

test("while a server has the embedded database it says so", async () => {
  await using server = await Server.start();
  const { code, err } = await token("list", "--data", server.data);
  expect([code, err]).toEqual([1, expect.stringContaining("in use by another chatroom")]);
});

test.each([
  ["nothing to do", [], 2],
  ["no name", ["new"], 2],
  ["an unknown scope", ["new", "Deploy", "--scopes", "write"], 2],
  ["an unknown id", ["end", "0123456789ab"], 1],
])("with %s it says what is wrong in one line", async (_, args, code) => {
  const data = await temporaryFolder();
  const result = await token(...args, "--data", data);
  expect([result.code, result.out]).toEqual([code, ""]);
  expect(result.err).toMatch(/^chatroom: .+\n$/);
  await rm(data, { recursive: true, force: true });
});
