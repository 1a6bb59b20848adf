import { describe, expect, test } from "bun:test";
import type { Signal } from "../../../lib/model/wire/broker.ts";
import { decodeParcel, encodeParcel } from "../../../lib/model/wire/signal.ts";

const person = { id: "ada", name: "阿达" };
const message = { type: "message", seq: 1, id: "a", author: person, text: "hi", at: 5 } as const;
const good: Signal[] = [
  {
    kind: "events",
    events: [message, { type: "deleted", seq: 2, target: 1, author: person, at: 6 }],
  },
  { kind: "wake", seq: 9 },
  { kind: "ephemeral", frame: { type: "read", person, seq: 1 } },
  {
    kind: "here",
    node: "n",
    at: 7,
    total: 1,
    people: [person],
  },
  { kind: "gone", node: "n", at: 7, ids: ["ada"] },
  { kind: "who", node: "n" },
  { kind: "names" },
];
const decoded = (signals: unknown[], room = "room") =>
  decodeParcel(JSON.stringify({ from: "n", room, signals }))?.signals;

describe("what comes from another node", () => {
  test("is read as it was written", () => {
    const parcel = { from: "n", room: "房间", signals: good };
    expect(decodeParcel(encodeParcel(parcel))).toEqual(parcel);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    "7",
    '{"from":"n","room":"room"}',
    '{"from":1,"room":"r","signals":[]}',
  ])("is nothing where it is no parcel: %s", (text) => expect(decodeParcel(text)).toBeNull());

  test("is nothing where the room is no room", () => {
    for (const room of ["", "a b", "Ａ", "x".repeat(65)]) expect(decoded([], room)).toBeUndefined();
  });

  test("loses fields nobody knows, and keeps the rest", () => {
    const extra = {
      ...message,
      __proto__: null,
      script: "<script>",
      deleted: true,
      reactions: { x: [] },
    };
    expect(decoded([{ kind: "events", events: [extra], more: 1 }])).toEqual([
      { kind: "events", events: [message] },
    ]);
  });

  test("takes the news that reports or roles of a room have changed", () => {
    const news = (["reports", "roles"] as const).map((action) => {
      return { kind: "control", control: { action } } as const;
    });
    expect(decoded(news)).toEqual(news);
  });

  test("passes over a signal of a newer version, and takes the others", () => {
    expect(decoded([{ kind: "dance" }, ...good])).toEqual(good);
  });

  test("takes what an older node says, which says more of people and does not number it", () => {
    const older: object = { kind: "here", node: "n", people: [{ ...person, since: 7 }] };
    expect(decoded([older])).toEqual([
      {
        kind: "here",
        node: "n",
        at: 0,
        people: [person],
      },
    ]);
  });

  const bad: [string, unknown][] = [
    ["no events", { kind: "events", events: [] }],
    ["a gap between events", { kind: "events", events: [message, { ...message, seq: 3 }] }],
    ["a seq that is no number", { kind: "events", events: [{ ...message, seq: "1" }] }],
    ["a seq of zero", { kind: "wake", seq: 0 }],
    ["a fraction", { kind: "wake", seq: 1.5 }],
    ["a text that is none", { kind: "events", events: [{ ...message, text: { toString: 1 } }] }],
    ["an author without a name", { kind: "events", events: [{ ...message, author: { id: "x" } }] }],
    ["markup that is no text", { kind: "events", events: [{ ...message, html: ["<b>"] }] }],
    ["files that are no list", { kind: "events", events: [{ ...message, files: "f" }] }],
    [
      "a reaction that is neither on nor off",
      {
        kind: "events",
        events: [{ type: "reacted", seq: 1, target: 1, author: person, at: 1, emoji: "x", on: 1 }],
      },
    ],
    ["another event", { kind: "events", events: [{ ...message, type: "welcome" }] }],
    ["another passing frame", { kind: "ephemeral", frame: { type: "presence", person } }],
    ["people that are none", { kind: "here", node: "n", at: 7, people: ["ada"] }],
    ["a node that is none", { kind: "who", node: 1 }],
  ];
  test.each(bad)("passes over %s", (_, signal) => expect(decoded([signal])).toEqual([]));
});
