import { expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../support/people/client.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../support/servers/server.ts";

// Several processes one after the other, on a machine that may be doing other things.
setDefaultTimeout(30_000);

async function token(data: string, ...args: readonly string[]) {
  const child = Bun.spawn(
    [process.execPath, path(ROOT, "index.ts"), "token", ...args, "--data", data],
    { env: cleanEnv(), stdout: "pipe", stderr: "pipe" },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out: out.trim(), err };
}

test("chatroom token makes, lists and ends tokens in the database", async () => {
  const data = await temporaryFolder();
  const made = await token(data, "new", "Deploy", "--scopes", "read,post", "--rooms", "ops");
  expect(made.code).toBe(0);
  expect(made.out).toMatch(/^chatroom_[\w-]{43}$/);
  {
    await using server = await Server.start({ data });
    const bot = await join(server, "ops", { headers: { authorization: `Bearer ${made.out}` } });
    expect(bot.welcome.you).toMatchObject({ name: "Deploy", bot: true });
    await server.stop();
  }
  const { out } = await token(data, "list");
  const [id = "", name, scopes, rooms, used] = out.split("\t");
  expect([name, scopes, rooms]).toEqual(["Deploy", "read,post", "ops"]);
  expect(used).toStartWith("used ");
  expect((await token(data, "end", id)).code).toBe(0);
  expect((await token(data, "list")).out).toBe("");
  await rm(data, { recursive: true, force: true });
});

test.each([
  ["nothing to do", [], 2],
  ["no name", ["new"], 2],
  ["an unknown scope", ["new", "Deploy", "--scopes", "write"], 2],
  ["an unknown id", ["end", "0123456789ab"], 1],
])("with %s it says what is wrong in one line", async (_, args, code) => {
  const data = await temporaryFolder();
  const result = await token(data, ...args);
  expect(result).toMatchObject({ code, out: "" });
  expect(result.err).toMatch(/^chatroom: .+\n$/);
  await rm(data, { recursive: true, force: true });
});
