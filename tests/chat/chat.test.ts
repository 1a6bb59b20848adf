import { MemoryNameLeases } from "../../lib/chat/live/memory-name-leases.ts";
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { memoryBroker } from "../../lib/broker/memory.ts";
import { type Chat, createChat } from "../../lib/chat/chat.ts";
import type { RightsListener } from "../../lib/chat/moderation/watch.ts";
import { type Control, EVERYWHERE } from "../../lib/model/wire/control.ts";
import { FLOODS_SETTING } from "../../lib/chat/limits/floods.ts";
import { DEFAULT_FLOODS } from "../../lib/model/rooms/floods.ts";
import { DEFAULT_LIMITS } from "../../lib/model/wire/limits.ts";
import { type OpenStore, openDatabase } from "../../lib/store/open.ts";
import { SocketDirectory } from "../../lib/web/socket/directory.ts";
import { temporaryFolder } from "../support/servers/server.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
const author = { id: "a".repeat(16), name: "Ada" };

let folder: string;
let store: OpenStore;
let chat: Chat;
const heard: string[] = [];
const controls: [room: string, control: Control][] = [];
/** What a name that is claimed leads to, which takes as long as the test wants. */
const slowEffect = Promise.withResolvers<void>();
const rights: RightsListener = {
  async receive(room, control) {
    controls.push([room, control]);
    if (control.action === "name") await slowEffect.promise;
  },
};

/** A chat that nobody is connected to: its audience is a list of what was delivered. */
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openDatabase(null, folder);
  await store.saveSetting(FLOODS_SETTING, JSON.stringify({ ...DEFAULT_FLOODS, strikes: 7 }));
  chat = createChat({
    push: { key: "", hosts: [] },
    queued: () => undefined,
    ...{ store, records: store.records, files: store.files, broker: memoryBroker(), observer },
    audience: {
      deliver: (room, events) => void heard.push(...events.map(({ seq }) => `${room} ${seq}`)),
      push: () => undefined,
      pushHead: () => undefined,
    },
    leases: new MemoryNameLeases(store.records.accounts),
    ...{
      handlers: null,
      directory: new SocketDirectory(),
      limits: DEFAULT_LIMITS,
      isLimited: true,
    },
    pictures: ["false"],
    uploadTotal: 0,
    now: () => 1_000,
    elapsed: () => performance.now(),
    newId: () => crypto.randomUUID(),
  });
  await chat.start(rights);
});
afterEach(() => {
  heard.length = 0;
  controls.length = 0;
});
afterAll(async () => {
  await chat.stop();
  await store.close();
  await rm(folder, { recursive: true });
});

const say = (room: string, id: string) =>
  chat.messages.post.postAuthorized({ type: "message", room, id, author, text: "said", at: 1_000 });

test("what is posted is delivered to the audience of an open room, and of no other", async () => {
  await chat.live.hub.enter("open");
  await say("open", "1");
  await say("closed", "1");
  await say("open", "2");
  expect(heard).toEqual(["open 1", "open 2"]);
  chat.live.hub.leave("open");
});

test("a change of rights reaches the listener the chat was started with", async () => {
  const sanction = { action: "recheck", subjects: ["person-1"] } as const;
  chat.moderation.broadcast(EVERYWHERE, sanction);
  expect(controls).toEqual([[EVERYWHERE, sanction]]);
});

test("the settings an administrator left hold from the start", () => {
  expect(chat.limits.floods.settings.strikes).toBe(7);
});

test("when it has drained, everything posted before is on disk", async () => {
  void say("drained", "1");
  await chat.drain();
  expect(await store.head("drained")).toBe(1);
});

test("a broadcast waits for what it led to on this node, and for nothing else", async () => {
  const { broadcast } = chat.moderation;
  let holds = false;
  const slow = broadcast(EVERYWHERE, { action: "name", name: "Ada", owner: "a" }).then(() => {
    holds = true;
  });
  await broadcast(EVERYWHERE, { action: "recheck", subjects: ["person:b"] });
  expect(holds).toBe(false);
  slowEffect.resolve();
  await slow;
});
