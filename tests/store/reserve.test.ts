import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { Refusal } from "../../lib/model/base/errors.ts";
import { openDatabase } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";

const author = { id: "a".repeat(16), name: "Ada" };
const room = "full";
const at = 1_000;

test("on a disk that is nearly full nobody writes, and what is there can be deleted", async () => {
  const folder = await temporaryFolder();
  const before = await openDatabase(null, folder);
  await before.append([{ type: "message", room, id: "1", author, text: "before", at }]);
  await before.close();
  const store = await openDatabase(null, folder, null, Number.MAX_SAFE_INTEGER);
  const change = { room, author, target: 1, at, anyone: false };
  const results = await store.append([
    { type: "message", room, id: "2", author, text: "too much", at },
    { type: "reacted", room, author, target: 1, emoji: "👍", on: true, at },
    { ...change, type: "edited", text: "much more than it was" },
    { ...change, type: "edited", text: "hidden by a moderator", anyone: true },
    { ...change, type: "deleted" },
  ]);
  const keys = results.map((result) => (result instanceof Refusal ? result.key : result.event.seq));
  expect(keys).toEqual(["diskFull", "diskFull", "diskFull", 2, 3]);
  await store.close();
  await rm(folder, { recursive: true });
});
