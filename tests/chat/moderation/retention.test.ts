import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { Committer } from "../../../lib/chat/messages/commit.ts";
import { Floods } from "../../../lib/chat/limits/floods.ts";
import { HandlerGate } from "../../../lib/chat/handlers/gate.ts";
import { Post } from "../../../lib/chat/messages/post.ts";
import { Retention } from "../../../lib/chat/messages/retention.ts";
import { SYSTEM } from "../../../lib/model/people/audit.ts";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import { type OpenStore, openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const DAY = 86_400_000;
const author = { id: "a".repeat(16), name: "" };
const observer = { log: () => undefined, count: () => undefined, time: () => undefined };

let folder: string;
let store: OpenStore;
let retention: Retention;
const published: RoomEvent[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openDatabase(null, folder);
  const publish = (_: string, events: readonly RoomEvent[]) => void published.push(...events);
  const committer = new Committer(store, publish, observer, Date.now, async () => undefined);
  const floods = new Floods(store.records, observer, Date.now, false, () => undefined);
  const perform = () => undefined;
  const handlers = new HandlerGate({
    host: null,
    store,
    files: store.files,
    perform,
    now: Date.now,
  });
  const post = new Post(committer, floods, observer, handlers);
  retention = new Retention(store.records, post, observer);
  for (const room of ["days", "count", "all"]) {
    const drafts = [1, 2, 3, 4].map((day) => {
      const base = { type: "message", room, author, id: `${day}` } as const;
      return { ...base, text: `secret ${day}`, at: day * DAY };
    });
    await store.append(drafts);
  }
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function keep(room: string, rules: { keepDays?: number; keepCount?: number }) {
  const nothing = { subject: "", subjectName: "", reason: "" };
  const entry = { at: 0, by: SYSTEM, action: "room.keep", room, ...nothing };
  await store.records.rooms.changeRoom(room, () => ({ rules }), entry);
}
const texts = async (room: string) =>
  (await store.before(room, 1_000, 10)).messages.map(({ text }) => text);

test("a room forgets what its rules no longer keep, as deletions everyone is told of", async () => {
  await keep("days", { keepDays: 2 });
  await keep("count", { keepCount: 1 });
  await keep("all", {});
  await retention.forget(5 * DAY);
  expect(await texts("days")).toEqual(["", "", "secret 3", "secret 4"]);
  expect(await texts("count")).toEqual(["", "", "", "secret 4"]);
  expect(await texts("all")).toEqual(["secret 1", "secret 2", "secret 3", "secret 4"]);
  expect(published.map(({ type }) => type)).toEqual(new Array(5).fill("deleted"));
  expect(published.filter((event) => event.type === "deleted").map((e) => e.target)).toEqual([
    1, 2, 3, 1, 2,
  ]);
});

test("forgetting again, when all of it is gone, writes nothing", async () => {
  const before = await store.head("count");
  await retention.forget(5 * DAY);
  expect(await store.head("count")).toBe(before);
});

test("what comes later is looked at when its time has come", async () => {
  await retention.forget(7 * DAY);
  expect(await texts("days")).toEqual(["", "", "", ""]);
  expect(await texts("count")).toEqual(["", "", "", "secret 4"]);
});

test("what someone wrote is found in every room, before and after a restart", async () => {
  const found = async () => await store.records.rooms.messagesOf(author.id, null, 100);
  const places = (await found()).map(({ room, seq }) => `${room} ${seq}`).sort();
  expect(places).toEqual(["all 1", "all 2", "all 3", "all 4", "count 4"]);
  expect(await store.records.rooms.messagesOf(author.id, "count", 100)).toHaveLength(1);
  await store.close();
  store = await openDatabase(null, folder);
  expect((await found()).map(({ room, seq }) => `${room} ${seq}`).sort()).toEqual(places);
  expect(await store.records.rooms.messagesOf("nobody", null, 100)).toEqual([]);
});
