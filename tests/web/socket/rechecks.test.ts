import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { MemoryNameLeases } from "../../../lib/chat/live/memory-name-leases.ts";
import { NameRegistry } from "../../../lib/chat/live/name-registry.ts";
import { Floods } from "../../../lib/chat/limits/floods.ts";
import { AccessLookup } from "../../../lib/chat/moderation/access.ts";
import { SYSTEM } from "../../../lib/model/people/audit.ts";
import type { RoomRules } from "../../../lib/model/rooms/rules.ts";
import { type OpenStore, openDatabase } from "../../../lib/store/open.ts";
import { AccessEnforcement, type Stream } from "../../../lib/web/socket/access.ts";
import { Connection } from "../../../lib/web/socket/connection.ts";
import { Directory, SocketDirectory } from "../../../lib/web/socket/directory.ts";
import { join } from "../../support/people/client.ts";
import { administrator, type Visitor, visitor } from "../../support/people/people.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";

describe("a change is read again for those it concerns", () => {
  const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
  const now = () => 1;
  let folder: string;
  let store: OpenStore;
  beforeAll(async () => {
    folder = await temporaryFolder();
    store = await openDatabase(null, folder);
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Ten people with a socket and a stream each, in two rooms, from five networks; counts what is read. */
  function crowd() {
    const { records } = store;
    let reads = 0;
    const accessLookup = new AccessLookup(records, now, () => void (reads += 1));
    const directory = new SocketDirectory();
    const streams = new Directory<Stream>();
    const leases = new MemoryNameLeases(records.accounts);
    const names = new NameRegistry({ leases, broadcast: () => undefined, observer });
    const floods = new Floods(records, observer, now, false, () => undefined);
    const news = { tell: async () => undefined };
    const deps = { accessLookup, observer, now, floods, names, store, directory, news };
    const enforcement = new AccessEnforcement(deps, streams);
    const server = { publish: () => 0, subscriberCount: () => 0 };
    for (let at = 0; at < 10; at += 1) {
      const where = { room: `room${at % 2}`, person: `person${at}`, network: `192.0.2.${at % 5}` };
      const as = {
        name: "",
        json: true,
        cursor: null,
        recent: 0,
        key: null,
        inbox: null,
        session: null,
      } as const;
      directory.add(
        new Connection({ ...where, ...as, language: "en", base: "" }, server, now, () => undefined),
      );
      streams.add({ ...where, recheck: async () => void (reads += 1), close: () => undefined });
    }
    return {
      async readFor(room: string, subjects: readonly string[]) {
        reads = 0;
        await enforcement.receive(room, { action: "recheck", subjects });
        return reads;
      },
      /** What is read when the rules of a room become these, and the topic each socket there has then. */
      async change(room: string, rules: Partial<RoomRules>) {
        for (const connection of directory) await enforcement.admit(connection);
        const entry = { at: 1, by: SYSTEM, action: "room.topic", room, subject: "", reason: "" };
        await records.rooms.changeRoom(room, () => ({ rules }), { ...entry, subjectName: "" });
        reads = 0;
        await enforcement.receive(room, { action: "rules" });
        return { reads, topics: directory.of(room).map(({ access }) => access.rules.topic) };
      },
    };
  }

  test("one person", async () => {
    expect(await crowd().readFor("*", ["person:person3"])).toBe(2);
  });

  test("one network", async () => {
    expect(await crowd().readFor("*", ["place:192.0.2.3"])).toBe(4);
  });

  test("someone named twice, once", async () => {
    expect(await crowd().readFor("*", ["person:person3", "place:192.0.2.3"])).toBe(4);
  });

  test("those of its room", async () => {
    expect(await crowd().readFor("room1", ["place:192.0.2.3"])).toBe(2);
    expect(await crowd().readFor("room0", ["person:person3"])).toBe(0);
  });

  test("the rules of an open room, once for all of its sockets", async () => {
    const { reads, topics } = await crowd().change("room0", { topic: "Once" });
    // Beside the five streams, which read for themselves.
    expect(reads).toBe(1 + 5);
    expect(topics).toEqual(["Once", "Once", "Once", "Once", "Once"]);
  });

  test("those of a room that is closed, for each of its sockets", async () => {
    const { reads, topics } = await crowd().change("room1", { kind: "members", topic: "Each" });
    expect(reads).toBe(1 + 5 + 5);
    expect(topics).toEqual(["Each", "Each", "Each", "Each", "Each"]);
  });
});

describe("an event stream", () => {
  let server: Server;
  let boss: Visitor;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off", "--trust-proxy", "127.0.0.0/8"] });
    boss = await administrator(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** A reader's stream: whether it is still open, and what it brought. */
  async function follow(room: string, forwarded: string) {
    const someone = await visitor(server, { "x-forwarded-for": forwarded });
    const response = await fetch(new URL(`api/v1/rooms/${room}/events`, server.url), {
      headers: { cookie: someone.cookie, "x-forwarded-for": forwarded },
    });
    const stream = { text: "", ended: Promise.resolve() };
    const read = async () => {
      for await (const bytes of response.body ?? []) stream.text += new TextDecoder().decode(bytes);
    };
    stream.ended = read();
    return Object.assign(stream, { someone });
  }

  async function order(mod: Awaited<ReturnType<typeof join>>, text: string): Promise<void> {
    const id = mod.say(text);
    await mod.next("notice", (notice) => notice.id === id);
  }

  test("stays open over what is done to others, and ends with its reader's right to be there", async () => {
    const mod = await join(server, "streams", { cookie: boss.cookie });
    const pest = await join(server, "streams", { name: "Pest", forwarded: "198.51.100.1" });
    const stream = await follow("streams", "198.51.100.2");
    await order(mod, "/mute Pest");
    await order(mod, "/topic Still here");
    await mod.post("after the mute");
    while (!stream.text.includes("after the mute")) {
      const isOver = await Promise.race([stream.ended.then(() => true), Bun.sleep(20)]);
      if (isOver) throw new Error(`it ended: ${stream.text}`);
    }
    await boss.submit("admin/bans", "admin/bans", { verb: "ban", subject: "198.51.100.2" });
    await stream.ended;
    for (const client of [mod, pest]) await client.close();
  });
});
