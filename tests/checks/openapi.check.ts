import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { administrator } from "../support/people/people.ts";
import { cleanEnv, Server, temporaryFolder } from "../support/servers/server.ts";

// What it takes from npm is fetched first.
setDefaultTimeout(300_000);

const TOOLS = {
  "@redocly/cli": "2.14.0",
  "@apidevtools/swagger-parser": "12.1.0",
  "openapi-typescript": "7.10.1",
  "openapi-fetch": "0.15.0",
  typescript: "5.9.3",
};
const VALIDATE = `import SwaggerParser from "@apidevtools/swagger-parser";
await SwaggerParser.validate("openapi.json");`;
const CLIENT = `import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

const [baseUrl = "", token = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } });
const path = { room: "generated" };
const posted = await client.POST("/v1/rooms/{room}/messages", { params: { path }, body: { text: "hello" } });
const page = await client.GET("/v1/rooms/{room}/messages", { params: { path, query: { limit: 1 } } });
const last: components["schemas"]["Message"] | undefined = page.data?.messages.at(-1);
const none = await client.GET("/v1/rooms/{room}/messages/{seq}", { params: { path: { ...path, seq: 99 } } });
// @ts-expect-error: there is no such field.
await client.POST("/v1/rooms/{room}/messages", { params: { path }, body: { txt: "hello" } });
console.log(JSON.stringify({ seq: posted.data?.seq, text: last?.text, author: last?.author, code: none.error?.error.code }));
`;
const TSCONFIG = {
  compilerOptions: {
    ...{ strict: true, noEmit: true, target: "esnext", lib: ["esnext", "dom"], types: [] },
    ...{ module: "preserve", moduleResolution: "bundler", allowImportingTsExtensions: true },
    skipLibCheck: true,
  },
  files: ["client.ts", "globals.d.ts"],
};

let folder: string;
let server: Server;
/** Of the bot that the generated client is. */
let token: string;

async function run(...command: readonly string[]) {
  const [program = "", ...args] = command;
  const local = join(folder, "node_modules/.bin", program);
  const found = (await Bun.file(local).exists()) ? local : program;
  const options = { cwd: folder, env: cleanEnv(), stdout: "pipe", stderr: "pipe" } as const;
  const child = Bun.spawn([found, ...args], options);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, all: `${out}\n${err}` };
}

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await Server.start();
  const write = (name: string, text: string) => Bun.write(join(folder, name), text);
  await write("package.json", JSON.stringify({ type: "module", dependencies: TOOLS }));
  const openapi = await fetch(new URL("api/v1/openapi.json", server.url));
  await write("openapi.json", await openapi.text());
  await write("validate.mjs", VALIDATE);
  await write("client.ts", CLIENT);
  await write("globals.d.ts", "declare const process: { argv: string[] };\n");
  await write("tsconfig.json", JSON.stringify(TSCONFIG));
  const boss = await administrator(server);
  const fields = { verb: "bot-token", name: "Generated", scopes: "read post", rooms: "*" };
  const { text } = await boss.submit("admin/bots", "admin/bots", fields);
  token = /chatroom_[\w-]{43}/.exec(text)?.[0] ?? "";
  const { code, all } = await run("npm", "install", "--silent", "--no-audit", "--no-fund");
  if (code !== 0) throw new Error(all);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test("redocly finds nothing wrong with openapi.json", async () => {
  const { code, all } = await run("redocly", "lint", "openapi.json");
  expect([code, all]).toEqual([0, expect.stringContaining("valid")]);
});

test("swagger-parser takes openapi.json", async () => {
  const { code, all } = await run("node", "validate.mjs");
  expect([code, all.trim()]).toEqual([0, ""]);
});

test("a client that openapi-typescript generates type checks and works", async () => {
  expect((await run("openapi-typescript", "openapi.json", "-o", "api.d.ts")).code).toBe(0);
  const types = await run("tsc", "-p", ".");
  expect([types.code, types.all.trim()]).toEqual([0, ""]);
  const client = await run(process.execPath, "client.ts", `${server.url}api`, token);
  const said: unknown = JSON.parse(client.out);
  expect(said).toMatchObject({ seq: 1, text: "hello", code: "not_found" });
  expect(said).toMatchObject({ author: { name: "Generated", bot: true } });
});
