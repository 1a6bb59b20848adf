import { describe, expect, test } from "bun:test";
import type { InboxChange } from "../../../lib/model/inbox/inbox.ts";
import type { OpenStore } from "../../../lib/store/open.ts";
import { append, say } from "../suite.ts";

/** What every database under inboxes must do. */
export function inboxSuite(name: string, open: () => OpenStore): void {
  const newRoom = () => `room-${crypto.randomUUID().slice(0, 8)}`;
  const newPerson = () => crypto.randomUUID();
  const reader = (person: string) => ({ person, subjects: [`person:${person}`], now: 1_000 });
  const read = (person: string, since = 0) => open().records.inbox.read(reader(person), since);
  const change = (...changes: InboxChange[]) => open().records.inbox.change(changes);
  const follow = (person: string, room: string, name = "Bob", at = 0): InboxChange => ({
    ...{ kind: "follow", person, room, name, read: at, at: 1 },
  });

  describe(`inboxes on ${name}`, () => {
    test("count what others have said since a person read the room", async () => {
      const [room, bob] = [newRoom(), newPerson()];
      await append(open(), say(room, "1"), say(room, "2"), say(room, "3"));
      await append(open(), say(room, "own", "mine", { author: { id: bob, name: "Bob" } }));
      expect(await change(follow(bob, room, "Bob", 1))).toEqual(new Set([bob]));
      const { rooms } = await read(bob);
      expect(rooms).toMatchObject([
        { room, followed: true, read: 1, head: 4, unread: 2, mentions: 0, level: "mentions" },
      ]);
      expect(rooms[0]?.last).toMatchObject({ seq: 4, text: "mine", author: { id: bob } });
    });

    test("are read forwards only, but for what is marked as unread", async () => {
      const [room, bob] = [newRoom(), newPerson()];
      await append(open(), say(room, "1"), say(room, "2"), say(room, "3"));
      const at = (kind: "read" | "unread", seq: number) => ({ kind, person: bob, room, seq });
      await change(follow(bob, room), at("read", 3));
      expect(await change(at("read", 2))).toEqual(new Set());
      expect((await read(bob)).rooms[0]?.unread).toBe(0);
      await change(at("unread", 2));
      expect((await read(bob)).rooms[0]).toMatchObject({ read: 1, unread: 2 });
      expect(await open().records.inbox.readAll(bob)).toBe(true);
      expect(await open().records.inbox.readAll(bob)).toBe(false);
      expect((await read(bob)).rooms[0]).toMatchObject({ read: 3, unread: 0 });
    });

    test("tell what is different from a version", async () => {
      const [one, two, bob] = [newRoom(), newRoom(), newPerson()];
      await append(open(), say(one, "1"), say(two, "1"));
      await change(follow(bob, one, "Bob", 1), follow(bob, two, "Bob", 1));
      const { version } = await read(bob);
      expect((await read(bob, version)).rooms).toEqual([]);
      await append(open(), say(two, "2"));
      await change({ kind: "leave", person: bob, room: one });
      const since = await read(bob, version);
      expect(since.version).toBe(version + 1);
      expect(new Map(since.rooms.map(({ room, followed }) => [room, followed]))).toEqual(
        new Map([
          [one, false],
          [two, true],
        ]),
      );
      expect((await read(bob)).rooms.map(({ room }) => room)).toEqual([two]);
    });

    test("get each mention once, also where it is settled twice", async () => {
      const [room, bob] = [newRoom(), newPerson()];
      await append(open(), say(room, "1"), say(room, "2", "ask @bob"), say(room, "3"));
      await change({ kind: "leave", person: bob, room }, follow(bob, room), {
        ...{ kind: "leave", person: bob, room },
      });
      const { inbox } = open().records;
      expect(await inbox.called(room, ["bob", "bo"], 10)).toEqual([{ id: bob, name: "Bob" }]);
      const waiting = (await inbox.pendingMentions(1_000)).filter((each) => each.room === room);
      expect(waiting).toMatchObject([{ room, seq: 2, text: "ask @bob" }]);
      const found = waiting.map((message) => ({ message, person: { id: bob, name: "Bob" } }));
      expect(await inbox.settleMentions([], found)).toEqual(new Set([bob]));
      expect(await inbox.settleMentions(waiting, found)).toEqual(new Set());
      expect((await inbox.pendingMentions(1_000)).some((each) => each.room === room)).toBe(false);
      const { rooms, items } = await read(bob);
      expect(rooms).toMatchObject([{ room, mentions: 1 }]);
      expect(items).toMatchObject([
        { kind: "mention", room, seq: 2, done: false, text: "ask @bob" },
      ]);
      await change({ kind: "read", person: bob, room, seq: 2 });
      expect((await read(bob)).items).toMatchObject([{ done: true }]);
    });

    test("are made by whoever changes them first, and hold every change", async () => {
      const [room, bob] = [newRoom(), newPerson()];
      await append(open(), say(room, "1"));
      const people = Array.from({ length: 20 }, newPerson);
      const all = [...people, bob];
      await Promise.all(all.map((person) => change(follow(bob, room), follow(person, room))));
      for (const person of all) {
        expect((await read(person)).rooms).toMatchObject([{ room, followed: true, unread: 1 }]);
      }
    });

    test("of guests who were not here for long are forgotten, of accounts never", async () => {
      const [room, bob] = [newRoom(), newPerson()];
      const { inbox } = open().records;
      await change(follow(bob, room));
      await inbox.visited(bob, 10 ** 9);
      await inbox.forgetGuests(10 ** 9, 1_000);
      expect((await inbox.versions([bob])).has(bob)).toBe(true);
      await inbox.forgetGuests(10 ** 9 + 1, 1_000);
      expect((await inbox.versions([bob])).has(bob)).toBe(false);
      expect((await read(bob)).rooms).toEqual([]);
    });
  });
}
