import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryNameLeases } from "../../lib/chat/live/memory-name-leases.ts";
import type { Accounts } from "../../lib/model/people/account.ts";
import type { NameLeases, NameRequest } from "../../lib/model/people/name-leases.ts";
import { skeletonKey } from "../../lib/model/people/skeleton.ts";
import type { Database } from "../../lib/store/database/database.ts";
import { openPostgres } from "../../lib/store/database/postgres.ts";
import { openSqlite } from "../../lib/store/database/sqlite.ts";
import { openAccounts } from "../../lib/store/records/accounts.ts";
import { openNameLeases } from "../../lib/store/records/name-leases.ts";
import { openStore } from "../../lib/store/store.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

let count = 0;
const unique = (what: string) => `${what}-${(count += 1)}`;

/** What `person` asks for; by default as someone who comes in without an account. */
function want(
  room: string,
  person: string,
  name: string,
  more: Partial<NameRequest> = {},
): NameRequest {
  return { room, person, name, owns: false, mayNumber: true, ...more };
}

async function claim(leases: NameLeases, ...wants: NameRequest[]): Promise<(string | null)[]> {
  return [...(await leases.update(wants, [])).names];
}

async function accountOf(accounts: Accounts, name: string): Promise<string> {
  const id = unique("owner-of-a-name");
  const account = {
    id,
    name,
    skeletonKey: skeletonKey(name),
    role: "member",
    createdAt: 1,
  } as const;
  const by = { id, name };
  const entry = {
    at: 1,
    by,
    action: "claim",
    room: "",
    subject: id,
    subjectName: name,
    reason: "",
  };
  expect(await accounts.create(account, "hash", entry)).toBeNull();
  return id;
}

/** What names are wherever they are kept. */
function suite(what: string, leases: () => Promise<NameLeases>, accounts: () => Accounts): void {
  describe(`names kept by ${what}`, () => {
    test("are one person's in a room: whoever looks alike is given the first free number", async () => {
      const [names, room] = [await leases(), unique("room")];
      expect(await claim(names, want(room, "a", "ada"))).toEqual(["ada"]);
      expect(await claim(names, want(room, "b", "Аda"), want(room, "c", "ADA"))).toEqual([
        "Аda-2",
        "ADA-3",
      ]);
      expect(await claim(names, want(unique("room"), "b", "ada"))).toEqual(["ada"]);
      await names.update([], [{ room, person: "b" }]);
      expect(await claim(names, want(room, "d", "ada"))).toEqual(["ada-2"]);
    });

    test("are free again when they are released, and not before", async () => {
      const [names, room] = [await leases(), unique("room")];
      await claim(names, want(room, "a", "ada"));
      const nick = want(room, "b", "ADA", { mayNumber: false });
      expect([await claim(names, nick), await names.preview(nick)]).toEqual([[null], null]);
      const { names: given } = await names.update([nick], [{ room, person: "a" }]);
      expect(given).toEqual(["ADA"]);
      expect(await names.holdersOf("ada")).toContainEqual({ room, person: "b", name: "ADA" });
      await names.update([], [{ room, person: "b" }]);
    });

    test("are one a person: a new one frees the old one, and a number is kept in every tab", async () => {
      const [names, room] = [await leases(), unique("room")];
      await claim(names, want(room, "a", "ada"), want(room, "b", "ada"), want(room, "c", "ada"));
      await names.update([], [{ room, person: "b" }]);
      expect(await claim(names, want(room, "c", "ada"))).toEqual(["ada-3"]);
      expect(await claim(names, want(room, "a", "grace"))).toEqual(["grace"]);
      expect(await claim(names, want(room, "c", "ada"))).toEqual(["ada"]);
    });

    test("are one a person where several of their tabs ask at once", async () => {
      const [names, room] = [await leases(), unique("room")];
      await claim(names, want(room, "a", "ada"));
      const tabs = Array.from({ length: 3 }, () => want(room, "b", "ada"));
      expect(await claim(names, ...tabs)).toEqual(["ada-2", "ada-2", "ada-2"]);
    });

    test("are given in order where several ask at once", async () => {
      const [names, room] = [await leases(), unique("room")];
      const wants = Array.from({ length: 40 }, (_, at) => want(room, `p${at}`, "bot"));
      expect(await claim(names, ...wants)).toEqual(
        wants.map((_, at) => (at === 0 ? "bot" : `bot-${at + 1}`)),
      );
      expect(await claim(names, want(room, "later", "bot"))).toEqual(["bot-41"]);
    });

    test("are not given with a number that makes them an account's", async () => {
      const [names, room] = [await leases(), unique("room")];
      const name = `Knuth${unique("k")}`;
      await accountOf(accounts(), `${name}-2`);
      expect(await claim(names, want(room, "a", name), want(room, "b", name))).toEqual([
        name,
        `${name}-3`,
      ]);
    });

    test("are their owner's, whoever bears them: who did is said to have lost theirs", async () => {
      const [names, room] = [await leases(), unique("room")];
      await claim(names, want(room, "guest", "ada"));
      const update = await names.update([want(room, "owner", "Ada", { owns: true })], []);
      expect(update).toMatchObject({ names: ["Ada"], lost: [{ room, person: "guest" }] });
      expect(await claim(names, want(room, "guest", "ada"))).toEqual(["ada-2"]);
    });
  });
}

