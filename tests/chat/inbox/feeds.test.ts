import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { InboxFeeds } from "../../../lib/chat/inbox/feeds.ts";
import { AccessLookup } from "../../../lib/chat/moderation/access.ts";
import type { InboxFrame } from "../../../lib/model/wire/inbox.ts";
import { openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

describe("a busy room that a thousand people follow from elsewhere", () => {
  let folder: string;
  let store: Awaited<ReturnType<typeof openDatabase>>;
  beforeAll(async () => {
    folder = await temporaryFolder();
    store = await openDatabase(null, folder);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  test("costs one frame for all of them, and no query", async () => {
    const { inbox } = store.records;
    const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
    const now = () => 1;
    const pushed: string[] = [];
    let queries = 0;
    const counting = {
      ...inbox,
      read: (...asked: Parameters<typeof inbox.read>) => {
        queries += 1;
        return inbox.read(...asked);
      },
      readRooms: (...asked: Parameters<typeof inbox.readRooms>) => {
        queries += 1;
        return inbox.readRooms(...asked);
      },
    };
    const feeds = new InboxFeeds({
      ...{ inbox: counting, observer, now },
      accessLookup: new AccessLookup(store.records, now, () => undefined),
      audience: { pushHead: (room) => void pushed.push(room) },
    });
    const people = Array.from({ length: 1_000 }, (_, at) => `person${at}`);
    const about = { room: "busy", name: "", read: 0, at: 1 };
    await inbox.change(people.map((person) => ({ kind: "follow", person, ...about })));
    const frames: InboxFrame[] = [];
    const all = Promise.withResolvers<void>();
    for (const person of people) {
      const principal = { person: { id: person }, session: null, network: "192.0.2.1", key: null };
      const send = (frame: InboxFrame) => {
        if (frames.push(frame) === people.length) all.resolve();
      };
      feeds.open({ principal, send, listen: () => true, unlisten: () => undefined }, 0);
    }
    await all.promise;
    queries = 0;
    const author = { id: "ada", name: "Ada" };
    const last = { seq: 1, author, text: "hello", at: 1 };
    feeds.heads([{ room: "busy", head: 1, count: 1, last }]);
    feeds.heads([{ room: "nobody follows it", head: 1, count: 1, last }]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pushed).toEqual(["busy"]);
    expect(frames).toHaveLength(people.length);
    expect(queries).toBe(0);
  });
});
