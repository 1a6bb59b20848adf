import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Database as Sqlite } from "bun:sqlite";
import { SQL } from "bun";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Observer } from "../../lib/model/base/observer.ts";
import type { Store } from "../../lib/model/store.ts";
import type { Database } from "../../lib/store/database/database.ts";
import { openSqlite } from "../../lib/store/database/sqlite.ts";
import { SearchIndex } from "../../lib/store/log/search-index.ts";
import { openDatabase } from "../../lib/store/open.ts";
import { openStore } from "../../lib/store/store.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";
import { append, say } from "./suite.ts";

setDefaultTimeout(20_000);

const newRoom = () => `room-${crypto.randomUUID()}`;
const temporary = () => realpathSync(mkdtempSync(join(tmpdir(), "chatroom-search-")));

/** What was logged and counted. */
function recorder() {
  const said: string[] = [];
  const observer: Observer = {
    log: (level, msg) => void said.push(`${level}: ${msg}`),
    count: (name) => void said.push(name),
    time: () => undefined,
  };
  return { said, observer };
}

async function find(store: Store, room: string, question: string): Promise<number[]> {
  while (await store.index(100));
  const { messages } = await store.search(room, question, 1_000, 10);
  return messages.map(({ seq }) => seq);
}

interface Place {
  readonly name: string;
  readonly url: string | null;
  readonly data: string;
  /** Writes into the database behind the program's back. */
  readonly write: (sql: string) => Promise<unknown>;
}

const data = temporary();
const places: Place[] = [
  {
    name: "SQLite",
    url: null,
    data,
    async write(sql) {
      using db = new Sqlite(join(data, "chatroom.db"));
      db.run(sql);
    },
  },
];
if (await hasPostgres()) {
  const database = await emptyDatabase();
  const direct = new SQL(database.url, { max: 1 });
  places.push({
    name: "PostgreSQL",
    url: database.url,
    data: "",
    write: (sql) => direct.unsafe(sql),
  });
  afterAll(async () => {
    await direct.close();
    await database[Symbol.asyncDispose]();
  });
}

for (const { name, url, data, write } of places) {
  const { said, observer } = recorder();
  const store = await openDatabase(url, data, observer);
  afterAll(() => store.close());

  describe(`the search index on ${name}`, () => {
    test("takes in words of any length, and finds them whole and by their beginning", async () => {
      const [room, other] = [newRoom(), newRoom()];
      const key = Buffer.from(crypto.getRandomValues(new Uint8Array(3_900))).toString("hex");
      await append(store, say(room, "1", `my key: ${key}`), say(room, "2", "after it"));
      await append(store, say(other, "1", "elsewhere"), say(room, "3", "ﷺ".repeat(8_000)));
      expect(await find(store, room, "after")).toEqual([2]);
      expect(await find(store, other, "elsewhere")).toEqual([1]);
      expect(await find(store, room, key)).toEqual([1]);
      expect(await find(store, room, key.slice(0, 100))).toEqual([1]);
      expect(await find(store, room, key.replace(/.$/, "z"))).toEqual([]);
      expect(said).toEqual([]);
    });

    test("finds a room's messages in that room alone", async () => {
      const [room, other] = [newRoom(), newRoom()];
      await append(store, say(room, "1", "shared 词语"), say(other, "1", "shared 词语"));
      for (const question of ["shared", "s", "词语", "词", '"shared 词"']) {
        expect(await find(store, room, question)).toEqual([1]);
      }
    });

    test("finds what is rare in a long room, and goes on from any message", async () => {
      const room = newRoom();
      const texts = Array.from({ length: 2_500 }, (_, at) =>
        at % 600 === 5 ? "rare 稀有" : "common",
      );
      await append(store, ...texts.map((text, at) => say(room, `${at}`, text)));
      while (await store.index(1_000));
      const seqs = async (question: string, before: number, limit: number) => {
        const page = await store.search(room, question, before, limit);
        return [...page.messages.map(({ seq }) => seq), page.more];
      };
      for (const question of ["rare", "稀有", "r", '"rare 稀"']) {
        expect(await seqs(question, 10_000, 10)).toEqual([6, 606, 1206, 1806, 2406, false]);
        expect(await seqs(question, 10_000, 2)).toEqual([1806, 2406, true]);
        expect(await seqs(question, 1806, 10)).toEqual([6, 606, 1206, false]);
        expect(await seqs(question, 6, 10)).toEqual([false]);
      }
      expect(await seqs("common", 10_000, 2)).toEqual([2499, 2500, true]);
      expect(await seqs("common", 3, 2)).toEqual([1, 2, false]);
    });

    test("passes over a message it cannot read, logs it and counts it", async () => {
      const room = newRoom();
      await append(
        store,
        say(room, "1", "before"),
        say(room, "2", "broken"),
        say(room, "3", "last"),
      );
      await write(`UPDATE events SET body = '{' WHERE text = 'broken'`);
      while (await store.index(100));
      expect(said).toEqual(["error: message not indexed for search", "search_messages_skipped"]);
      await write(`UPDATE events SET body = NULL WHERE text = 'broken'`);
      expect(await find(store, room, "before")).toEqual([1]);
      expect(await find(store, room, "last")).toEqual([3]);
      await append(store, say(room, "4", "later"));
      expect(await find(store, room, "later")).toEqual([4]);
    });
  });

  test.if(url !== null)(`${name}: a node indexes what one that is gone has written`, async () => {
    const room = newRoom();
    while (await store.index(100));
    const gone = await openDatabase(url, data);
    await append(gone, say(room, "1", "orphan"));
    await gone.close();
    while (await store.index(100, room));
    expect((await store.search(room, "orphan", 100, 10)).messages).toHaveLength(1);
  });
}

