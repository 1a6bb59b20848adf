import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../../lib/store/open.ts";
import { call } from "../../support/api.ts";
import { join } from "../../support/people/client.ts";
import { administrator, visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, and pauses after failures.
setDefaultTimeout(40_000);

interface Told {
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
  readonly text: string;
}

/** Where webhooks lead: notes what it is told. */
class Receiver implements Disposable {
  readonly told: Told[] = [];
  /** Of the next answers; then 200. */
  readonly answers: Response[] = [];
  readonly #server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    fetch: async (request) => {
      const body = await request.text();
      const { text } = JSON.parse(body).data.message;
      const { pathname: path } = new URL(request.url);
      this.told.push({ path, headers: request.headers, body, text });
      return this.answers.shift() ?? new Response("ok");
    },
  });

  url(path: string): string {
    return `http://127.0.0.1:${this.#server.port}/${path}`;
  }

  async texts(path: string, count: number, limitMs = 20_000): Promise<readonly string[]> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = this.told.filter((each) => each.path === `/${path}`).map(({ text }) => text);
      if (found.length >= count) return found;
      if (Date.now() > deadline) throw new Error(`only ${found.join(", ")} came`);
      await Bun.sleep(20);
    }
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}

const ARGS = ["--limits", "off", "--allow-outbound", "127.0.0.1"];
let server: Server;
let cookie: string;
let receiver: Receiver;
beforeAll(async () => {
  server = await Server.start({ args: ARGS });
  ({ cookie } = await administrator(server));
  receiver = new Receiver();
});
afterAll(async () => {
  receiver[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

async function add(room: string, more: object = {}) {
  const body = { name: "Hook", url: receiver.url(room), trigger: "message", ...more };
  const { body: made, refused } = await call(server, "addWebhook", { room }, { cookie, body });
  expect(refused).toBeNull();
  return { id: String(made["id"]), secret: String(made["secret"]) };
}

describe("a webhook", () => {
  test("is told of each message in order, signed as Standard Webhooks has it", async () => {
    const { secret } = await add("orders");
    const ada = await join(server, "orders", { name: "Ada" });
    for (const text of ["one", "two", "three"]) await ada.post(text);
    expect(await receiver.texts("orders", 3)).toEqual(["one", "two", "three"]);
    const [first] = receiver.told.filter(({ path }) => path === "/orders");
    const header = (name: string) => first?.headers.get(`webhook-${name}`) ?? "";
    const signed = `${header("id")}.${header("timestamp")}.${first?.body}`;
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const expected = new Bun.CryptoHasher("sha256", key).update(signed).digest("base64");
    expect(header("signature")).toBe(`v1,${expected}`);
    expect(JSON.parse(first?.body ?? "")).toMatchObject({
      type: "message.posted",
      data: { room: "orders", message: { seq: 1, text: "one", author: { name: "Ada" } } },
    });
    await ada.close();
  });

  test("answers in the room under its name, and is not told of that", async () => {
    await add("echo");
    const ada = await join(server, "echo", { name: "Ada" });
    receiver.answers.push(Response.json({ text: "I heard you" }));
    await ada.post("hello");
    const reply = await ada.next("message", ({ text }) => text === "I heard you");
    expect(reply.author).toMatchObject({ name: "Hook", bot: true });
    await ada.post("good");
    expect(await receiver.texts("echo", 2)).toEqual(["hello", "good"]);
    await ada.close();
  });

  test("is told of mentions of its name, or of its command, alone", async () => {
    await add("some", { trigger: "mention", name: "Helper" });
    await add("some", { trigger: "command", word: "!deploy", url: receiver.url("commands") });
    const ada = await join(server, "some", { name: "Ada" });
    for (const text of ["!deployed?", "@Helper look", "!deploy now", "never mind"]) {
      await ada.post(text);
    }
    await add("some", { url: receiver.url("last") });
    await ada.post("@Helper !deploy");
    await ada.post("!deploy");
    await receiver.texts("last", 2);
    expect(await receiver.texts("some", 2)).toEqual(["@Helper look", "@Helper !deploy"]);
    expect(await receiver.texts("commands", 2)).toEqual(["!deploy now", "!deploy"]);
    await ada.close();
  });

  test("that fails is told again, and of nothing later before", async () => {
    await add("failing");
    const ada = await join(server, "failing", { name: "Ada" });
    receiver.answers.push(new Response(null, { status: 500 }));
    await ada.post("one");
    await ada.post("two");
    expect(await receiver.texts("failing", 3)).toEqual(["one", "one", "two"]);
    await ada.close();
  });

  test("is made, listed and removed by the owner of the room, and by nobody else", async () => {
    const { id } = await add("listed");
    const guest = (await visitor(server)).cookie;
    const room = "listed";
    expect((await call(server, "listWebhooks", { room }, { cookie: guest })).status).toBe(403);
    const { body } = await call(server, "listWebhooks", { room }, { cookie });
    expect(body["webhooks"]).toMatchObject([{ id, name: "Hook", isOn: true }]);
    expect((await call(server, "removeWebhook", { room, id }, { cookie })).status).toBe(204);
    expect((await call(server, "removeWebhook", { room, id }, { cookie })).status).toBe(404);
    const bad = { name: "Hook", trigger: "message", url: "file:///etc/passwd" };
    expect((await call(server, "addWebhook", { room }, { cookie, body: bad })).status).toBe(400);
  });
});

test("a webhook is told after the next start of what was said before a server was killed", async () => {
  await using first = await Server.start({ args: ARGS });
  const boss = await administrator(first);
  const body = { name: "Hook", url: receiver.url("killed"), trigger: "message" };
  await call(first, "addWebhook", { room: "tea" }, { cookie: boss.cookie, body });
  const ada = await join(first, "tea", { name: "Ada" });
  await Promise.all([ada.post("one"), ada.post("two")]);
  await first.kill();
  await using second = await Server.start({ args: ARGS, data: first.data });
  const texts = await receiver.texts("killed", 2);
  // At least once.
  expect(new Set(texts)).toEqual(new Set(["one", "two"]));
  expect(second.noise).toEqual([]);
});

test("a webhook that has failed for a day is switched off, and the room is told", async () => {
  await using first = await Server.start({ args: ARGS });
  const boss = await administrator(first);
  const body = { name: "Hook", url: "http://127.0.0.1:1/", trigger: "message" };
  const made = await call(first, "addWebhook", { room: "tea" }, { cookie: boss.cookie, body });
  await first.stop();
  const store = await openDatabase(null, first.data);
  await store.records.webhooks.mark(String(made.body["id"]), { failingSince: 1, isOn: true });
  await store.close();
  await using second = await Server.start({ args: ARGS, data: first.data });
  const ada = await join(second, "tea", { name: "Ada" });
  await ada.post("one");
  const notice = await ada.next("message", ({ author }) => author.bot === true);
  expect(notice.text).toContain("switched off");
  const { body: listed } = await call(
    second,
    "listWebhooks",
    { room: "tea" },
    { cookie: boss.cookie },
  );
  expect(listed["webhooks"]).toMatchObject([{ isOn: false }]);
});
