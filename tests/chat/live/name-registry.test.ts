import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NameRegistry } from "../../../lib/chat/live/name-registry.ts";
import type { NameLeases } from "../../../lib/model/people/name-leases.ts";
import { openSqlite } from "../../../lib/store/database/sqlite.ts";
import { openNameLeases } from "../../../lib/store/records/name-leases.ts";
import { openStore } from "../../../lib/store/store.ts";
import { eventually } from "../../support/eventually.ts";

const folder = mkdtempSync(join(tmpdir(), "chatroom-registry-"));
const database = openSqlite(join(folder, "chatroom.db"));
await openStore(database);
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const room = "room";
const observer = { log: () => undefined };

/** Nodes of one chat that hear each other at once. */
function nodes(terms: readonly (number | undefined)[]) {
  const updates: number[] = [];
  const all = terms.map((term) => {
    const shared = openNameLeases(database, crypto.randomUUID(), term);
    const leases: NameLeases = {
      ...shared,
      update(wants, released) {
        updates.push(wants.length);
        return shared.update(wants, released);
      },
    };
    const renamed: string[] = [];
    const tell = () => void all.forEach(({ names }) => names.renew());
    const names = new NameRegistry({ leases, broadcast: tell, observer });
    const onRename = (_: string, person: string, name: string, lost: string | null) =>
      void renamed.push(`${person}: ${name}${lost === null ? "" : ` instead of ${lost}`}`);
    const enter = (id: string, name: string, owns = false) =>
      names.enter(room, { id, name }, owns, onRename);
    return { names, renamed, enter, onRename };
  });
  return { all, updates };
}

async function started(...terms: (number | undefined)[]) {
  const { all, updates } = nodes(terms);
  for (const { names } of all) await names.renew();
  const [one, two = one] = all;
  if (!one || !two) throw new Error("no nodes");
  const end = () => Promise.all(all.map(({ names }) => names.close()));
  return { one, two, updates, [Symbol.asyncDispose]: async () => void (await end()) };
}

describe("the names of a node's people", () => {
  test("change where their owner comes by another node: the guest is told which one they lost", async () => {
    await using nodes = await started(undefined, undefined);
    const { one, two } = nodes;
    await one.enter("guest", "ada");
    await two.enter("owner", "Ada", true);
    await eventually(() => one.renamed.length > 0);
    expect(one.renamed).toEqual(["guest: ada-2 instead of ada"]);
    expect([one.names.nameOf(room, "guest"), two.renamed]).toEqual(["ada-2", []]);
  });

  test("are the same on every node that the person is connected to", async () => {
    await using nodes = await started(undefined, undefined);
    const { one, two } = nodes;
    await one.enter("a", "ada");
    await two.enter("a", "ada");
    expect(await two.names.rename(room, { id: "a", name: "grace" }, false, two.onRename)).toBe(
      true,
    );
    await eventually(() => one.renamed.length > 0);
    expect([one.renamed, one.names.nameOf(room, "a")]).toEqual([["a: grace"], "grace"]);
  });

  test("are claimed again by a node that was given up; who has taken one meanwhile keeps it", async () => {
    await using nodes = await started(60, undefined);
    const { one, two } = nodes;
    await one.enter("a", "ada");
    await one.enter("b", "bob");
    const nick = { id: "c", name: "ada" };
    await eventually(() => two.names.rename(room, nick, false, two.onRename));
    await two.enter("c", "ada");
    await one.names.renew();
    expect(one.renamed).toEqual(["a: ada-2 instead of ada"]);
    expect(one.names.nameOf(room, "b")).toBe("bob");
  });

  test("are free with the last connection, and kept by who reloads", async () => {
    await using nodes = await started(undefined, undefined);
    const { one, two } = nodes;
    await one.enter("a", "ada");
    one.names.leave(room, "a");
    await one.enter("a", "ada");
    await two.enter("b", "ada");
    expect(two.names.nameOf(room, "b")).toBe("ada-2");
    one.names.leave(room, "a");
    await eventually(() => two.names.rename(room, { id: "b", name: "ada" }, false, two.onRename));
    expect(two.names.nameOf(room, "b")).toBe("ada");
  });

  test("are claimed together: 10,000 who come as one take few updates, and each has their own", async () => {
    await using nodes = await started(undefined);
    const { one, updates } = nodes;
    const people = Array.from({ length: 10_000 }, (_, at) => `p${at}`);
    await Promise.all(people.map((person) => one.enter(person, "bot")));
    const names = new Set(people.map((person) => one.names.nameOf(room, person)));
    expect(names.size).toBe(10_000);
    expect(updates).toHaveLength(20);
  }, 20_000);
});
