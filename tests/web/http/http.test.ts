import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { join } from "../../support/people/client.ts";
import { pick, seeded, upTo, wildText } from "../../support/random.ts";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Bytes as they are, on a connection of their own; what came back until it ended or was silent. */
async function exchange(bytes: string | Uint8Array, patience = 300): Promise<string> {
  const { port, hostname } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (data) => (answer += data.toString("latin1")));
  socket.on("error", () => resolve());
  socket.on("close", () => resolve());
  socket.write(bytes);
  await Promise.race([promise, Bun.sleep(patience)]);
  socket.destroy();
  return answer;
}

async function nothingFailed(): Promise<void> {
  const ada = await join(server, "still-here");
  expect(await ada.post("still here")).toMatchObject({ text: "still here" });
  await ada.close();
  expect(server.noise).toEqual([]);
  expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
}

describe("hostile HTTP", () => {
  test("five thousand wild addresses: never a fault of the server, never a word of its inside", async () => {
    const random = seeded(11);
    const begins = [
      "",
      "rooms/",
      "ws/",
      "api/v1/rooms/",
      "assets/",
      "index/?num=",
      "files/",
      "admin/",
    ];
    const statuses = new Set<number>();
    for (let round = 0; round < 5_000; round += 100) {
      const answers = Array.from({ length: 100 }, async () => {
        const wild = wildText(random, 20).toWellFormed();
        const path =
          pick(random, begins) + (random() < 0.5 ? encodeURIComponent(wild) : encodeURI(wild));
        const method = pick(random, ["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]);
        const response = await fetch(server.url + path, { method, redirect: "manual" });
        const text = await response.text();
        statuses.add(response.status);
        if (/node_modules|\.ts:\d|at \w+ \(/.test(text)) throw new Error(`${path}: ${text}`);
      });
      await Promise.all(answers);
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect([...statuses]).toContain(404);
    await nothingFailed();
  });

  test.each([
    ["assets/../../../etc/passwd"],
    ["assets/..%2f..%2f..%2fetc%2fpasswd"],
    ["assets/%2e%2e/%2e%2e/package.json"],
    ["assets/....//....//package.json"],
    ["assets/..%5c..%5cpackage.json"],
    ["assets/room.ts"],
    ["%00"],
    [".env"],
    [".git/config"],
    ["data/chatroom.db"],
  ])("%s leads to no file", async (path) => {
    const answer = await exchange(`GET /${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/root:|"name": "chatroom"|SQLite|\[core\]/);
  });

  test("a line break in a name makes no header", async () => {
    for (const path of ["rooms/%0d%0aSet-Cookie:%20x=y", "rooms/A%0d%0aX:%20y", "ws/a%0d%0aX:y/"]) {
      const response = await fetch(server.url + path, { redirect: "manual" });
      expect(response.headers.get("x")).toBeNull();
      expect(response.headers.get("set-cookie") ?? "").not.toStartWith("x=y");
      await response.body?.cancel();
    }
  });

  test("requests that are none end, and the room goes on", async () => {
    for (const bytes of [
      "\0\0\0\0",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "POST /me HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST /me HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /me HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(200_000)}\r\n\r\n`,
      `GET /${"a".repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      "GET / HTTP/1.1\r\nHost: \xff\xfe\r\nCookie: \xff=\xff\r\n\r\n",
      "GET /ws/a/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
      "GET /ws/a/ HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 99\r\n\r\n",
    ]) {
      expect(await exchange(bytes, 100)).not.toMatch(/^HTTP\/1\.1 50[0-4]/);
    }
    const random = seeded(12);
    await Promise.all(
      Array.from({ length: 200 }, () => {
        const bytes = Uint8Array.from({ length: upTo(random, 500) }, () => upTo(random, 256));
        return exchange(bytes, 100);
      }),
    );
    await nothingFailed();
  });

  test("a body that is too large is refused, and is not taken in", async () => {
    const body = "x".repeat(3_000_000);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    for (const path of ["me", "rooms/room", "api/v1/rooms/room/messages"]) {
      const status = await fetch(server.url + path, { method: "POST", body, headers: form }).then(
        (response) => response.status,
        () => 413,
      );
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    await nothingFailed();
  });

  test("bodies that are no forms and no JSON are refused", async () => {
    for (const [path, type] of [
      ["me", "multipart/form-data; boundary=x"],
      ["me", "multipart/form-data"],
      ["me", "application/json"],
      ["rooms/room", "text/plain"],
      ["api/v1/rooms/room/messages", "application/json"],
    ] as const) {
      for (const body of [
        "",
        "\0",
        "--x\r\n",
        "{",
        "[]",
        "null",
        '{"text":1}',
        "%ff=%ff&name=%00",
      ]) {
        const headers = { "content-type": type };
        const response = await fetch(server.url + path, {
          method: "POST",
          body,
          headers,
          redirect: "manual",
        });
        await response.body?.cancel();
        expect(response.status).toBeLessThan(500);
      }
    }
    await nothingFailed();
  });

  test("a hundred connections that never finish their request hold nobody up", async () => {
    const { port, hostname } = new URL(server.url);
    const slow = Array.from({ length: 100 }, () => connect(Number(port), hostname));
    for (const socket of slow) {
      socket.on("error", () => undefined);
      socket.write("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    }
    await nothingFailed();
    for (const socket of slow) socket.destroy();
  });
});
