import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join as pathOf } from "node:path";
import { call } from "../support/api.ts";
import { join } from "../support/people/client.ts";
import { administrator, visitor } from "../support/people/people.ts";
import { PushService } from "../support/push/push-service.ts";
import { cleanEnv, Server, temporaryFolder } from "../support/servers/server.ts";

// What it takes from npm is fetched first.
setDefaultTimeout(300_000);

const TOOLS = { http_ece: "1.2.1", "web-push": "3.6.7", standardwebhooks: "1.0.0" };
/** Opens a notice with http_ece, and checks its signature with what web-push is built on. */
const OPEN = `import ece from "http_ece";
import webpush from "web-push";
import { createECDH } from "node:crypto";
const { body, privateKey, auth, key } = JSON.parse(process.argv[2]);
const curve = createECDH("prime256v1");
curve.setPrivateKey(Buffer.from(privateKey, "base64"));
const options = { version: "aes128gcm", privateKey: curve, authSecret: auth };
const plain = ece.decrypt(Buffer.from(body, "base64"), options).toString();
// Throws where the key is none that web-push would take.
webpush.setVapidDetails("https://chatroom.example/", key, Buffer.alloc(32, 1).toString("base64url"));
console.log(plain);`;
const VERIFY = `import { Webhook } from "standardwebhooks";
const { secret, body, headers } = JSON.parse(process.argv[2]);
console.log(JSON.stringify(new Webhook(secret).verify(body, headers)));
try {
  new Webhook(secret).verify(body + " ", headers);
} catch {
  process.exit(0);
}
process.exit(1);`;

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  const files = {
    "package.json": JSON.stringify({ type: "module", dependencies: TOOLS }),
    ...{ "open.mjs": OPEN, "verify.mjs": VERIFY },
  };
  for (const [name, text] of Object.entries(files)) await Bun.write(pathOf(folder, name), text);
  await run("npm", "install", "--silent", "--no-audit", "--no-fund");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...command: readonly string[]): Promise<string> {
  const options = { cwd: folder, env: cleanEnv(), stdout: "pipe", stderr: "pipe" } as const;
  const child = Bun.spawn([...command], options);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${out}\n${err}`);
  return out;
}

test("http_ece opens a notice, with the key that web-push takes", async () => {
  await using service = await PushService.start();
  await using server = await Server.start(service.options);
  const { cookie } = await visitor(server);
  const bob = await join(server, "tea", { cookie, name: "Bob" });
  await bob.post("see you");
  await bob.close();
  const { privateKey, ...phone } = service.device();
  const { endpoint, p256dh, auth } = phone;
  const given = { endpoint, p256dh, auth, showsText: true };
  await call(server, "addPush", {}, { cookie, body: given });
  const ada = await join(server, "tea", { name: "Ada" });
  await ada.post("@Bob come");
  const [pushed] = await service.of({ ...phone, privateKey }, 1);
  const { body: answer } = await call(server, "getPush", {}, { cookie });
  const body = Buffer.from(pushed?.body ?? []).toString("base64");
  const keys = { privateKey: Buffer.from(privateKey).toString("base64"), auth };
  const asked = JSON.stringify({ body, ...keys, key: answer["key"] });
  const opened: unknown = JSON.parse(await run("node", "open.mjs", asked));
  expect(opened).toMatchObject({ title: "Ada · tea", body: "@Bob come" });
});

test("standardwebhooks verifies what a webhook is told", async () => {
  const told = Promise.withResolvers<{ body: string; headers: Record<string, string> }>();
  const receiver = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    async fetch(request) {
      told.resolve({ body: await request.text(), headers: request.headers.toJSON() });
      return new Response("ok");
    },
  });
  const args = ["--limits", "off", "--allow-outbound", "127.0.0.1"];
  await using server = await Server.start({ args });
  const { cookie } = await administrator(server);
  const made = { name: "Hook", url: `http://127.0.0.1:${receiver.port}/`, trigger: "message" };
  const { body } = await call(server, "addWebhook", { room: "tea" }, { cookie, body: made });
  const ada = await join(server, "tea", { name: "Ada" });
  await ada.post("hello");
  const asked = JSON.stringify({ secret: body["secret"], ...(await told.promise) });
  const verified: unknown = JSON.parse(await run("node", "verify.mjs", asked));
  expect(verified).toMatchObject({ type: "message.posted", data: { message: { text: "hello" } } });
  await receiver.stop(true);
});
