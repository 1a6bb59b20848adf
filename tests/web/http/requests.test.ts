import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { guest } from "../../support/people/client.ts";
import { Wire } from "../../support/servers/proxy.ts";
import { Server } from "../../support/servers/server.ts";
import { emptyDatabase, hasPostgres, POSTGRES_URL } from "../../support/servers/servers.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, init: RequestInit = {}) =>
  fetch(new URL(path, server.url), { redirect: "manual", ...init });

describe("a method that an address does not take", () => {
  test.each([
    ["healthz", "POST", "GET, HEAD"],
    ["", "PUT", "GET, HEAD"],
    ["me", "GET", "POST"],
    ["me", "HEAD", "POST"],
    ["rooms/room", "DELETE", "GET, HEAD, POST"],
    ["api/v1/rooms/room/messages", "PATCH", "GET, HEAD, POST"],
    ["api/v1/rooms/room/events", "POST", "GET, HEAD"],
    ["ws/room/", "POST", "GET, HEAD"],
    ["files/0/name", "OPTIONS", "GET, HEAD"],
  ])("/%s: %s is answered 405 with what it takes", async (path, method, allow) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe(allow);
    if (method === "HEAD") return;
    expect(await response.json()).toEqual({
      error: { code: "not_allowed", message: expect.any(String) },
    });
  });
});

describe("HEAD", () => {
  test.each(["", "rooms/room", "account/", "healthz", "metrics", "api/v1/rooms/room/messages"])(
    "/%s answers as GET does, without the body",
    async (path) => {
      const [head, get] = await Promise.all([ask(path, { method: "HEAD" }), ask(path)]);
      expect(head.status).toBe(get.status);
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
      expect(await head.text()).toBe("");
    },
  );

  test("of an event stream ends, and takes nobody's place", async () => {
    for (let count = 0; count < 80; count += 1) {
      const { status } = await ask("api/v1/rooms/room/events", { method: "HEAD" });
      expect(status).toBe(200);
    }
    const stream = await ask("api/v1/rooms/room/events");
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });
});

describe("an error", () => {
  const BAD = [
    ["nothing/here", "GET", 404],
    ["healthz", "POST", 405],
    ["rooms/a%20b", "GET", 404],
    ["rooms/room", "POST", 400],
    ["assets/nothing.js", "GET", 404],
    ["files/0/name", "GET", 404],
  ] as const;

  test.each(BAD)("is JSON for a program: /%s %s %d", async (path, method, status) => {
    const response = await ask(path, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toStartWith("application/json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await response.json()).toEqual({
      error: { code: expect.any(String), message: expect.any(String) },
    });
  });

  test.each(BAD)("is a page for a browser: /%s %s %d", async (path, method, status) => {
    const headers = { accept: "text/html,*/*;q=0.8", "accept-language": "zh-CN" };
    const response = await ask(path, { method, headers });
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toStartWith("text/html");
    expect(await response.text()).toContain('lang="zh');
  });

  test("of the API is JSON in English, whoever asks", async () => {
    const headers = { accept: "text/html", "accept-language": "zh-CN" };
    const response = await ask("api/v1/rooms/room/messages?limit=x", { headers });
    expect(await response.json()).toMatchObject({
      error: { code: "invalid", message: "`limit` must be a whole number." },
    });
  });

  test("of a form is a page that says why", async () => {
    const headers = { accept: "text/html" };
    const body = new URLSearchParams({ name: "x".repeat(33) });
    const response = await ask("me", { method: "POST", headers, body });
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toStartWith("text/html");
    expect(await response.text()).toContain("32");
  });
});

if (await hasPostgres()) {
  test("assets and probes need no database, not even with a cookie", async () => {
    await using database = await emptyDatabase();
    const url = new URL(database.url);
    const { host } = new URL(POSTGRES_URL);
    using wire = await Wire.to(() => `http://${host}`, "127.0.0.1");
    url.host = new URL(wire.url).host;
    await using own = await Server.start({ args: ["--database", url.href] });
    const cookie = await guest(own);
    const page = await (await fetch(own.url, { headers: { cookie } })).text();
    const asset = /assets\/page\.[^"]+\.css/.exec(page)?.[0] ?? "no asset";
    wire.cut();
    const paths = [asset, "assets/worker.js", "healthz", "readyz", "metrics"];
    const answers = paths.map(async (path) => {
      // A connection of its own: one that was idle may be closed by the server as it is used again.
      const headers = { cookie, connection: "close" };
      const { status } = await fetch(new URL(path, own.url), { headers });
      return [path, status];
    });
    expect(await Promise.all(answers)).toEqual(paths.map((path) => [path, 200]));
  });
}
