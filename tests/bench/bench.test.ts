import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { bare, type Contender, ours, ROOT } from "./parts/contenders.ts";
import { DIALECTS } from "./parts/dialects.ts";
import { clientFrame, readFrames, TEXT } from "./loads/frames.ts";
import { resumeFinding, welcomed } from "./loads/join.ts";
import { load } from "./parts/load.ts";
import { frameSize, seed } from "./parts/seed.ts";
import { geometricMean, median, percentile } from "./statistics.ts";

/** Never for time: only that what is counted is what happened. */
const US = ours([process.execPath, join(ROOT, "index.ts")]);
const TINY = { warmUpSeconds: 0.1, seconds: 0.2 };

async function tiny(contender: Contender, inFlight: number) {
  const { port, pid, stop } = await contender.start();
  const shape = { rooms: 2, people: 6, senders: 3, inFlight };
  return load({ ...shape, ...TINY, port, pid, dialect: contender.dialect }).finally(stop);
}

describe("a round of load", () => {
  for (const [name, contender] of [
    ["the bare server", bare(189)],
    ["the chat room", US],
  ] as const) {
    test(`with ${name}: every message reaches each person in its room once`, async () => {
      for (const inFlight of [1, 8]) {
        const { sent, expected, received, closed } = await tiny(contender, inFlight);
        expect(sent).toBeGreaterThan(6 * inFlight);
        expect(expected).toBe(sent * 6);
        expect(received).toBe(expected);
        expect(closed).toBe(0);
      }
    });
  }

  test("against nobody is a fault, not a figure of zero", async () => {
    const gone = await US.start();
    await gone.stop();
    const shape = { rooms: 1, people: 1, senders: 1, inFlight: 1 };
    const spec = { ...shape, ...TINY, port: gone.port, pid: process.pid, dialect: "chat" } as const;
    await expect(load(spec)).rejects.toThrow();
  });
});

test("the bare server's frames are as long as ours", async () => {
  const mine = await US.start();
  const size = await frameSize(mine.port).finally(mine.stop);
  const theirs = await bare(size).start();
  expect(await frameSize(theirs.port).finally(theirs.stop)).toBe(size + 5);
});

test("a seeded room holds every message, and a resume brings back what was missed", async () => {
  const { port, stop } = await US.start();
  try {
    await seed(port, "seeded", 300);
    const { welcome } = await welcomed(port, 0, "seeded");
    expect(welcome.seq).toBe(300);
    expect(welcome.messages?.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 50 }, (_, index) => 251 + index),
    );
    expect((await resumeFinding(port, "seeded", 120, 2)).numbers["ms"]).toBeGreaterThan(0);
  } finally {
    await stop();
  }
});

describe("counting without parsing", () => {
  const count = (text: string) => {
    const bytes = Buffer.from(text);
    return DIALECTS.chat.count(bytes, 0, bytes.length);
  };
  const message = (text: string) => ({ type: "message", seq: 1, text });

  test("takes single frames and arrays, and nothing but messages", () => {
    expect(count(JSON.stringify(message("hi")))).toBe(1);
    expect(count(JSON.stringify([message("a"), { type: "presence" }, message("b")]))).toBe(2);
    expect(count(JSON.stringify({ type: "presence", count: 3 }))).toBe(0);
    expect(count(JSON.stringify({ seq: 1, type: "message" }))).toBe(1);
  });

  test("is not fooled by a text that looks like a message", () => {
    expect(count(JSON.stringify([message('"type":"message"')]))).toBe(1);
  });
});

test("frames are found whole, wherever the reads are cut", () => {
  const frames = ["", "x".repeat(125), "y".repeat(126), "z".repeat(70_000)].map(serverFrame);
  const stream = Buffer.concat(frames);
  for (const cut of [1, 2, 3, 129, 130, 260, 300, stream.length - 1]) {
    const sizes: number[] = [];
    const take = (bytes: Buffer) =>
      bytes.subarray(readFrames(bytes, (_opcode, _bytes, start, end) => sizes.push(end - start)));
    const rest = take(stream.subarray(0, cut));
    expect(take(Buffer.concat([rest, stream.subarray(cut)])).length).toBe(0);
    expect(sizes).toEqual([0, 125, 126, 70_000]);
  }
});

test("a client's frame is masked and says its length", () => {
  expect([...clientFrame(TEXT, Buffer.from("hi"))]).toEqual([0x81, 0x82, 0, 0, 0, 0, 104, 105]);
  expect([...clientFrame(TEXT, Buffer.alloc(200)).subarray(0, 4)]).toEqual([0x81, 0xfe, 0, 200]);
});

test("medians, percentiles and means are what the words say", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(percentile([1, 2, 3, 4], 0.99)).toBe(4);
  expect(geometricMean([1, 4])).toBeCloseTo(2);
});

/** As a server writes one: not masked. */
function serverFrame(text: string): Buffer {
  const { length } = text;
  const header =
    length < 126
      ? [0x81, length]
      : length < 0x10000
        ? [0x81, 126, length >> 8, length & 255]
        : [0x81, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from(header), Buffer.from(text)]);
}
