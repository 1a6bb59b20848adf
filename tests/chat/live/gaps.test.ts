import { expect, test } from "bun:test";
import { Hub } from "../../../lib/chat/live/hub.ts";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import { memoryBroker } from "../../../lib/broker/memory.ts";
import { eventually } from "../../support/eventually.ts";

const author = { id: "a", name: "ada" };
const event = (seq: number): RoomEvent => {
  return { type: "deleted", seq, target: seq, author, at: 1 };
};

/** A room whose log is all there, and a node that is in it. */
async function opened() {
  const log = Array.from({ length: 1_000 }, (_, at) => event(at + 1));
  const delivered: number[] = [];
  const reads: string[] = [];
  const store = {
    head: async () => 0,
    heads: async () => new Map<string, number>(),
    async events(_: string, after: number, upTo: number, limit: number) {
      reads.push(`${after + 1} to ${upTo}`);
      return log.slice(after, Math.min(upTo, after + limit));
    },
  };
  const audience = {
    deliver: (_: string, events: readonly RoomEvent[]) =>
      void delivered.push(...events.map(({ seq }) => seq)),
    push: () => undefined,
  };
  const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
  const hub = new Hub(store, memoryBroker(), audience, observer);
  await hub.enter("room");
  const hear = (...seqs: number[]) => {
    for (const seq of seqs) hub.receive("room", { kind: "events", events: [event(seq)] });
  };
  const reach = async (seq: number) => {
    await eventually(() => delivered.at(-1) === seq);
    expect(delivered).toEqual(Array.from({ length: seq }, (_, at) => at + 1));
  };
  return { hear, reach, reads };
}

const even = (upTo: number) => Array.from({ length: upTo / 2 }, (_, at) => 2 * (at + 1));

test("many gaps are filled by one read: they may come faster than each could be", async () => {
  const { hear, reach, reads } = await opened();
  hear(...even(400));
  await reach(400);
  expect(reads).toEqual(["1 to 399"]);
});

test("what has come already is not read again where nothing before it is missing", async () => {
  const { hear, reach, reads } = await opened();
  hear(1, 2, 5, 6, 7);
  await reach(7);
  expect(reads).toEqual(["3 to 4"]);
});
