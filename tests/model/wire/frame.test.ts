import { describe, expect, test } from "bun:test";
import { Refusal } from "../../../lib/model/base/errors.ts";
import type { BadFrame, ClientFrame } from "../../../lib/model/wire/frame.ts";
import { decodeFrames } from "../../../lib/model/wire/frame.ts";
import { pick, seeded, upTo, wildText } from "../../support/random.ts";

function decode(frame: unknown): ClientFrame | BadFrame {
  const [first, ...rest] = decodeFrames(JSON.stringify(frame));
  expect(rest).toEqual([]);
  if (first === undefined) throw new Error("decoded to nothing");
  return first;
}

function expectRefused(frame: ClientFrame | BadFrame | undefined, code = "invalid"): BadFrame {
  if (frame === undefined || !("refusal" in frame)) throw new Error("it was let through");
  expect(frame.refusal).toBeInstanceOf(Refusal);
  expect(frame.refusal.code).toBe(code as "invalid");
  return frame;
}

const send = { type: "send", id: "1", text: "hello" } as const;

describe("a good frame", () => {
  test.each<[ClientFrame]>([
    [send],
    [{ ...send, text: "" }],
    [{ ...send, replyTo: 7 }],
    [{ ...send, files: ["a", "b"], replyTo: 1 }],
    [{ ...send, ref: "r" }],
    [{ ...send, ref: "" }],
    [{ ...send, id: "x".repeat(64), ref: "y".repeat(64) }],
    [{ ...send, id: "😀".repeat(64), ref: "😀".repeat(64) }],
    [{ type: "edit", seq: 3, text: "new" }],
    [{ type: "delete", seq: Number.MAX_SAFE_INTEGER }],
    [{ type: "react", seq: 1, emoji: "👍", on: true }],
    [{ type: "react", seq: 1, emoji: "👍🏽", on: false }],
    [{ type: "react", seq: 1, emoji: "👨‍👩‍👧‍👦", on: true }],
    [{ type: "react", seq: 1, emoji: "❤", on: true }],
    [{ type: "react", seq: 1, emoji: "❤️", on: true }],
    [{ type: "react", seq: 1, emoji: "🇨🇳", on: true }],
    [{ type: "react", seq: 1, emoji: "1️⃣", on: true }],
    [{ type: "history", before: 1, limit: 1 }],
    [{ type: "history", before: 10, limit: 100, ref: "h" }],
    [{ type: "typing" }],
    [{ type: "read", seq: 9 }],
    [{ type: "ping" }],
    [{ type: "ping", ref: "p" }],
  ])("is what was sent: %j", (frame) => {
    expect(decode(frame)).toEqual(frame);
  });

  test("loses the fields that are not known", () => {
    const more = { ...send, author: { id: "someone else" }, seq: 99, at: 0, on: true };
    expect(decode(more)).toEqual(send);
    expect(decode({ type: "ping", text: "x" })).toEqual({ type: "ping" });
  });
});

