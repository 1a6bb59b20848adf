import { afterAll, describe, expect, test } from "bun:test";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Refusal } from "../../lib/model/base/errors.ts";
import type { MessageDraft, Store } from "../../lib/model/store.ts";
import { Filter } from "../../lib/store/database/filter.ts";
import { openDatabase } from "../../lib/store/open.ts";

/** More than are kept in memory, so that the table has some and the memory has some. */
const MANY = 70_000;
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "ids-"));
  folders.push(path);
  return path;
}
function draft(id: string, author = "ada", room = "room"): MessageDraft {
  return { type: "message", room, author: { id: author, name: "" }, at: 1, id, text: id };
}
async function append(store: Store, drafts: readonly MessageDraft[]) {
  return (await store.append(drafts)).map((result) => {
    if (result instanceof Refusal) throw new Error(result.key);
    return { seq: result.event.seq, again: result.again };
  });
}
async function fill(store: Store): Promise<void> {
  for (let from = 0; from < MANY; from += 10_000) {
    await append(
      store,
      Array.from({ length: 10_000 }, (_, index) => draft(`id${from + index}`)),
    );
  }
}
/** Of the beginning, the end, and between. */
async function expectKnown(store: Store): Promise<void> {
  for (const number of [0, 1, 33_333, MANY - 2, MANY - 1]) {
    expect(await append(store, [draft(`id${number}`)])).toEqual([{ seq: number + 1, again: true }]);
  }
  expect(await store.head("room")).toBe(MANY);
}

describe("an id that an author has used in a room", () => {
  test("is known in the same batch, and in the next", async () => {
    const store = await openDatabase(null, folder());
    const batch = [draft("a"), draft("b"), draft("a"), draft("c")];
    expect(await append(store, batch)).toEqual([
      { seq: 1, again: false },
      { seq: 2, again: false },
      { seq: 1, again: true },
      { seq: 3, again: false },
    ]);
    expect(await append(store, [draft("b"), draft("d")])).toEqual([
      { seq: 2, again: true },
      { seq: 4, again: false },
    ]);
    await store.close();
  });

  test("is free for another author, and in another room", async () => {
    const store = await openDatabase(null, folder());
    const batch = [draft("a"), draft("a", "bob"), draft("a", "ada", "elsewhere")];
    expect(await append(store, batch)).toEqual([
      { seq: 1, again: false },
      { seq: 2, again: false },
      { seq: 1, again: false },
    ]);
    await store.close();
  });

  test("is known among very many, when they have left the memory, and after a restart", async () => {
    const data = folder();
    const store = await openDatabase(null, data);
    await fill(store);
    await expectKnown(store);
    await store.close();
    const next = await openDatabase(null, data);
    await expectKnown(next);
    await next.close();
  });

  test("is known after a crash, also where it was only in memory", async () => {
    const data = folder();
    const store = await openDatabase(null, data);
    await fill(store);
    const copy = folder();
    cpSync(data, copy, { recursive: true, filter: (path) => !path.endsWith("-shm") });
    const survivor = await openDatabase(null, copy);
    await expectKnown(survivor);
    expect(await append(survivor, [draft("new")])).toEqual([{ seq: MANY + 1, again: false }]);
    await survivor.close();
    await store.close();
  });
});

describe("a filter", () => {
  test("never takes a key it was given for a new one", () => {
    const filter = new Filter();
    const keys = Array.from({ length: 50_000 }, (_, index) => `key ${index}`);
    for (const key of keys) filter.add(key);
    expect(keys.filter((key) => filter.add(key))).toEqual([]);
  });

  test("seldom takes a new key for an old one: fewer than 1 in 1,000 of 200,000", () => {
    const filter = new Filter();
    let wrong = 0;
    for (let index = 0; index < 200_000; index += 1) if (!filter.add(`key ${index}`)) wrong += 1;
    expect(wrong).toBeLessThan(200);
  });
});