describe("the list of rooms to index", () => {
  /** A real database whose calls a test may fail, or follow. */
  async function opened(changes: (db: Database) => Partial<Database>) {
    const folder = temporary();
    const db = openSqlite(join(folder, "chatroom.db"));
    const store = await openStore(db);
    const index = new SearchIndex({ ...db, ...changes(db) }, null);
    const close = async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    };
    return { store, index, [Symbol.asyncDispose]: close };
  }

  test("is read again where the first reading failed", async () => {
    let isAway = true;
    const all = (db: Database): Database["all"] => {
      return (sql, values) => (isAway ? Promise.reject(new Error("away")) : db.all(sql, values));
    };
    await using chat = await opened((db) => ({ all: all(db) }));
    await append(chat.store, say("a", "1", "word"));
    await expect(chat.index.advance(10)).rejects.toThrow("away");
    isAway = false;
    while (await chat.index.advance(10));
    expect((await chat.store.search("a", "word", 10, 10)).messages).toHaveLength(1);
  });

  test("is complete for whoever asks while it is read", async () => {
    const reading = Promise.withResolvers<void>();
    const all = (db: Database): Database["all"] => {
      return async (sql, values) => {
        await reading.promise;
        return db.all(sql, values);
      };
    };
    await using chat = await opened((db) => ({ all: all(db) }));
    await append(chat.store, say("a", "1", "word"));
    const both = [chat.index.advance(10), chat.index.advance(10)];
    reading.resolve();
    await both[1];
    expect((await chat.store.search("a", "word", 10, 10)).messages).toHaveLength(1);
    await both[0];
  });

  test("keeps a room that grows while it is indexed", async () => {
    let isFirst = true;
    let grow: () => Promise<void> = async () => undefined;
    const transaction = (db: Database): Database["transaction"] => {
      return async (work) => {
        const result = await db.transaction(work);
        if (isFirst) await grow();
        isFirst = false;
        return result;
      };
    };
    await using chat = await opened((db) => ({ transaction: transaction(db) }));
    await append(chat.store, say("a", "1", "early"));
    grow = async () => {
      await append(chat.store, say("a", "2", "late"));
      chat.index.mark("a");
    };
    while (await chat.index.advance(10));
    expect((await chat.store.search("a", "late", 10, 10)).messages).toHaveLength(1);
  });

  test("keeps a room whose transaction failed", async () => {
    let failures = 2;
    const transaction = (db: Database): Database["transaction"] => {
      return (work) =>
        db.transaction(async (tx) => {
          const result = await work(tx);
          if (failures-- > 0) throw new Error("not committed");
          return result;
        });
    };
    await using chat = await opened((db) => ({ transaction: transaction(db) }));
    await append(chat.store, say("a", "1", "word"));
    await expect(chat.index.advance(10)).rejects.toThrow("not committed");
    while (await chat.index.advance(10));
    expect((await chat.store.search("a", "word", 10, 10)).messages).toHaveLength(1);
  });
});