/** What several nodes hold in one database. */
function nodesSuite(what: string, database: () => Database): void {
  const open = async (termMs?: number) => {
    const leases = openNameLeases(database(), crypto.randomUUID(), termMs);
    await leases.renew();
    return leases;
  };
  describe(`names of several nodes in ${what}`, () => {
    test("are one person's on all nodes, also of those who ask in the same moment", async () => {
      const room = unique("room");
      const nodes = await Promise.all([open(), open(), open()]);
      const given = await Promise.all(
        nodes.flatMap((node, at) =>
          Array.from({ length: 20 }, (_, each) => claim(node, want(room, `${at}-${each}`, "bot"))),
        ),
      );
      expect(new Set(given.flat()).size).toBe(60);
      expect(given.flat()).toContain("bot");
    });

    test("are one a person on all nodes: a node reads what another changed, once", async () => {
      const [one, two] = await Promise.all([open(), open()]);
      const room = unique("room");
      await claim(one, want(room, "a", "ada"));
      await claim(two, want(room, "a", "ada"));
      expect((await one.renew()).changes).toEqual([]);
      const update = await two.update([want(room, "a", "grace", { mayNumber: false })], []);
      expect(update.elsewhere).toEqual([room]);
      expect((await one.renew()).changes).toEqual([{ room, person: "a", name: "grace" }]);
      expect((await one.renew()).changes).toEqual([]);
      // Still held by the other node when one lets go.
      await two.update([], [{ room, person: "a" }]);
      expect(await claim(two, want(room, "b", "grace"))).toEqual(["grace-2"]);
    });

    test("are taken from a guest of another node by their owner, and that node is told", async () => {
      const [one, two] = await Promise.all([open(), open()]);
      const room = unique("room");
      await claim(one, want(room, "guest", "ada"));
      const update = await two.update([want(room, "owner", "Ada", { owns: true })], []);
      expect(update.elsewhere).toEqual([room]);
      expect((await one.renew()).changes).toEqual([{ room, person: "guest", name: "" }]);
      expect(await claim(one, want(room, "guest", "ada"))).toEqual(["ada-2"]);
    });

    test("are free at once when a node closes, and when the term of one that died is over", async () => {
      const [closing, dying, other] = await Promise.all([open(), open(200), open()]);
      const room = unique("room");
      await claim(closing, want(room, "a", "ada"));
      await claim(dying, want(room, "b", "bob"));
      await closing.close();
      expect(await claim(other, want(room, "c", "ada"))).toEqual(["ada"]);
      const nick = want(room, "c", "bob", { mayNumber: false });
      while ((await claim(other, nick))[0] === null) await Bun.sleep(20);
      // It lives after all: it is told that it holds nothing any more.
      expect(await dying.renew()).toEqual({ lapsed: true, changes: [] });
      expect(await claim(dying, want(room, "b", "bob"))).toEqual(["bob-2"]);
      expect((await dying.renew()).lapsed).toBe(false);
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "chatroom-names-"));
const sqlite = openSqlite(join(folder, "chatroom.db"));
await openStore(sqlite);
const ends = [
  async () => {
    await sqlite.close();
    rmSync(folder, { recursive: true });
  },
];
afterAll(async () => {
  for (const end of ends) await end();
});

async function opened(database: Database): Promise<NameLeases> {
  const leases = openNameLeases(database, crypto.randomUUID());
  await leases.renew();
  return leases;
}

suite(
  "memory",
  async () => new MemoryNameLeases(openAccounts(sqlite)),
  () => openAccounts(sqlite),
);
suite(
  "SQLite",
  () => opened(sqlite),
  () => openAccounts(sqlite),
);
nodesSuite("SQLite", () => sqlite);

if (await hasPostgres()) {
  const empty = await emptyDatabase();
  const postgres = await openPostgres(empty.url);
  await openStore(postgres);
  ends.push(async () => {
    await postgres.close();
    await empty[Symbol.asyncDispose]();
  });
  suite(
    "PostgreSQL",
    () => opened(postgres),
    () => openAccounts(postgres),
  );
  nodesSuite("PostgreSQL", () => postgres);
}
