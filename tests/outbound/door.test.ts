import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Door, type DoorDeps, SendFailure } from "../../lib/outbound/door.ts";
import { temporaryFolder } from "../support/servers/server.ts";

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A server on loopback that notes what reaches it. */
function listen(answer: (seen: Seen) => Response | Promise<Response>, tls?: Bun.TLSOptions) {
  const seen: Seen[] = [];
  const server = Bun.serve({
    ...{ port: 0, hostname: "127.0.0.1" },
    ...(tls ? { tls } : {}),
    async fetch(request) {
      const { pathname: path } = new URL(request.url);
      const body = await request.text();
      const one = { method: request.method, path, headers: request.headers, body };
      seen.push(one);
      return answer(one);
    },
  });
  return { seen, port: server.port, [Symbol.dispose]: () => void server.stop(true) };
}

function doorTo(deps: Partial<DoorDeps> = {}) {
  return new Door({ allowed: ["127.0.0.1"], userAgent: "chatroom/test", ...deps });
}
const get = (url: string, redirects = 0) => ({
  ...({ method: "GET", url, headers: {}, redirects } as const),
});
const reasonOf = (answer: unknown) =>
  answer instanceof SendFailure ? { refused: answer.isRefused, reason: answer.reason } : answer;

describe("the door", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(["127.0.0.1", "[::1]", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0"])(
    "does not lead to this machine by http://%s/",
    async (host) => {
      using server = listen(() => new Response("secret"));
      const answer = await doorTo({ allowed: [] }).send(get(`http://${host}:${server.port}/`));
      expect(reasonOf(answer)).toMatchObject({ refused: true });
      expect(server.seen).toEqual([]);
    },
  );

  test("leads where the allow-list says, by range or by name", async () => {
    using server = listen(() => new Response("hello"));
    for (const [allowed, host] of [
      ["127.0.0.0/8", "127.0.0.1"],
      ["inside.example", "inside.example"],
    ] as const) {
      const door = doorTo({ allowed: [allowed], resolve: async () => ["127.0.0.1"] });
      const answer = await door.send(get(`http://${host}:${server.port}/x`));
      expect(answer).toMatchObject({ status: 200 });
    }
    expect(server.seen.map(({ headers }) => headers.get("host"))).toEqual([
      `127.0.0.1:${server.port}`,
      `inside.example:${server.port}`,
    ]);
  });

  test("refuses a name when any of its addresses is not public", async () => {
    const door = doorTo({ allowed: [], resolve: async () => ["1.1.1.1", "10.0.0.1"] });
    expect(reasonOf(await door.send(get("http://mixed.example/")))).toEqual({
      refused: true,
      reason: "10.0.0.1 is not a public address",
    });
  });

  test("connects to the address that it checked, whatever the name means a moment later", async () => {
    using server = listen(() => new Response("hello"));
    const addresses = ["127.0.0.1", "10.0.0.1"];
    let asked = 0;
    const door = doorTo({ resolve: async () => [addresses[asked++] ?? ""] });
    const url = `http://rebinding.example:${server.port}/`;
    expect(await door.send(get(url))).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(reasonOf(await door.send(get(url)))).toMatchObject({ refused: true });
  });

  test("checks each redirect as it checked the first address, and follows no more than it may", async () => {
    using inner = listen(() => new Response("inner"));
    let to = "";
    using outer = listen(() => new Response(null, { status: 302, headers: { location: to } }));
    const names: Record<string, string> = {
      "outer.example": "127.0.0.1",
      "in.example": "127.0.0.2",
    };
    const door = doorTo({ resolve: async (host) => [names[host] ?? ""] });
    const url = `http://outer.example:${outer.port}/`;
    to = `http://in.example:${inner.port}/`;
    expect(reasonOf(await door.send(get(url, 3)))).toMatchObject({ refused: true });
    expect(inner.seen).toEqual([]);
    to = url;
    expect(await door.send(get(url, 3))).toMatchObject({ status: 302 });
    expect(outer.seen).toHaveLength(1 + 4);
    to = "file:///etc/passwd";
    expect(reasonOf(await door.send(get(url, 1)))).toMatchObject({ refused: true });
  });

  test("takes no secret headers along to another origin, and no body but with 307 and 308", async () => {
    using last = listen(() => new Response("there"));
    let status = 307;
    using first = listen(
      () => new Response(null, { status, headers: { location: `http://127.0.0.1:${last.port}/` } }),
    );
    const request = {
      ...get(`http://127.0.0.1:${first.port}/`, 1),
      ...({ method: "POST", body: "words" } as const),
      headers: { authorization: "secret", "content-type": "text/plain" },
    };
    await doorTo().send(request);
    status = 303;
    await doorTo().send(request);
    expect(last.seen.map(({ method, body }) => [method, body])).toEqual([
      ["POST", "words"],
      ["GET", ""],
    ]);
    for (const { headers } of last.seen) {
      expect(headers.get("authorization")).toBeNull();
      expect(headers.get("user-agent")).toBe("chatroom/test");
      expect(headers.get("cookie")).toBeNull();
    }
  });

  test("verifies the certificate against the name, not the address", async () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = Bun.spawnSync([
      ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=hook.example"],
      ...["-addext", "subjectAltName=DNS:hook.example"],
    ]);
    expect(made.exitCode).toBe(0);
    using server = listen(() => new Response("hello"), {
      key: Bun.file(key),
      cert: Bun.file(cert),
    });
    const ca = await Bun.file(cert).text();
    const door = doorTo({ ca, resolve: async () => ["127.0.0.1"] });
    expect(await door.send(get(`https://hook.example:${server.port}/`))).toMatchObject({
      status: 200,
    });
    expect(reasonOf(await door.send(get(`https://other.example:${server.port}/`)))).toEqual({
      refused: false,
      reason: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  test("reads 64 KiB of an answer and waits for it no longer than it may", async () => {
    using server = listen(({ path }) => {
      if (path === "/large") return new Response(new Uint8Array(1024 * 1024));
      return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }));
    });
    const door = doorTo({ timeoutMs: 300 });
    const large = await doorTo().send(get(`http://127.0.0.1:${server.port}/large`));
    expect(large instanceof SendFailure ? 0 : large.body.length).toBe(64 * 1024);
    const slow = await door.send(get(`http://127.0.0.1:${server.port}/slow`));
    expect(reasonOf(slow)).toEqual({ refused: false, reason: "TimeoutError" });
    const never = doorTo({ timeoutMs: 300, resolve: () => new Promise(() => undefined) });
    expect(reasonOf(await never.send(get("http://slow.example/")))).toMatchObject({
      refused: false,
    });
  });

  test("goes through no proxy of the environment", async () => {
    using server = listen(() => new Response("direct"));
    const before = process.env["HTTP_PROXY"];
    process.env["HTTP_PROXY"] = "http://127.0.0.1:1";
    try {
      const answer = await doorTo().send(get(`http://127.0.0.1:${server.port}/`));
      expect(answer).toMatchObject({ status: 200 });
    } finally {
      if (before === undefined) delete process.env["HTTP_PROXY"];
      else process.env["HTTP_PROXY"] = before;
    }
  });
});
