import { expect, test } from "bun:test";
import { takeBatch } from "../../../lib/chat/messages/batch.ts";
import type { Draft } from "../../../lib/model/store.ts";

let ids = 0;
const from = (network: string, text: string) => {
  const id = `${(ids += 1)}`;
  const author = { id: network, name: network };
  const draft: Draft = { type: "message", room: "room", id, author, text, at: 1 };
  return { draft, network };
};

test("what waits is one batch, in its order", () => {
  const waiting = Array.from({ length: 1_000 }, (_, at) => from(`${at % 7}`, "some words"));
  expect(takeBatch(waiting)).toEqual([waiting, []]);
});

test("where it is too much, a network that sends little is in the next batch", () => {
  const flood = Array.from({ length: 1_000 }, () => from("flood", "x".repeat(8_000)));
  const little = from("little", "hello");
  const [batch, left] = takeBatch([...flood, little]);
  expect(batch).toContain(little);
  expect(batch.length).toBeLessThan(100);
  expect(batch.filter((each) => each !== little)).toEqual(flood.slice(0, batch.length - 1));
  expect(left).toEqual(flood.slice(batch.length - 1));
});

test("a draft that is larger than a batch goes by itself", () => {
  const large = from("large", "x".repeat(1_000_000));
  const [batch, left] = takeBatch([large, from("large", "next")]);
  expect(batch).toEqual([large]);
  expect(left).toHaveLength(1);
});
