import { Database as Sqlite } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import { SYSTEM } from "../../lib/model/people/audit.ts";
import { openDatabase } from "../../lib/store/open.ts";
import { type Client, join } from "../support/people/client.ts";
import { administrator, owner, PASSWORD } from "../support/people/people.ts";
import { Server, temporaryFolder } from "../support/servers/server.ts";

setDefaultTimeout(40_000);

/** Words that stand nowhere else. */
const newMarks = (count: number) =>
  Array.from({ length: count }, () => crypto.getRandomValues(new Uint8Array(12)).toHex());

/** The marks that are in a file of the folder; the index leaves out what words begin with alike. */
function found(folder: string, marks: readonly string[]): readonly string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((entry) => path(folder, entry))
    .filter((each) => statSync(each).isFile());
  const files = paths.map((each) => readFileSync(each));
  return marks.filter((mark) => files.some((bytes) => bytes.includes(mark.slice(8))));
}

async function say(client: Client, marks: readonly string[]): Promise<readonly number[]> {
  const seqs: number[] = [];
  for (const mark of marks) {
    await Bun.sleep(0);
    seqs.push((await client.post(`hello ${mark}, how are you?`)).seq);
  }
  return seqs;
}

/** Resolves when the last of the marks can be searched for. */
async function indexed(server: Server, room: string, marks: readonly string[]): Promise<void> {
  const url = new URL(`api/v1/rooms/${room}/messages?q=${marks.at(-1)}`, server.url);
  for (;;) {
    const { messages }: { messages: readonly unknown[] } = await (await fetch(url)).json();
    if (messages.length > 0) return;
    await Bun.sleep(50);
  }
}

/** Writes 20 messages and deletes them one by one, 20 that go with their account, some edited. */
async function writeAndErase(server: Server): Promise<readonly string[]> {
  const boss = await administrator(server);
  const [one, two, edits] = [newMarks(20), newMarks(20), newMarks(10)];
  const ada = await join(server, "room", { cookie: boss.cookie });
  const seqs = await say(ada, one);
  for (const [at, mark] of edits.entries()) {
    ada.send({
      type: "edit",
      seq: seqs[at] ?? 0,
      text: `${"longer than before ".repeat(at)} ${mark}`,
    });
    await ada.next("edited");
  }
  const bob = await owner(server, "Bob");
  const socket = await join(server, "room", { cookie: bob.cookie });
  const bobs = await say(socket, two);
  await indexed(server, "room", two);
  for (const seq of seqs) {
    ada.send({ type: "delete", seq });
    await ada.next("deleted", ({ target }) => target === seq);
  }
  await bob.submit("account/", "account/delete", { old: PASSWORD });
  await ada.next("deleted", ({ target }) => target === bobs.at(-1));
  await ada.close();
  return [...one, ...two, ...edits];
}

describe("what was deleted", () => {
  test("is in no file of the data folder after a stop", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const marks = await writeAndErase(server);
    await server.stop();
    expect(found(server.data, marks)).toEqual([]);
  });

  test("is in no file either after a crash and the next start", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const marks = await writeAndErase(server);
    await server.kill();
    await using again = await server.again();
    expect(found(again.data, marks)).toEqual([]);
  });

  test("leaves the files of a server that goes on", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const marks = await writeAndErase(server);
    while (found(server.data, marks).length > 0) await Bun.sleep(200);
    const ada = await join(server, "room");
    expect((await ada.post("still here")).seq).toBeGreaterThan(0);
    await ada.close();
  });
});

