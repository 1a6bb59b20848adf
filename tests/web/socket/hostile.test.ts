import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Client, join, joinPlain } from "../../support/people/client.ts";
import { seeded, upTo, wildText } from "../../support/random.ts";
import { RawSocket, clientFrame } from "../../support/people/raw.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const MANY = 10_000;
/** Sent before the answers are waited for: less than a reader may leave unread. */
const AT_ONCE = 500;

let server: Server;
let bystander: Client;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
  bystander = await join(server, "hostile", { name: "bystander" });
});
afterAll(() => server[Symbol.asyncDispose]());

/** The room goes on: a message takes the next number, nothing else came, and nothing failed. */
async function theRoomGoesOn(): Promise<void> {
  const before = bystander.events.length;
  const { seq } = await bystander.post("still here");
  expect(seq).toBe(before + 1);
  expect(bystander.frames.filter(({ type }) => type === "error")).toEqual([]);
  expect(server.noise).toEqual([]);
  expect(server.log.filter(({ level }) => level === "error")).toEqual([]);
}

const random = seeded(7);
const frame = (fields: unknown) => JSON.stringify(fields);

describe.each<[string, string, () => string | Uint8Array<ArrayBuffer>]>([
  ["frames that are no JSON", "invalid", () => wildText(random, 30).toWellFormed()],
  ["binary frames", "invalid", () => crypto.getRandomValues(new Uint8Array(20))],
  ["unknown types", "invalid", () => frame({ type: `t${random()}`, id: "x", text: "x" })],
  ["wrong types", "invalid", () => frame({ type: "send", id: upTo(random, 9), text: [1] })],
  [
    "objects that are no frames",
    "invalid",
    () => frame([[], {}, null, 1, "x"][upTo(random, 5)] ?? 0),
  ],
  [
    "lone surrogates",
    "invalid",
    () => frame({ type: "send", id: "s", text: `a\ud800${random()}` }),
  ],
  [
    "empty texts",
    "invalid",
    () => frame({ type: "send", id: "e", text: " \n\t"[upTo(random, 4)] ?? "" }),
  ],
  [
    "texts of 8,001 characters",
    "too_long",
    () => frame({ type: "send", id: "l", text: "x".repeat(8_001) }),
  ],
  ["seqs that are none", "invalid", () => frame({ type: "delete", seq: -random() })],
  [
    "messages that are not there",
    "not_found",
    () => frame({ type: "edit", seq: 1e6 + upTo(random, 1e6), text: "x" }),
  ],
])("ten thousand %s", (_, code, make) => {
  test(`get the error ${code}, each, and the room goes on`, async () => {
    const attacker = await join(server, "hostile");
    let answered = 0;
    for (let sent = 0; sent < MANY; sent += AT_ONCE) {
      for (let count = 0; count < AT_ONCE; count += 1) attacker.raw(make());
      await eventually(() => attacker.frames.filter(isError).length >= sent + AT_ONCE);
    }
    await attacker.fence();
    for (const answer of attacker.frames) {
      if (answer.type !== "error") continue;
      answered += 1;
      if (answer.code !== code) throw new Error(`it got ${JSON.stringify(answer)}`);
    }
    expect(answered).toBe(MANY);
    await theRoomGoesOn();
    await attacker.close();
  });
});

