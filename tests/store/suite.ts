import { describe, expect, test } from "bun:test";
import { Refusal } from "../../lib/model/base/errors.ts";
import type { RoomEvent } from "../../lib/model/wire/event.ts";
import type { Appended, Draft, MessageDraft, Store } from "../../lib/model/store.ts";

export const ada = { id: "ada", name: "阿达" };
export const bob = { id: "bob", name: "Bob" };

export function say(
  room: string,
  id: string,
  text = id,
  more: Partial<MessageDraft> = {},
): MessageDraft {
  return { type: "message", room, id, author: ada, text, at: 1_700_000_000_000, ...more };
}

export function stored(result: Appended | Refusal | undefined): Appended {
  if (!result || result instanceof Refusal) throw new Error(`refused: ${result?.key}`);
  return result;
}

export async function append(store: Store, ...drafts: Draft[]): Promise<RoomEvent[]> {
  return (await store.append(drafts)).map((result) => stored(result).event);
}

const code = (result: Appended | Refusal | undefined) =>
  result instanceof Refusal ? result.code : "stored";
const seqs = (results: readonly (Appended | Refusal)[]) =>
  results.map((result) => (result instanceof Refusal ? result.code : result.event.seq));
const all = (store: Store, room: string) => store.events(room, 0, 1_000_000, 1_000_000);

