import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Server } from "../../support/servers/server.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(60_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
});
afterAll(() => server[Symbol.asyncDispose]());

const get = (path: string, from: string) =>
  fetch(server.url + path, { headers: { "x-forwarded-for": from } });

/** A connection that has sent this; `answer` resolves to the first bytes that come back. */
async function sending(head: string, body: Uint8Array | string = ""): Promise<Socket> {
  const url = new URL(server.url);
  const socket = connect(Number(url.port), url.hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(`${head}\r\nHost: ${url.host}\r\n`);
  socket.write(body);
  return socket;
}

describe("pages", () => {
  test("are limited by network: 429, with the seconds to wait; other networks are served", async () => {
    const answers = await Promise.all(Array.from({ length: 160 }, () => get("", "9.9.9.1")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(20);
    for (const { headers } of refused) {
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await get("", "9.9.9.2")).status).toBe(200);
    expect((await get("assets/worker.js", "9.9.9.1")).status).toBe(200);
  });

  test("that do not exist are limited as well", async () => {
    const answers = await Promise.all(Array.from({ length: 500 }, () => get("none", "9.9.9.3")));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
  });
});

describe("bodies in memory", () => {
  test("a form that brings no files is small", async () => {
    const body = new URLSearchParams({ name: "x".repeat(200_000) });
    expect((await fetch(`${server.url}me`, { method: "POST", body })).status).toBe(413);
  });

  test("of one network and of all are bounded: more are told to come back", async () => {
    const before = await residentBytes();
    const open: Socket[] = [];
    const begin = async (from: string) => {
      const size = 25 * 1024 * 1024;
      const head = [
        "POST /rooms/forms HTTP/1.1",
        `X-Forwarded-For: ${from}`,
        "Content-Type: multipart/form-data; boundary=x",
        `Content-Length: ${size}`,
      ].join("\r\n");
      const socket = await sending(head);
      open.push(socket);
      socket.write('\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
      socket.write(new Uint8Array(size - 1_000));
      const answer = once(socket, "data").then(([data]) => String(data).slice(9, 12));
      return Promise.race([answer, Bun.sleep(3_000).then(() => "held")]);
    };
    const answers = await Promise.all(
      ["9.9.8.1", "9.9.8.2", "9.9.8.3"].flatMap((from) =>
        Array.from({ length: 8 }, () => begin(from)),
      ),
    );
    // 36 MiB of 600: one, and what has come of others.
    const held = answers.filter((answer) => answer === "held");
    expect(answers.filter((answer) => answer === "429")).toHaveLength(24 - held.length);
    expect(held.length).toBeLessThanOrEqual(6);
    expect((await residentBytes()) - before).toBeLessThan(200 * 1024 * 1024);
    const other = await fetch(`${server.url}me`, {
      method: "POST",
      body: new URLSearchParams({ name: "ada" }),
      headers: { "x-forwarded-for": "9.9.8.4" },
      redirect: "manual",
    });
    expect(other.status).toBe(303);
    for (const socket of open) socket.destroy();
  });
});

test("forms that never come to their end keep nobody from a page", async () => {
  const open: Socket[] = [];
  for (const type of ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"]) {
    for (let count = 0; count < 40; count += 1) {
      const head = [
        "POST /rooms/halves HTTP/1.1",
        `X-Forwarded-For: 9.9.7.${count % 2}`,
        `Content-Type: ${type}`,
        "Content-Length: 1000",
      ].join("\r\n");
      open.push(await sending(head, "\r\ntext=a"));
    }
  }
  // Well before the server gives up on any of them.
  const page = await fetch(server.url, {
    headers: { "x-forwarded-for": "9.9.7.9" },
    signal: AbortSignal.timeout(5_000),
  });
  expect(page.status).toBe(200);
  for (const socket of open) socket.destroy();
});

test("a connection that brought an upload is closed when it is idle, as any other", async () => {
  const upload = "POST /api/v1/rooms/idle/files?name=a.txt HTTP/1.1";
  const heads = [
    `${upload}\r\nContent-Length: 2`,
    // Refused, each in its own way.
    `${upload}\r\nContent-Length: 0`,
    `${upload}\r\nContent-Length: 2\r\nOrigin: http://elsewhere.example`,
    `PUT ${upload.slice(5)}\r\nContent-Length: 2`,
    "POST /rooms/idle HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 2",
  ];
  const closed = heads.map(async (head) => {
    const socket = await sending(head, head.endsWith("0") ? "\r\n" : "\r\nab");
    const end = once(socket, "close");
    await once(socket, "data");
    await end;
  });
  await Promise.all(closed);
});

async function residentBytes(): Promise<number> {
  const status = await Bun.file(`/proc/${server.process.pid}/status`).text();
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