describe("frames that are too large", () => {
  test.each([
    ["a byte more than 64 KiB", 65_537],
    ["a megabyte", 1_000_000],
    ["ten megabytes", 10_000_000],
  ])("%s: the socket is closed with 1009, and the room goes on", async (_, size) => {
    const attacker = await join(server, "hostile");
    attacker.raw(`{"type":"ping","ref":"${"x".repeat(size - 24)}"}`);
    expect((await attacker.closed).code).toBe(1009);
    await theRoomGoesOn();
  });

  test("in plain text and in binary too", async () => {
    for (const data of ["x".repeat(65_537), new Uint8Array(65_537)]) {
      const plain = await joinPlain(server, "hostile");
      plain.raw(data);
      expect((await plain.closed).code).toBe(1009);
    }
    await theRoomGoesOn();
  });

  test("a hundred of them at once, and the room goes on", async () => {
    const attackers = await Promise.all(
      Array.from({ length: 100 }, () => joinPlain(server, "hostile")),
    );
    for (const attacker of attackers) attacker.raw("x".repeat(100_000));
    const codes = await Promise.all(attackers.map(async ({ closed }) => (await closed).code));
    expect(new Set(codes)).toEqual(new Set([1009]));
    await theRoomGoesOn();
  });

  test("the largest that is not gets its answer", async () => {
    const ada = await join(server, "hostile");
    ada.raw(`{"type":"ping","ref":"${"x".repeat(65_000)}"}`);
    expect(await ada.next("error")).toMatchObject({ code: "invalid" });
    ada.say("😀".repeat(8_000));
    expect((await ada.next("message", ({ author }) => author.name === "")).text).toHaveLength(
      16_000,
    );
    await bystander.next("message", ({ text }) => text.length === 16_000);
    await ada.close();
  });
});

describe("bytes that are no WebSocket frames", () => {
  const text = clientFrame('{"type":"ping"}');
  const unmasked = Buffer.from(text);
  unmasked[1] = (unmasked[1] ?? 0) & 0x7f;
  test.each<[string, Uint8Array]>([
    ["invalid UTF-8", clientFrame(new Uint8Array([0xff, 0xfe, 0xc0]))],
    ["half a character", clientFrame(new Uint8Array([0xe4, 0xbd]))],
    ["an encoded surrogate", clientFrame(new Uint8Array([0xed, 0xa0, 0x80]))],
    ["an unknown opcode", clientFrame("x", 3)],
    ["reserved bits", Buffer.from([0xf1, ...clientFrame("x").subarray(1)])],
    ["a fragmented ping", Buffer.from([0x09, ...clientFrame("x").subarray(1)])],
    ["a continuation of nothing", clientFrame("x", 0)],
    ["a length of 2^63", Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ["no mask", unmasked],
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
  ])("%s: that socket ends, and the room goes on", async (_, bytes) => {
    const raw = await RawSocket.open(server, "hostile");
    raw.readOn();
    raw.write(bytes);
    await raw.closed;
    await theRoomGoesOn();
  });

  test("wild bytes, a thousand times: every socket ends or is answered, the room goes on", async () => {
    for (let round = 0; round < 1_000; round += 100) {
      const sockets = await Promise.all(
        Array.from({ length: 100 }, () => RawSocket.open(server, "hostile")),
      );
      for (const raw of sockets)
        raw.write(crypto.getRandomValues(new Uint8Array(upTo(random, 200))));
      await theRoomGoesOn();
      for (const raw of sockets) raw.end();
    }
  });

  test("half a frame, and then nothing, holds nobody up", async () => {
    const raw = await RawSocket.open(server, "hostile");
    raw.write(text.subarray(0, 7));
    await theRoomGoesOn();
    raw.end();
  });

  test("more than 64 KiB in small pieces is too large as well", async () => {
    const raw = await RawSocket.open(server, "hostile");
    raw.readOn();
    const piece = clientFrame("x".repeat(30_000), 0);
    const first = Buffer.from(clientFrame("x".repeat(30_000)));
    first[0] = 0x01;
    piece[0] = 0x00;
    raw.write(first);
    for (let count = 0; count < 5; count += 1) raw.write(piece);
    await raw.closed;
    await theRoomGoesOn();
  });
});

describe("wild room names", () => {
  test("ten thousand of them are 404 or a room, and the room goes on", async () => {
    const statuses = new Map<number, number>();
    for (let round = 0; round < MANY; round += 100) {
      const answers = Array.from({ length: 100 }, async () => {
        const name = encodeURIComponent(wildText(random, 40).toWellFormed());
        const { status, body } = await fetch(`${server.url}ws/${name}/`, { redirect: "manual" });
        await body?.cancel();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      await Promise.all(answers);
    }
    // 400: a room's name, but no upgrade was asked for.
    for (const status of statuses.keys()) expect([400, 404, 426]).toContain(status);
    expect(statuses.get(404)).toBeGreaterThan(MANY / 2);
    await theRoomGoesOn();
  });
});

function isError({ type }: { readonly type: string }): boolean {
  return type === "error";
}
