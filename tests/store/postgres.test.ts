import { afterAll, describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { ConfigError } from "../../lib/model/config.ts";
import { openDatabase } from "../../lib/store/open.ts";
import { refuseServer } from "../../lib/store/database/postgres-errors.ts";
import {
  emptyDatabase,
  hasPostgres,
  ownPostgres,
  POSTGRES_URL,
} from "../support/servers/servers.ts";
import { append, say, storeSuite } from "./suite.ts";

const open = (url: string) => openDatabase(url, "");

/** The one line an operator reads. */
async function refusalOf(url: string): Promise<string> {
  try {
    const store = await open(url);
    await store.close();
  } catch (fault) {
    if (fault instanceof ConfigError) return fault.message;
    throw fault;
  }
  throw new Error("it opened");
}

const at = (changes: Partial<URL>) => Object.assign(new URL(POSTGRES_URL), changes).href;

if (await hasPostgres()) {
  const database = await emptyDatabase();
  const store = await open(database.url);
  afterAll(async () => {
    await store.close();
    await database[Symbol.asyncDispose]();
  });
  storeSuite("PostgreSQL", () => store);

  describe("PostgreSQL, shared by several nodes", () => {
    test("three nodes that start at once migrate it once and are one chat", async () => {
      await using fresh = await emptyDatabase();
      const stores = await Promise.all([1, 2, 3].map(() => open(fresh.url)));
      expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1);
      expect(new Set(stores.map(({ secret }) => secret.toHex())).size).toBe(1);
      await Promise.all(stores.map((node) => node.close()));
    });

    test("numbers without gap or repeat what all of them append to the same rooms", async () => {
      const nodes = [store, await open(database.url), await open(database.url)];
      const rooms = ["a", "b", "c"].map((name) => `${name}-${crypto.randomUUID()}`);
      const write = async (node: (typeof nodes)[number], writer: number) => {
        for (let turn = 0; turn < 10; turn += 1) {
          // Every writer has an order of its own; every other id is also another writer's.
          const own = [...rooms.slice(writer), ...rooms.slice(0, writer)];
          await node.append(
            own.flatMap((room) => [say(room, `${writer}-${turn}`), say(room, `shared-${turn}`)]),
          );
        }
      };
      await Promise.all(nodes.map(write));
      for (const room of rooms) {
        const events = await store.events(room, 0, 1_000, 1_000);
        expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
        expect(new Set(events.map((event) => event.type === "message" && event.id)).size).toBe(40);
      }
      await Promise.all(nodes.slice(1).map((node) => node.close()));
    });

    test("waits for a server that restarts, and loses nothing that was acknowledged", async () => {
      await using server = await ownPostgres();
      const node = await open(server.url);
      await append(node, say("room", "before"));
      await server.stop();
      const waiting = append(node, say("room", "meanwhile"));
      const reading = node.head("room");
      await Bun.sleep(300);
      await server.start();
      expect((await waiting)[0]?.seq).toBe(2);
      expect(await reading).toBeGreaterThan(0);
      expect(await node.head("room")).toBe(2);
      await node.close();
    });
  });

  describe("a database that cannot be used stops the start with one line", () => {
    test("nothing listens there", async () => {
      expect(await refusalOf(at({ port: "1" }))).toMatch(
        /^--database: nothing answers at 127.0.0.1:1$/,
      );
    });

    test("no such database", async () => {
      expect(await refusalOf(at({ pathname: "/nowhere" }))).toMatch(/no database nowhere/);
    });

    test("no such user", async () => {
      expect(await refusalOf(at({ username: "nobody_here" }))).toMatch(/nobody_here/);
    });

    test("no address", async () => {
      expect(await refusalOf("postgres://a b@:::/")).toMatch(/must be postgres:/);
    });

    test("a user who may not create tables", async () => {
      await using fresh = await emptyDatabase();
      const user = `u${crypto.randomUUID().replaceAll("-", "")}`;
      const admin = new SQL(fresh.url, { max: 1 });
      await admin.unsafe(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
      await admin.unsafe(`CREATE ROLE ${user} LOGIN`);
      try {
        const url = Object.assign(new URL(fresh.url), { username: user, password: "hidden" }).href;
        const refusal = await refusalOf(url);
        expect(refusal).toContain(`GRANT CREATE, USAGE ON SCHEMA public TO ${user}`);
        expect(refusal).not.toContain("hidden");
      } finally {
        await admin.unsafe(`DROP ROLE ${user}`);
        await admin.close();
      }
    });

    test("an encoding that cannot hold every text", async () => {
      const name = `latin_${crypto.randomUUID().replaceAll("-", "")}`;
      const admin = new SQL(POSTGRES_URL, { max: 1 });
      await admin.unsafe(
        `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`,
      );
      try {
        expect(await refusalOf(at({ pathname: `/${name}` }))).toContain("LATIN1");
      } finally {
        await admin.unsafe(`DROP DATABASE ${name} WITH (FORCE)`);
        await admin.close();
      }
    });

    test("a server that is too old", () => {
      expect(refuseServer(120_022, "UTF8")?.message).toContain("PostgreSQL 12 is too old");
      expect(refuseServer(130_000, "UTF8")).toBeNull();
    });
  });
}
