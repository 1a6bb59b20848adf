import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { join as path } from "node:path";
import { join } from "../support/people/client.ts";
import { ROOT, Server, cleanEnv, temporaryFolder } from "../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const text = (stream: ReadableStream) => new Response(stream).text();

/** Runs the program to its end. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), ...args], {
    cwd: folder,
    env: cleanEnv(env),
    stdout: "pipe",
    stderr: "pipe",
    timeout: 50_000,
  });
  const [stdout, stderr] = [await text(child.stdout), await text(child.stderr)];
  return { code: await child.exited, stdout, stderr };
}

describe.concurrent(
  "a setting that is wrong stops the start: exit 2, one line that names it",
  () => {
    test.each<[string, string[], Record<string, string>, string]>([
      ["an unknown flag", ["--prot", "8000"], {}, "--prot"],
      ["an unknown flag, inline", ["--prot=8000"], {}, "--prot"],
      ["a flag of JavaScript's", ["--constructor", "x"], {}, "--constructor"],
      ["an argument that is no flag", ["--port", "0", "extra"], {}, "extra"],
      ["an unknown command", ["sreve"], {}, "sreve"],
      ["a flag without its value", ["--port"], {}, "--port"],
      ["a flag given twice", ["--port", "0", "--port", "1"], {}, "--port"],
      ["a port that is no number", ["--port", "http"], {}, "--port"],
      ["a port that is too large", ["--port", "65536"], {}, "--port"],
      ["a negative port", ["--port=-1"], {}, "--port"],
      ["a port in another notation", ["--port", "0x50"], {}, "--port"],
      ["a base path without its slash", ["--base-path", "chat"], {}, "--base-path"],
      ["an unknown database", ["--database", "mysql://x"], {}, "--database"],
      ["an unknown broker", ["--broker", "kafka://x"], {}, "--broker"],
      ["an origin with a path", ["--origin", "https://a.example/x"], {}, "--origin"],
      ["an origin that is none", ["--origin", "a.example"], {}, "--origin"],
      ["a proxy that is no address", ["--trust-proxy", "proxy"], {}, "--trust-proxy"],
      ["a range with too many bits", ["--trust-proxy", "10.0.0.0/99"], {}, "--trust-proxy"],
      ["an address with too large a number", ["--trust-proxy", "10.0.0.256"], {}, "--trust-proxy"],
      ["an IPv6 range that is none", ["--trust-proxy", "fd00::1::/8"], {}, "--trust-proxy"],
      ["a public address that is none", ["--url", "chat.example.org"], {}, "--url"],
      ["a public address with a question", ["--url", "https://a.example/?x"], {}, "--url"],
      ["a short token", ["--metrics-token", "short"], {}, "--metrics-token"],
      ["limits that are neither on nor off", ["--limits", "none"], {}, "--limits"],
      ["an unknown log", ["--log", "xml"], {}, "--log"],
      ["an unknown level", ["--log-level", "loud"], {}, "--log-level"],
      ["a certificate without a key", ["--tls-cert", "a.pem"], {}, "--tls-key"],
      ["a file that is not there", ["--config", "nowhere.toml"], {}, "nowhere.toml"],
      ["a folder that is not there", ["--handlers", "nowhere"], {}, "--handlers"],
      ["TLS files that are not there", ["--tls-cert", "a", "--tls-key", "b"], {}, "--tls-cert"],
      ["a wrong variable", [], { CHATROOM_PORT: "x" }, "CHATROOM_PORT"],
      ["an unknown variable", [], { CHATROOM_PROT: "1" }, "CHATROOM_PROT"],
      ["a wrong PORT", [], { PORT: "x" }, "PORT"],
    ])("%s", async (_, args, env, named) => {
      const { code, stdout, stderr } = await run(args, env);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(named);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    });

    test.each([
      ["unknown", "prot = 8000\nport = 0", "prot"],
      ["of the wrong type", 'port = "many"', "port"],
      ["a table", "[port]\nx = 1", "port"],
      ["no TOML", "port = = 1", "no-TOML.toml"],
    ])("in the file: %s", async (name, toml, named) => {
      const file = path(folder, `${name.replaceAll(" ", "-")}.toml`);
      await writeFile(file, toml);
      const { code, stderr } = await run(["--config", file]);
      expect(code).toBe(2);
      expect(stderr).toContain(named);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    });
  },
);

describe("what cannot be started on", () => {
  test("is one line too, and an exit that is not 0", async () => {
    await using server = await Server.start();
    const { port } = new URL(server.url);
    for (const args of [
      ["--port", port, "--host", "127.0.0.1", "--data", path(folder, "taken")],
      ["--port", "0", "--data", "/proc/nowhere"],
    ]) {
      const { code, stderr } = await run(args);
      expect(code).not.toBe(0);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
  });
});

describe("a setting comes from", () => {
  test("the flag, before the environment, before the file, before the default", async () => {
    const file = path(folder, "levels.toml");
    await writeFile(file, 'limits = "off"\nbase-path = "/file"\norigin = ["https://a.example"]\n');
    const env = { CHATROOM_BASE_PATH: "/env", CHATROOM_CONFIG: file };
    await using byEnv = await Server.start({ env });
    expect(new URL(byEnv.url).pathname).toBe("/env/");
    await using byFlag = await Server.start({ env, args: ["--base-path", "/flag/"] });
    expect(new URL(byFlag.url).pathname).toBe("/flag/");
    await using byFile = await Server.start({ args: ["--config", file] });
    expect(new URL(byFile.url).pathname).toBe("/file/");
    const client = await join(byFile, "room");
    expect(client.welcome.limits.messages).toBeNull();
    await client.close();
    await using byDefault = await Server.start();
    expect(new URL(byDefault.url).pathname).toBe("/");
  });

  test("PORT, plain, which gives way to ours", async () => {
    const port = freePort();
    const args = ["--data", path(folder, "port"), "--log", "json", "--host", "127.0.0.1"];
    const url = await listening(args, { PORT: port });
    expect(url).toBe(`http://127.0.0.1:${port}/`);
    const other = await listening(args, { PORT: "1", CHATROOM_PORT: port });
    expect(other).toBe(`http://127.0.0.1:${port}/`);
  });
});

describe("below a base path", () => {
  test("everything is there, and nothing beside it", async () => {
    await using server = await Server.start({ args: ["--base-path", "/chat"] });
    const client = await join(server, "room");
    expect((await client.post("hello")).seq).toBe(1);
    await client.close();
    const { origin } = new URL(server.url);
    expect((await fetch(`${origin}/chat/healthz`)).status).toBe(200);
    expect((await fetch(`${origin}/healthz`)).status).toBe(404);
    expect((await fetch(`${origin}/chatter/healthz`)).status).toBe(404);
    expect((await fetch(`${origin}/chat/../healthz`)).status).toBe(404);
  });
});

describe("the log", () => {
  test("as text: one line with the address, and nothing on standard output", async () => {
    const child = Bun.spawn(
      [process.execPath, path(ROOT, "index.ts"), "--port", "0", "--data", path(folder, "text")],
      { cwd: folder, env: cleanEnv(), stdout: "pipe", stderr: "pipe" },
    );
    let said = "";
    for await (const bytes of child.stderr) {
      said += new TextDecoder().decode(bytes);
      if (/setup\?token=\S+\n/.test(said)) break;
    }
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(await text(child.stdout)).toBe("");
    expect(said).toMatch(
      /open this link, which works once, to do so: http:\/\/\S+\/admin\/setup\?token=/,
    );
    expect(said.split("\n").filter((line) => /http:\/\/127\.0\.0\.1:\d+\//.test(line))).not.toEqual(
      [],
    );
  });

  test("--log-level error: nothing is said of an ordinary start and stop", async () => {
    const port = freePort();
    const child = Bun.spawn(
      [
        process.execPath,
        path(ROOT, "index.ts"),
        "--port",
        port,
        "--log-level",
        "error",
        "--data",
        path(folder, "quiet"),
      ],
      { cwd: folder, env: cleanEnv(), stdout: "ignore", stderr: "pipe" },
    );
    while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)))
      await Bun.sleep(20);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    expect(await text(child.stderr)).toBe("");
  });
});

test("--help and --version answer, and exit with 0", async () => {
  const help = await run(["--help"]);
  expect(help.code).toBe(0);
  for (const flag of ["--port", "--data", "--handlers", "--base-path", "--origin", "--limits"]) {
    expect(help.stdout).toContain(flag);
  }
  expect(await run(["--version"])).toMatchObject({ code: 0, stderr: "" });
});

/** One that nothing listens on just now. */
function freePort(): string {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: () => undefined },
  });
  const port = String(listener.port);
  listener.stop(true);
  return port;
}

/** The address a start says it listens at; then it is stopped. */
async function listening(args: readonly string[], env: Record<string, string>): Promise<string> {
  const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), ...args], {
    cwd: folder,
    env: cleanEnv(env),
    stdout: "ignore",
    stderr: "pipe",
  });
  let said = "";
  for await (const bytes of child.stderr) {
    said += new TextDecoder().decode(bytes);
    const found = /"url":"([^"]+)"/.exec(said);
    if (!found?.[1]) continue;
    child.kill("SIGTERM");
    await child.exited;
    return found[1];
  }
  throw new Error(`it did not listen: ${said}`);
}
