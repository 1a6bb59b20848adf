import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { MOST_VALUES, VALUE_LIMIT } from "../../lib/model/handlers/handler.ts";
import { openDatabase, type OpenStore } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

function suite(name: string, open: () => Promise<{ store: OpenStore; end(): Promise<unknown> }>) {
  describe(`what handlers keep, on ${name}`, () => {
    let store: OpenStore;
    let end: () => Promise<unknown>;
    beforeAll(async () => {
      ({ store, end } = await open());
    });
    afterAll(async () => {
      await store.close();
      await end();
    });

    test("is each handler's own, and replaced and deleted by its key", async () => {
      const { handlerValues: values } = store.records;
      const large = JSON.stringify("好".repeat(VALUE_LIMIT / 3 - 1));
      expect(await values.get("a", "k")).toBeNull();
      expect(await values.set("a", "k", "1")).toBe(true);
      expect(await values.set("b", "k", large)).toBe(true);
      expect(await values.set("a", "k", "2")).toBe(true);
      expect(await values.get("a", "k")).toBe("2");
      expect(await values.get("b", "k")).toBe(large);
      await values.delete("b", "k");
      expect(await values.get("b", "k")).toBeNull();
      expect(await values.get("a", "k")).toBe("2");
    });

    test("keeps one value for a key that many set at once", async () => {
      const { handlerValues: values } = store.records;
      const all = Array.from({ length: 20 }, (_, count) => values.set("race", "k", `${count}`));
      expect(new Set(await Promise.all(all))).toEqual(new Set([true]));
      expect(await values.keys("race", "")).toEqual(["k"]);
    });

    test("is listed by the beginning of its key, whatever signs that has", async () => {
      const { handlerValues: values } = store.records;
      for (const key of ["x_1", "x%1", "xy1", "好"]) await values.set("list", key, "0");
      expect(await values.keys("list", "x_")).toEqual(["x_1"]);
      expect(await values.keys("list", "x%")).toEqual(["x%1"]);
      expect(await values.keys("list", "")).toEqual(["x%1", "x_1", "xy1", "好"]);
    });

    test("has a most, which replacing does not count against", async () => {
      const { handlerValues: values } = store.records;
      for (let count = 0; count < MOST_VALUES; count += 1)
        await values.set("full", `${count}`, "0");
      expect(await values.set("full", "more", "0")).toBe(false);
      expect(await values.set("full", "7", "1")).toBe(true);
      expect(await values.get("full", "7")).toBe("1");
    });
  });
}

suite("SQLite", async () => {
  const folder = await temporaryFolder();
  const store = await openDatabase(null, folder);
  return { store, end: () => rm(folder, { recursive: true, force: true }) };
});

if (await hasPostgres()) {
  suite("PostgreSQL", async () => {
    const database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    return { store, end: async () => database[Symbol.asyncDispose]() };
  });
}