describe("a bad frame", () => {
  test.each([
    [""],
    ["hello"],
    ["{"],
    ["{'type':'ping'}"],
    ['{"type":"ping"}{"type":"ping"}'],
    ["undefined"],
    ["NaN"],
    ["\0"],
    ["\ud800"],
    ["[".repeat(60_000)],
    [`{"type":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
    ["null"],
    ["1"],
    ["true"],
    ['"ping"'],
    ["[]"],
    ["{}"],
    ["[[]]"],
    ["[null]"],
  ])("that is no object of ours is refused: %j", (data) => {
    const decoded = decodeFrames(data);
    expect(decoded).toHaveLength(1);
    expectRefused(decoded[0]);
  });

  test.each([
    [{ type: "unknown" }],
    [{ type: "Send", id: "1", text: "x" }],
    [{ type: "welcome" }],
    [{ type: "message", seq: 1 }],
    [{ type: 1 }],
    [{ type: null }],
    [{ type: ["send"], id: "1", text: "x" }],
    [{ type: "constructor" }],
    [{ type: "__proto__" }],
    [{ type: "toString" }],
    [{ type: "send", text: "x" }],
    [{ type: "send", id: "", text: "x" }],
    [{ type: "send", id: 1, text: "x" }],
    [{ type: "send", id: "x".repeat(65), text: "x" }],
    [{ type: "send", id: "a\0", text: "x" }],
    [{ type: "send", id: "a\ud800", text: "x" }],
    [{ type: "send", id: "1" }],
    [{ type: "send", id: "1", text: null }],
    [{ type: "send", id: "1", text: ["x"] }],
    [{ type: "send", id: "1", text: { toString: "x" } }],
    [{ ...send, replyTo: 0 }],
    [{ ...send, replyTo: -1 }],
    [{ ...send, replyTo: 1.5 }],
    [{ ...send, replyTo: "1" }],
    [{ ...send, replyTo: null }],
    [{ ...send, replyTo: 2 ** 53 }],
    [{ ...send, files: "a" }],
    [{ ...send, files: [1] }],
    [{ ...send, files: [""] }],
    [{ ...send, files: Array(11).fill("a") }],
    [{ ...send, files: { length: 1, 0: "a" } }],
    [{ type: "edit", text: "x" }],
    [{ type: "edit", seq: 1 }],
    [{ type: "edit", seq: "1", text: "x" }],
    [{ type: "delete" }],
    [{ type: "delete", seq: 0 }],
    [{ type: "react", seq: 1, emoji: "👍" }],
    [{ type: "react", seq: 1, emoji: "👍", on: 1 }],
    [{ type: "react", seq: 1, emoji: "", on: true }],
    [{ type: "react", seq: 1, emoji: "👍👍", on: true }],
    [{ type: "react", seq: 1, emoji: "lol", on: true }],
    [{ type: "react", seq: 1, emoji: "1", on: true }],
    [{ type: "react", seq: 1, emoji: "<b>", on: true }],
    [{ type: "react", seq: 1, emoji: "\ud83d", on: true }],
    [{ type: "react", seq: 1, emoji: "👨\u200d".repeat(200), on: true }],
    [{ type: "history", before: 1 }],
    [{ type: "history", before: 0, limit: 1 }],
    [{ type: "history", before: 1, limit: 0 }],
    [{ type: "history", before: 1, limit: 101 }],
    [{ type: "history", before: 1, limit: 1.5 }],
    [{ type: "read" }],
    [{ type: "read", seq: -3 }],
    [{ type: "ping", ref: 1 }],
    [{ type: "ping", ref: "x".repeat(65) }],
    [{ type: "ping", ref: null }],
    [{ type: "ping", ref: {} }],
  ])("is refused: %j", (frame) => {
    expectRefused(decode(frame));
  });

  test("is answered with the client's ref and its message's id", () => {
    const refused = expectRefused(decode({ type: "send", id: "mine", ref: "r", text: 1 }));
    expect(refused).toMatchObject({ id: "mine", ref: "r" });
  });

  test("keeps its message's id where only the ref is bad", () => {
    const refused = expectRefused(decode({ ...send, id: "mine", ref: 7 }));
    expect(refused.id).toBe("mine");
    expect(refused).not.toHaveProperty("ref");
  });

  test("never gets back a ref or an id that is bad itself", () => {
    const refused = expectRefused(decode({ type: "send", id: { a: 1 }, ref: "r", text: 1 }));
    expect(refused).not.toHaveProperty("id");
  });

  test("is never repeated in the answer", () => {
    for (const data of ["<script>", '{"type":"<script>"}', '{"type":"send","id":"<script>"}']) {
      const { params } = expectRefused(decodeFrames(data)[0]).refusal;
      expect(JSON.stringify(params)).not.toContain("<script>");
    }
  });

  test("whose fields would reach for the prototype does not", () => {
    const data = '{"__proto__":{"type":"ping"},"constructor":{"prototype":{"polluted":1}}}';
    expectRefused(decodeFrames(data)[0]);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("an array of frames", () => {
  test("is each of them, in order, good or bad by itself", () => {
    const decoded = decodeFrames(JSON.stringify([send, { type: "no" }, { type: "ping" }, 3]));
    expect(decoded).toHaveLength(4);
    expect(decoded[0]).toEqual(send);
    expectRefused(decoded[1]);
    expect(decoded[2]).toEqual({ type: "ping" });
    expectRefused(decoded[3]);
  });

  test("holds at most 64", () => {
    const pings = (count: number) => JSON.stringify(Array(count).fill({ type: "ping" }));
    expect(decodeFrames(pings(64))).toHaveLength(64);
    const refused = decodeFrames(pings(65));
    expect(refused).toHaveLength(1);
    expectRefused(refused[0]);
  });
});

test("whatever comes in, each frame is decoded to something checked, and nothing throws", () => {
  const random = seeded(6);
  const types = ["send", "edit", "delete", "react", "history", "typing", "read", "ping", "x"];
  const values = [
    () => null,
    () => true,
    () => upTo(random, 200),
    () => -random() * 1e20,
    () => wildText(random, 80),
    () => [wildText(random, 3)],
    () => ({ type: "send" }),
    () => "👍",
  ];
  let good = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const frame: Record<string, unknown> = { type: pick(random, types) };
    for (const field of ["id", "text", "ref", "seq", "emoji", "on", "before", "limit", "files"]) {
      if (random() < 0.4) frame[field] = pick(random, values)();
    }
    const decoded = decode(frame);
    if ("refusal" in decoded) {
      expectRefused(decoded);
      continue;
    }
    good += 1;
    expect(frame).toMatchObject(decoded);
  }
  expect(good).toBeGreaterThan(1_000);
});
