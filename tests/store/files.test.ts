import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../../lib/model/base/errors.ts";
import type { FileInfo } from "../../lib/model/files/file.ts";
import type { StoredFile } from "../../lib/model/files/files.ts";
import { folderContents } from "../../lib/store/files/contents.ts";
import { openDatabase, type OpenStore } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";
import { ada, append, bob, say, stored } from "./suite.ts";

const CONTENT = crypto.getRandomValues(new Uint8Array(700_001));
const HOUR = 60 * 60 * 1000;

async function spool({ files }: OpenStore): Promise<string> {
  const path = await files.spool(1);
  if (path instanceof Refusal) throw new Error(path.key);
  return path;
}

function suite(
  name: string,
  open: () => Promise<{ store: OpenStore; other: OpenStore; end(): PromiseLike<unknown> }>,
) {
  describe(`files on ${name}`, () => {
    let store: OpenStore;
    /** As another node sees it. */
    let other: OpenStore;
    let end: () => PromiseLike<unknown>;
    beforeAll(async () => {
      ({ store, other, end } = await open());
    });
    afterAll(async () => {
      if (other !== store) await other.close();
      await store.close();
      await end();
    });

    let rooms = 0;
    const newRoom = () => `files-${(rooms += 1)}`;
    const keep = async (room: string, more: Partial<StoredFile> = {}): Promise<FileInfo> => {
      const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
      const info = { id, name: "图 1.png", type: "image/png", size: CONTENT.length };
      const path = await spool(store);
      await Bun.write(path, CONTENT);
      const thumb = await spool(store);
      await Bun.write(thumb, "small");
      const base = {
        info,
        room,
        author: ada.id,
        at: 1_000 * HOUR,
        seq: null,
        thumb: 5,
        isHidden: false,
      };
      await store.files.store({ ...base, ...more }, path, thumb);
      return info;
    };
    const bytes = async (id: string, start = 0, end = CONTENT.length) => {
      const file = await other.files.find(id);
      const found = file && (await other.files.read(file, "whole", start, end));
      return found ? new Uint8Array(await new Response(found).arrayBuffer()) : null;
    };

    test("what is kept is found on every node, whole, in part, and small", async () => {
      const { id } = await keep(newRoom());
      const found = await other.files.find(id);
      expect(found?.info).toMatchObject({ id, name: "图 1.png", size: CONTENT.length });
      expect(await bytes(id)).toEqual(CONTENT);
      for (const [start, end] of [
        [0, 1],
        [262_143, 262_145],
        [262_144, 524_288],
        [300_000, 700_001],
        [700_000, 700_001],
      ] as const) {
        expect(await bytes(id, start, end)).toEqual(CONTENT.subarray(start, end));
      }
      const small = found && (await other.files.read(found, "thumb", 0, 5));
      expect(await new Response(small).text()).toBe("small");
      expect(await other.files.find("0".repeat(32))).toBeNull();
    });

    test("a message has its files from then on, in the order it names them", async () => {
      const room = newRoom();
      const [one, two] = [await keep(room), await keep(room)];
      const [event] = await append(store, say(room, "a", "", { files: [two.id, one.id] }));
      expect(event).toMatchObject({ files: [{ id: two.id, name: "图 1.png" }, { id: one.id }] });
      expect((await other.files.find(one.id))?.seq).toBe(event?.seq ?? -1);
      const { messages } = await store.before(room, 100, 10);
      expect<readonly unknown[]>(messages).toEqual([event]);
      expect<readonly unknown[]>(await store.events(room, 0, 100, 100)).toEqual([event]);
    });

    test("only its own, of this room, that are in no message: else it is refused, alone", async () => {
      const [room, elsewhere] = [newRoom(), newRoom()];
      const [mine, theirs] = [await keep(room), await keep(room, { author: bob.id })];
      const there = await keep(elsewhere);
      const results = await store.append([
        say(room, "before"),
        say(room, "theirs", "", { files: [theirs.id] }),
        say(room, "there", "", { files: [there.id] }),
        say(room, "none", "", { files: ["0".repeat(32)] }),
        say(room, "half", "", { files: [mine.id, theirs.id] }),
        say(room, "good", "", { files: [mine.id] }),
        say(room, "twice", "", { files: [mine.id] }),
        say(room, "after"),
      ]);
      const codes = results.map((each) => (each instanceof Refusal ? each.code : each.event.seq));
      const no = "not_found";
      expect(codes).toEqual([1, no, no, no, no, 2, no, 3]);
    });

    test("the same id again is the same message with the same files", async () => {
      const room = newRoom();
      const { id } = await keep(room);
      const draft = say(room, "again", "", { files: [id] });
      const [first, second] = (await store.append([draft, draft])).map(stored);
      const [third] = (await other.append([draft])).map(stored);
      expect(first?.again).toBe(false);
      for (const again of [second, third]) {
        expect<unknown>(again).toEqual({ event: first?.event, again: true });
      }
    });

    test("with its message a file goes: nobody finds it, and a sweep erases it", async () => {
      const room = newRoom();
      const [gone, stays] = [await keep(room), await keep(room)];
      await append(
        store,
        say(room, "a", "", { files: [gone.id] }),
        say(room, "b", "", { files: [stays.id] }),
        { type: "deleted", room, author: ada, at: 2, target: 1, anyone: false },
      );
      const file = { info: gone, room, author: ada.id, at: 1, seq: 1, thumb: 5, isHidden: false };
      expect(await other.files.find(gone.id)).toBeNull();
      expect(await store.files.read(file, "whole", 0, 1)).not.toBeNull();
      expect(await store.files.sweep(1, 100)).toBe(1);
      for (const part of ["whole", "thumb"] as const) {
        expect(await other.files.read(file, part, 0, 1)).toBeNull();
      }
      expect(await bytes(stays.id)).toEqual(CONTENT);
      expect(await store.files.sweep(1, 100)).toBe(0);
    });

    test("what was never sent goes after its time; what was sent stays", async () => {
      const room = newRoom();
      const [old, young, sent] = [
        await keep(room, { at: HOUR }),
        await keep(room, { at: 3 * HOUR }),
        await keep(room, { at: HOUR }),
      ];
      await append(store, say(room, "a", "", { files: [sent.id] }));
      expect(await store.files.sweep(2 * HOUR, 100)).toBe(1);
      const found = await Promise.all([old, young, sent].map(({ id }) => other.files.find(id)));
      expect(found.map((each) => each !== null)).toEqual([false, true, true]);
      expect((await store.append([say(room, "late", "", { files: [old.id] })]))[0]).toBeInstanceOf(
        Refusal,
      );
    });

    test("a message that is hidden shows no files, and has them again when it is shown", async () => {
      const room = newRoom();
      const { id } = await keep(room);
      await append(store, say(room, "a", "look", { files: [id] }));
      const edit = { type: "edited", room, author: bob, at: 3, target: 1, anyone: true } as const;
      const last = async () => (await store.before(room, 100, 1)).messages[0];
      const [hidden] = await append(store, { ...edit, text: "hidden", visibility: "hide" });
      expect(hidden).toMatchObject({ type: "edited", files: [] });
      expect(JSON.stringify(await store.events(room, 0, 100, 100))).not.toContain(id);
      // An edit meanwhile brings nothing back.
      await append(store, { ...edit, text: "still hidden" });
      expect((await last())?.files).toBeUndefined();
      expect((await store.files.find(id))?.isHidden).toBe(true);
      const [shown] = await append(store, { ...edit, text: "", visibility: "show" });
      expect(shown).toMatchObject({ text: "still hidden", files: [{ id }] });
      expect((await store.files.find(id))?.isHidden).toBe(false);
      expect((await last())?.files).toMatchObject([{ id }]);
      const [edited] = await append(store, { ...edit, text: "look here" });
      expect(edited).not.toHaveProperty("files");
      expect((await last())?.files).toMatchObject([{ id }]);
    });

    test("a hidden message that is deleted takes its files along", async () => {
      const room = newRoom();
      const { id } = await keep(room);
      await append(store, say(room, "a", "look", { files: [id] }));
      const change = { room, author: bob, at: 3, target: 1, anyone: true } as const;
      await append(
        store,
        { type: "edited", ...change, text: "hidden", visibility: "hide" },
        { type: "deleted", ...change },
      );
      expect(await store.files.find(id)).toBeNull();
    });

    test("a message without a word is found by its file's name, and among its author's", async () => {
      const room = newRoom();
      const author = { id: `author-of-${room}`, name: "Ada" };
      const { id } = await keep(room, { author: author.id });
      await append(store, say(room, "a", "", { author, files: [id] }));
      while (await store.index(100));
      expect((await store.search(room, "图", 100, 10)).messages).toHaveLength(1);
      const { rooms: keeping } = store.records;
      expect(await keeping.messagesOf(author.id, room, 10)).toEqual([{ room, seq: 1 }]);
      expect(await keeping.overdue(room, { after: 0, at: Infinity, count: 0 }, 10)).toHaveLength(1);
      await append(store, { type: "deleted", room, author, at: 2, target: 1, anyone: false });
      expect(await keeping.messagesOf(author.id, room, 10)).toEqual([]);
      expect(await keeping.overdue(room, { after: 0, at: Infinity, count: 0 }, 10)).toEqual([]);
    });

    test("what was not kept to its end is never found, and goes", async () => {
      await store.files.sweep(2 * HOUR, 100);
      const id = "f".repeat(32);
      const info = { id, name: "half.bin", type: "text/plain", size: 9 };
      const file = {
        info,
        room: newRoom(),
        author: ada.id,
        at: HOUR,
        seq: null,
        thumb: 0,
        isHidden: false,
      };
      await expect(store.files.store(file, "/nowhere/at/all", null)).rejects.toThrow();
      expect(await store.files.find(id)).toBeNull();
      expect(await store.files.sweep(2 * HOUR, 100)).toBe(1);
      expect(await store.files.sweep(2 * HOUR, 100)).toBe(0);
    });
  });
}

suite("SQLite", async () => {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  return { store, other: store, end: () => rm(data, { recursive: true }) };
});

test("on SQLite an upload that a crash cut off leaves nothing behind", async () => {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  const path = await spool(store);
  expect(existsSync(path)).toBe(true);
  await store.close();
  const again = await openDatabase(null, data);
  await spool(again);
  expect(existsSync(path)).toBe(false);
  expect(await readdir(join(data, "files", "incoming"))).toHaveLength(1);
  await again.close();
  await rm(data, { recursive: true });
});

test("on a disk that is nearly full messages go before files", async () => {
  const folder = await temporaryFolder();
  const { free } = await statfs(folder).then(({ bavail, bsize }) => ({ free: bavail * bsize }));
  const code = async (reserve: number) => {
    const path = await folderContents(folder, reserve).spool(1_000_000);
    return path instanceof Refusal ? path.code : "taken";
  };
  expect(await code(free / 2)).toBe("taken");
  expect(await code(free * 2)).toBe("too_many");
  await rm(folder, { recursive: true });
});

if (await hasPostgres()) {
  suite("PostgreSQL", async () => {
    const database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    const other = await openDatabase(database.url, "");
    return { store, other, end: () => database[Symbol.asyncDispose]() };
  });
}
