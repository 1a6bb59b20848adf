import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { Refusal } from "../../lib/model/base/errors.ts";
import { type AuditEntry, SYSTEM } from "../../lib/model/people/audit.ts";
import type { Report } from "../../lib/model/reports.ts";
import type { RoomEvent } from "../../lib/model/wire/event.ts";
import { type OpenStore, openDatabase } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";
import { ada, append, say } from "./suite.ts";

const COVER = "covered";

function suite(name: string, open: () => Promise<{ store: OpenStore; end(): Promise<unknown> }>) {
  describe(`reports on ${name}`, () => {
    let store: OpenStore;
    let end: () => Promise<unknown>;
    beforeAll(async () => {
      ({ store, end } = await open());
    });
    afterAll(async () => {
      await store.close();
      await end();
    });

    const newRoom = () => `room-${crypto.randomUUID()}`;
    const entry = (action: string, room: string): AuditEntry => {
      return { at: 1, by: SYSTEM, action, room, subject: "", subjectName: "", reason: "" };
    };
    const change = (room: string, target: number) =>
      ({ room, author: SYSTEM, target, at: 9, anyone: true }) as const;

    function report(room: string, seq: number, by: string, source = by, sources = 3) {
      return store.records.reports.add(
        { room, seq, by: { id: by, name: by }, source, reason: "rude", at: 1 },
        {
          sources,
          draft: { type: "edited", ...change(room, seq), text: COVER, visibility: "hide" },
          entry: entry("report.hide", room),
        },
        entry("report", room),
      );
    }

    function settle(report: Report, state: "upheld" | "dismissed") {
      const { room, seq } = report;
      return store.records.reports.settle(
        report,
        state,
        state === "upheld"
          ? { type: "deleted", ...change(room, seq) }
          : { type: "edited", ...change(room, seq), text: "", visibility: "show" },
        entry(`report.${state}`, room),
      );
    }

    const opened = (room: string) => store.records.reports.list("open", room, 0, 1_000);
    const texts = async (room: string) =>
      (await store.before(room, 100_000, 1_000)).messages.map(({ text }) => text);
    const everything = async (room: string) =>
      JSON.stringify([
        await store.events(room, 0, 100_000, 100_000),
        await store.before(room, 1e6, 100),
      ]);
    const edit = (room: string, text: string) =>
      ({ type: "edited", room, author: ada, target: 1, at: 5, text, anyone: false }) as const;

    test("count once for each source, and the third hides the message with one event", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "100%_sure!", { html: "<b>100%</b>" }));
      expect(await report(room, 1, "one", "office")).toBeNull();
      expect(await report(room, 1, "one", "office")).toBeNull();
      expect(await report(room, 1, "two", "office")).toBeNull();
      expect(await report(room, 1, "three", "office")).toBeNull();
      expect(await report(room, 1, "four")).toBeNull();
      expect(await texts(room)).toEqual(["100%_sure!"]);
      expect(await report(room, 1, "five")).toMatchObject({ type: "edited", seq: 2, text: COVER });
      expect(await report(room, 1, "six")).toBeNull();
      expect(await texts(room)).toEqual([COVER]);
      expect(await opened(room)).toHaveLength(5);
      expect(await store.records.reports.list("open", "%_S", 0, 9)).not.toHaveLength(0);
      expect(await store.records.reports.list("open", "%%", 0, 9)).toHaveLength(0);
      expect((await report(room, 7, "one")) instanceof Refusal).toBe(true);
    });

    test("at the same moment hide the message once, and are settled once", async () => {
      const room = newRoom();
      await append(store, say(room, "a"));
      const people = ["one", "two", "three", "four", "five", "six"];
      const hidden = await Promise.all(people.map((each) => report(room, 1, each)));
      expect(hidden.filter((event) => event !== null)).toHaveLength(1);
      const [first] = await opened(room);
      if (!first) throw new Error("no report");
      const settled = await Promise.all([settle(first, "dismissed"), settle(first, "upheld")]);
      expect(settled.filter((result) => result instanceof Refusal)).toHaveLength(1);
      expect(await opened(room)).toEqual([]);
      expect(await store.head(room)).toBe(3);
    });

    test("dismissed bring the message back as it last was, with edits made while it was hidden", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "first"), edit(room, "second"));
      await report(room, 1, "mod", "mod", 1);
      const [event] = await append(store, { ...edit(room, "third"), html: "<i>third</i>" });
      expect(event).toMatchObject({ type: "edited", text: COVER });
      expect(event).not.toHaveProperty("html");
      expect(await everything(room)).not.toMatch(/first|second|third/);
      const [found] = await opened(room);
      expect(found).toMatchObject({ text: "second", present: "third" });
      if (!found) return;
      expect(await settle(found, "dismissed")).toMatchObject({
        type: "edited",
        text: "third",
        html: "<i>third</i>",
      });
      expect(await texts(room)).toEqual(["third"]);
      expect(await store.records.reports.list("dismissed", room, 0, 9)).toMatchObject([
        { present: "third" },
      ]);
    });

    test("that are open are found by their room, the newest first", async () => {
      const [room, other] = [newRoom(), newRoom()];
      await append(store, say(room, "a", "one"), say(room, "b", "two"), say(other, "a", "three"));
      for (const seq of [1, 2]) await report(room, seq, "reader");
      await report(other, 1, "reader");
      const { reports } = store.records;
      const found = await reports.openIn(room, 9);
      expect(found).toMatchObject([{ text: "two" }, { text: "one" }]);
      expect(await reports.openIn(room, 1)).toHaveLength(1);
      for (const each of found) await settle(each, "dismissed");
      expect(await reports.openIn(room, 9)).toEqual([]);
    });

    test("upheld delete the message, hidden or not, and show it to nobody on the way", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "secret"));
      await report(room, 1, "mod", "mod", 1);
      const [found] = await opened(room);
      if (!found) throw new Error("no report");
      expect(await settle(found, "upheld")).toMatchObject({ type: "deleted", seq: 3, target: 1 });
      expect(await everything(room)).not.toContain("secret");
      expect(await store.records.reports.list("upheld", room, 0, 9)).toMatchObject([
        { text: "", present: null },
      ]);
    });

    test("of 250 hidden messages every one can come back", async () => {
      const room = newRoom();
      const names = Array.from({ length: 250 }, (_, at) => `message ${at}`);
      await append(store, ...names.map((each) => say(room, each)));
      for (const at of names.keys()) await report(room, at + 1, "mod", "mod", 1);
      expect(new Set(await texts(room))).toEqual(new Set([COVER]));
      for (const each of await opened(room)) await settle(each, "dismissed");
      expect(await texts(room)).toEqual(names);
    });

    test("former texts are nowhere in the log, which keeps its numbers and converges", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "one"), edit(room, "two"), edit(room, "three"));
      const events = await store.events(room, 0, 100, 100);
      expect(events.map(({ seq, type }) => [seq, type])).toEqual([
        [1, "message"],
        [2, "edited"],
        [3, "edited"],
      ]);
      const shown = (event: RoomEvent) => ("text" in event ? event.text : null);
      expect(events.map(shown)).toEqual(["three", "three", "three"]);
      await report(room, 1, "mod", "mod", 1);
      expect((await store.events(room, 1, 100, 100)).map(shown)).toEqual([COVER, COVER, COVER]);
      const [found] = await opened(room);
      if (found) await settle(found, "dismissed");
      expect((await store.events(room, 1, 100, 100)).map(shown)).toEqual(Array(4).fill("three"));
    });

    test("a page of events counts the bytes of what its edits show", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "x"), edit(room, "y"), edit(room, "z".repeat(5_000)));
      expect(await store.events(room, 0, 100, 100, 11_000)).toHaveLength(2);
    });

    test("a hidden message is not found by its words; it is again when it has come back", async () => {
      const room = newRoom();
      await append(store, say(room, "a", "slanderous"));
      const find = async () => {
        while (await store.index(100));
        return (await store.search(room, "slanderous", 100, 9)).messages.length;
      };
      expect(await find()).toBe(1);
      await report(room, 1, "mod", "mod", 1);
      expect(await find()).toBe(0);
      const [found] = await opened(room);
      if (found) await settle(found, "dismissed");
      expect(await find()).toBe(1);
    });
  });
}

suite("SQLite", async () => {
  const folder = await temporaryFolder();
  const store = await openDatabase(null, folder);
  return { store, end: async () => rm(folder, { recursive: true }) };
});

if (await hasPostgres()) {
  suite("PostgreSQL", async () => {
    const database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    return { store, end: async () => database[Symbol.asyncDispose]() };
  });
}