/** What every database under the store must do. `store` gives one that lives as long as the tests. */
export function storeSuite(name: string, store: () => Store): void {
  const newRoom = () => `room-${crypto.randomUUID()}`;
  const target = { author: ada, at: 5 };

  describe(`the store on ${name}`, () => {
    test("numbers the events of a room 1, 2, 3 …, and each room by itself", async () => {
      const [one, two] = [newRoom(), newRoom()];
      const drafts = [say(one, "a"), say(two, "a"), say(one, "b"), say(two, "b"), say(one, "c")];
      expect(seqs(await store().append(drafts))).toEqual([1, 1, 2, 2, 3]);
      expect(await store().head(one)).toBe(3);
      expect(await store().head(newRoom())).toBe(0);
    });

    test("finds messages by their words, also after an edit, not after a deletion", async () => {
      const [room, other] = [newRoom(), newRoom()];
      const texts = [
        "这可能是真的",
        "Hello wörld's 'end'",
        "hello and the rest",
        "x1y2 3d 1e5 a@b.de",
      ];
      await store().append(texts.map((text, at) => say(room, `${at}`, text)));
      await append(store(), say(other, "1", "hello"));
      const find = async (question: string, before = 1_000, limit = 10) => {
        while (await store().index(3));
        const page = await store().search(room, question, before, limit);
        return page.messages.map(({ seq }) => seq);
      };
      expect(await find("可能")).toEqual([1]);
      expect(await find("真")).toEqual([1]);
      expect(await find("能可")).toEqual([]);
      expect(await find("hel")).toEqual([2, 3]);
      expect(await find("rest hello")).toEqual([3]);
      expect(await find('"hello and"')).toEqual([3]);
      expect(await find("1e5 3D a@b")).toEqual([4]);
      expect(await find("hello", 3)).toEqual([2]);
      expect(await find("hello", 1_000, 1)).toEqual([3]);
      for (const hostile of ["'", '"', "a'b | c", "room:r1", ":*", "!a & (", "\\"])
        await find(hostile);
      await append(store(), {
        ...target,
        type: "edited",
        room,
        target: 3,
        text: "换了",
        anyone: false,
      });
      expect(await find("hello")).toEqual([2]);
      expect(await find("换")).toEqual([3]);
      await append(store(), { ...target, type: "deleted", room, target: 3, anyone: false });
      expect(await find("换")).toEqual([]);
    });

    test("gives back every text as it was", async () => {
      const room = newRoom();
      const texts = [
        "'; DROP TABLE events; --",
        '"\\u0041\\',
        "多行\n\r\t👩‍👩‍👧",
        "e\u0301",
        "?1 $1 %s",
        "\u007f\u0001",
      ];
      const html = "<b>&amp;</b>";
      const drafts = texts.map((text, at) =>
        say(room, `${at}`, text, { html, author: { id: text, name: text } }),
      );
      const events = await append(store(), ...drafts);
      expect(events.map((event) => event.type === "message" && event.text)).toEqual(texts);
      expect(await all(store(), room)).toEqual(events);
    });

    test("stores an id of one author in a room once, in one batch and in later ones", async () => {
      const room = newRoom();
      const first = await store().append([say(room, "a", "first"), say(room, "a", "second")]);
      const later = await store().append([say(room, "a", "third"), say(room, "b")]);
      const results = [...first, ...later].map(stored);
      expect(results.map(({ again }) => again)).toEqual([false, true, true, false]);
      expect(results.map(({ event }) => event.seq)).toEqual([1, 1, 1, 2]);
      expect(results[2]?.event).toMatchObject({ text: "first" });
    });

    test("lets another author, and another room, use the same id", async () => {
      const [room, other] = [newRoom(), newRoom()];
      const drafts = [say(room, "a"), say(room, "a", "bob's", { author: bob }), say(other, "a")];
      expect(seqs(await store().append(drafts))).toEqual([1, 2, 1]);
    });

    test("numbers without gap or repeat what is appended at the same time", async () => {
      const rooms = [newRoom(), newRoom(), newRoom()];
      const batch = (writer: number) =>
        rooms.flatMap((room) =>
          Array.from({ length: 20 }, (_, at) => say(room, `${writer}-${at}`)),
        );
      await Promise.all(Array.from({ length: 8 }, (_, writer) => store().append(batch(writer))));
      for (const room of rooms) {
        const events = await all(store(), room);
        expect(events.map(({ seq }) => seq)).toEqual(
          Array.from({ length: 160 }, (_, at) => at + 1),
        );
      }
    });

    test("a refused draft takes no number and does not disturb the others", async () => {
      const room = newRoom();
      const results = await store().append([
        say(room, "a"),
        { type: "edited", room, ...target, target: 9, text: "x", anyone: false },
        say(room, "b", "an answer to nothing", { replyTo: 77 }),
        { type: "edited", room, at: 1, author: bob, target: 1, text: "not mine", anyone: false },
        say(room, "c", "an answer", { replyTo: 1 }),
      ]);
      expect(results.map(code)).toEqual([
        "stored",
        "not_found",
        "not_found",
        "not_allowed",
        "stored",
      ]);
      expect(seqs(results).at(-1)).toBe(2);
    });

    test("a change of a room that does not exist makes none", async () => {
      const room = newRoom();
      const results = await store().append([
        { type: "deleted", room, ...target, target: 1, anyone: true },
      ]);
      expect(results.map(code)).toEqual(["not_found"]);
      expect((await store().heads([room])).size).toBe(0);
    });

    test("an edit is an event, and changes the message as it now stands", async () => {
      const room = newRoom();
      await append(store(), say(room, "a", "before", { html: "<i>before</i>" }));
      const edit = {
        type: "edited",
        room,
        ...target,
        target: 1,
        text: "after",
        anyone: false,
      } as const;
      const [event] = await append(store(), edit);
      expect(event).toEqual({
        type: "edited",
        seq: 2,
        target: 1,
        author: ada,
        at: 5,
        text: "after",
      });
      const { messages } = await store().before(room, 100, 10);
      expect(messages).toMatchObject([{ seq: 1, text: "after", editedAt: 5 }]);
      expect(messages[0]?.html).toBeUndefined();
    });

    test("deleted text is nowhere in the log, nor in its edits", async () => {
      const room = newRoom();
      await append(
        store(),
        say(room, "a", "secret one"),
        { type: "edited", room, ...target, target: 1, text: "secret two", anyone: false },
        { type: "reacted", room, ...target, target: 1, emoji: "👍", on: true },
        { type: "deleted", room, author: bob, at: 6, target: 1, anyone: true },
      );
      const { messages } = await store().before(room, 100, 10);
      expect(messages).toMatchObject([{ seq: 1, text: "", deleted: true }]);
      expect(JSON.stringify([await all(store(), room), messages])).not.toContain("secret");
      const edit = {
        type: "edited",
        room,
        ...target,
        target: 1,
        text: "back",
        anyone: true,
      } as const;
      expect((await store().append([edit])).map(code)).toEqual(["not_found"]);
    });

    test("a reaction counts once a person, and can be taken back", async () => {
      const room = newRoom();
      const react = (emoji: string, on: boolean, author = ada) =>
        ({ type: "reacted", room, author, at: 2, target: 1, emoji, on }) as const;
      await append(store(), say(room, "a"));
      const results = await store().append([
        react("👍", true),
        react("👍", true),
        react("👍", true, bob),
        react("🎉", true),
        react("🎉", false),
        react("🎉", false),
      ]);
      expect(seqs(results)).toEqual([2, 2, 3, 4, 5, "not_found"]);
      expect(stored(results[1]).again).toBe(true);
      const { messages } = await store().after(room, 0, 10);
      expect(messages[0]?.reactions).toEqual({ "👍": [ada, bob] });
    });

    test("a message has at most 20 different reactions", async () => {
      const room = newRoom();
      await append(store(), say(room, "a"));
      const drafts = Array.from({ length: 21 }, (_, at) => {
        const emoji = String.fromCodePoint(0x1f600 + at);
        return { type: "reacted", room, ...target, target: 1, emoji, on: true } as const;
      });
      expect((await store().append(drafts)).map(code).slice(-2)).toEqual(["stored", "too_many"]);
    });

    test("reads pages of messages backward and forward, changes left out", async () => {
      const room = newRoom();
      await append(store(), ...["a", "b", "c"].map((id) => say(room, id)));
      await append(store(), {
        type: "edited",
        room,
        ...target,
        target: 2,
        text: "B",
        anyone: false,
      });
      await append(store(), say(room, "d"));
      const back = await store().before(room, 5, 2);
      expect([back.messages.map(({ text }) => text), back.more]).toEqual([["B", "c"], true]);
      const first = await store().before(room, 2, 2);
      expect([first.messages.map(({ seq }) => seq), first.more]).toEqual([[1], false]);
      const on = await store().after(room, 3, 2);
      expect([on.messages.map(({ seq }) => seq), on.more]).toEqual([[5], false]);
      expect(await store().before(newRoom(), 5, 2)).toEqual({ messages: [], more: false });
    });

    test("reads a stretch of events", async () => {
      const room = newRoom();
      await append(store(), ...["a", "b", "c", "d", "e"].map((id) => say(room, id)));
      const read = async (after: number, upTo: number, limit: number) =>
        (await store().events(room, after, upTo, limit)).map(({ seq }) => seq);
      expect(await read(1, 4, 10)).toEqual([2, 3, 4]);
      expect(await read(0, 5, 2)).toEqual([1, 2]);
      expect(await read(5, 9, 2)).toEqual([]);
    });

    test("knows where many rooms are, and leaves out those that do not exist", async () => {
      const rooms = Array.from({ length: 600 }, newRoom);
      const some = rooms.filter((_, at) => at % 7 === 0);
      await append(store(), ...some.map((room) => say(room, "a")), say(rooms[0] ?? "", "b"));
      const heads = await store().heads(rooms);
      expect(heads.size).toBe(some.length);
      expect(heads.get(rooms[0] ?? "")).toBe(2);
      expect((await store().heads([])).size).toBe(0);
    });

    test("stores a large batch at once", async () => {
      const room = newRoom();
      const drafts = Array.from({ length: 4_096 }, (_, at) => say(room, `${at}`, "长".repeat(100)));
      expect(seqs(await store().append(drafts)).at(-1)).toBe(4_096);
      expect((await all(store(), room)).length).toBe(4_096);
    });

    test("keeps a setting, and lets it be changed", async () => {
      const key = newRoom();
      expect(await store().setting(key)).toBeNull();
      await store().saveSetting(key, "一");
      await store().saveSetting(key, "二");
      expect(await store().setting(key)).toBe("二");
    });
  });
}