test("what a room's rules no longer keep is in no file after a stop", async () => {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  const author = { id: "a".repeat(16), name: "Ada" };
  const marks = newMarks(60);
  const drafts = marks.map(
    (text, at) => ({ type: "message", room: "r", author, at, text }) as const,
  );
  await store.append(drafts.map((draft) => ({ ...draft, id: `${draft.at}` })));
  while (await store.index(100));
  expect((await store.search("r", marks[0] ?? "", 100, 1)).messages).toHaveLength(1);
  const { rooms } = store.records;
  const overdue = await rooms.overdue("r", { after: 0, at: Date.now(), count: 0 }, 100);
  const drop = { type: "deleted", room: "r", author: SYSTEM, at: 100, anyone: true } as const;
  await store.append(overdue.map(({ seq: target }) => ({ ...drop, target })));
  await store.close();
  expect(overdue).toHaveLength(60);
  expect(found(data, marks)).toEqual([]);
  await rm(data, { recursive: true });
});

test("copies of rows that SQLite leaves in pages when edits grow go with the stop", async () => {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  const author = { id: "a".repeat(16), name: "Ada" };
  const change = { room: "r", author, at: 1, anyone: true } as const;
  const [said, edited] = [newMarks(1_000), newMarks(1_000)];
  for (let from = 0; from < said.length; from += 10) {
    const drafts = said.slice(from, from + 10).map((mark, at) => {
      const text = `hello ${mark} ${"x ".repeat((from + at) % 80)}`;
      return { type: "message", room: "r", author, at: 1, id: mark, text } as const;
    });
    await store.append(drafts);
  }
  for (const [at, mark] of edited.entries()) {
    const text = `edited ${mark} ${"yy ".repeat(at % 150)}`;
    await store.append([{ ...change, type: "edited", target: at + 1, text }]);
  }
  for (const at of said.keys()) {
    await store.append([{ ...change, type: "deleted", target: at + 1 }]);
  }
  await store.close();
  // Ids are the authors' own, and stay.
  expect(found(data, edited)).toEqual([]);
  const sqlite = new Sqlite(path(data, "chatroom.db"), { readonly: true });
  expect(sqlite.query("PRAGMA integrity_check").values()).toEqual([["ok"]]);
  sqlite.close();
  await rm(data, { recursive: true });
});

test("a report quotes a message until it is settled and the message is gone", async () => {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  const [kept, settled] = newMarks(2);
  const ada = { id: "a".repeat(16), name: "Ada" };
  const mod = { id: "b".repeat(16), name: "Mod" };
  const entry = {
    ...{ at: 1, by: mod, action: "report", room: "r" },
    ...{ subject: ada.id, subjectName: "", reason: "" },
  };
  const { reports, accounts } = store.records;
  const change = { room: "r", author: ada, at: 9, anyone: false } as const;
  const report = (seq: number) => {
    const draft = { type: "edited", ...change, target: seq, text: "hidden" } as const;
    const given = { room: "r", seq, by: mod, source: mod.id, reason: "rude", at: 1 };
    return reports.add(given, { sources: 2, draft, entry }, entry);
  };
  const settle = async (seq: number) => {
    const all = await reports.list("open", "", 0, 10);
    const found = all.find((each) => each.seq === seq);
    if (!found) throw new Error("no such report");
    return reports.settle(found, "upheld", { type: "deleted", ...change, target: seq }, entry);
  };
  const marks = [kept, settled, "open"];
  for (const [at, text = ""] of marks.entries()) {
    await store.append([{ type: "message", room: "r", author: ada, id: `${at}`, at, text }]);
    await report(at + 1);
  }
  expect(await settle(2)).toMatchObject({ type: "deleted" });
  await store.append([{ type: "deleted", ...change, target: 1 }]);
  const quoted = async () => (await reports.list(null, "", 0, 10)).map(({ text }) => text);
  expect(await quoted()).toEqual(["open", "", kept ?? ""]);
  await settle(1);
  expect(await quoted()).toEqual(["open", "", ""]);
  await accounts.remove(ada.id, entry);
  expect(await quoted()).toEqual(["", "", ""]);
  await store.close();
  expect(found(data, [kept ?? "", settled ?? ""])).toEqual([]);
  await rm(data, { recursive: true });
});
