import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join, refusedUpgrade } from "../../support/people/client.ts";
import { RawSocket } from "../../support/people/raw.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(30_000);

/** What one frame, page or answer may have (docs/protocol.md). */
const PIECE = 256 * 1024;
const MESSAGES = 150;
/** As long as a message may be, in characters of four bytes each. */
const LONG = "😀".repeat(8_000);

let server: Server;
let epoch = "";
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
  const ada = await join(server, "long", { name: "ada" });
  epoch = ada.welcome.epoch;
  for (let count = 1; count <= MESSAGES; count += 1) ada.say(LONG);
  await ada.next("message", ({ seq }) => seq === MESSAGES);
  await ada.close();
});
afterAll(() => server[Symbol.asyncDispose]());

const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

async function residentBytes(): Promise<number> {
  const status = await Bun.file(`/proc/${server.process.pid}/status`).text();
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

describe("nothing is sent in a piece of more than 256 KiB", () => {
  test("a fresh start has as many of the last messages as fit, and history the others", async () => {
    const bob = await join(server, "long");
    const { welcome } = bob;
    expect(bytes(welcome)).toBeLessThanOrEqual(PIECE);
    expect(welcome).toMatchObject({ recovered: false, seq: MESSAGES });
    const seqs = welcome.messages?.map(({ seq }) => seq) ?? [];
    expect(seqs.at(-1)).toBe(MESSAGES);
    expect(seqs.length).toBeGreaterThan(1);
    for (let more = true; more;) {
      bob.send({ type: "history", before: seqs[0], limit: 100 });
      const page = await bob.next("history");
      expect(bytes(page)).toBeLessThanOrEqual(PIECE);
      expect(page.messages.length).toBeGreaterThan(1);
      seqs.unshift(...page.messages.map(({ seq }) => seq));
      ({ more } = page);
    }
    expect(seqs).toEqual(Array.from({ length: MESSAGES }, (_, at) => at + 1));
    await bob.close();
  });

  test("a resume has every event, in order, in as many pieces as it takes", async () => {
    const back = await join(server, "long", { epoch, after: 20 });
    expect(back.welcome).toMatchObject({ recovered: true });
    expect(back.welcome.seq).toBe(back.welcome.events?.at(-1)?.seq ?? 0);
    await back.next("message", ({ seq }) => seq === MESSAGES);
    expect(back.events.map(({ seq }) => seq)).toEqual(
      Array.from({ length: MESSAGES - 20 }, (_, at) => at + 21),
    );
    const raw = await RawSocket.open(server, "long", { epoch, after: 20 });
    await eventually(() => raw.texts.join("").includes(`"seq":${MESSAGES},`));
    for (const frame of raw.texts) expect(Buffer.byteLength(frame)).toBeLessThanOrEqual(PIECE);
    raw.end();
    await back.close();
  });

  test("pages of the HTTP API lead through everything, both ways", async () => {
    for (const [way, next] of [
      ["after", (seqs: number[]) => seqs.at(-1) ?? 0],
      ["before", (seqs: number[]) => seqs[0] ?? MESSAGES + 1],
    ] as const) {
      const seqs: number[] = [];
      for (let more = true; more;) {
        const address = `${server.url}api/v1/rooms/long/messages?limit=100&${way}=${next(seqs)}`;
        const text = await (await fetch(address)).text();
        expect(text.length).toBeLessThanOrEqual(PIECE);
        const page = JSON.parse(text);
        const found: number[] = page.messages.map(({ seq }: { seq: number }) => seq);
        if (way === "after") seqs.push(...found);
        else seqs.unshift(...found);
        ({ more } = page);
      }
      expect(seqs).toEqual(Array.from({ length: MESSAGES }, (_, at) => at + 1));
    }
  });

  test("the start of an event stream, and the page of a room", async () => {
    const stop = new AbortController();
    const stream = await fetch(`${server.url}api/v1/rooms/long/events`, { signal: stop.signal });
    const reader = stream.body?.getReader();
    let size = 0;
    for (let text = ""; !text.includes("\n\n");) {
      const { value = new Uint8Array() } = (await reader?.read()) ?? {};
      size += value.length;
      text = Buffer.from(value).subarray(-2).toString();
    }
    stop.abort();
    expect(size).toBeLessThanOrEqual(PIECE);
    const page = await fetch(`${server.url}rooms/long`, {
      headers: { "accept-encoding": "identity" },
    });
    expect((await page.bytes()).length).toBeLessThanOrEqual(2 * PIECE);
  });
});

test("64 resuming sockets that read nothing hold less than 100 MiB", async () => {
  const before = await residentBytes();
  const sockets = await Promise.all(
    Array.from({ length: 64 }, async () => {
      const raw = await RawSocket.open(server, "long", { epoch, after: 0 });
      raw.stopReading();
      return raw;
    }),
  );
  const ada = await join(server, "elsewhere");
  await ada.post("still here");
  expect((await residentBytes()) - before).toBeLessThan(100 * 1024 * 1024);
  for (const raw of sockets) raw.end();
  await ada.close();
});

describe("starts, pages and streams are reads, counted by network", () => {
  test("a network that asks for too many is told when to come back; others are not", async () => {
    await using limited = await Server.start({ args: ["--trust-proxy", "127.0.0.1"] });
    const upgrade = (forwarded: string) =>
      refusedUpgrade(limited.ws("x"), { "x-forwarded-for": forwarded });
    const read = (path: string, forwarded: string) =>
      fetch(`${limited.url}${path}`, { headers: { "x-forwarded-for": forwarded } });
    // Each is a visitor of its own, since none has a cookie.
    const statuses: number[] = [];
    for (let visitor = 0; visitor < 40 && !statuses.includes(429); visitor += 1) {
      const together = Array.from({ length: 8 }, () => upgrade("9.9.9.1"));
      statuses.push(...(await Promise.all(together)));
    }
    expect(statuses).toContain(429);
    for (const path of ["api/v1/rooms/x/messages", "api/v1/rooms/x/events"]) {
      const answers = await Promise.all(Array.from({ length: 40 }, () => read(path, "9.9.9.1")));
      const refused = answers.find(({ status }) => status === 429);
      expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(0);
      for (const { body } of answers) await body?.cancel();
    }
    expect((await read("api/v1/rooms/x/messages", "9.9.9.2")).status).toBe(200);
  });
});
