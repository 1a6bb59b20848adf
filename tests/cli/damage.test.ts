import { Database as Sqlite } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { closeSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join as path } from "node:path";
import { openDatabase } from "../../lib/store/open.ts";
import { download, upload } from "../support/files.ts";
import { guest, join } from "../support/people/client.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../support/servers/server.ts";
import { ada, append, say } from "../store/suite.ts";

setDefaultTimeout(30_000);

const PAGE = 4096;

/** A chat of 400 messages in two rooms, with nothing left in its log of pages. */
async function chat(): Promise<string> {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  for (let at = 0; at < 20; at += 1) {
    for (const room of ["图书馆", "other"]) {
      const drafts = Array.from({ length: 10 }, (_, n) =>
        say(room, `${room} ${at} ${n}`, `message ${at * 10 + n} ${"和".repeat(40)}`),
      );
      await append(store, ...drafts);
    }
  }
  await store.close();
  return data;
}

/** The numbers of the leaves of a table, the first being 1. */
function leavesOf(data: string, table: string): readonly number[] {
  const sqlite = new Sqlite(path(data, "chatroom.db"), { readonly: true });
  const rows = sqlite
    .query<{ pageno: number }, [string]>(
      `SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path`,
    )
    .all(table);
  sqlite.close();
  return rows.map(({ pageno }) => pageno);
}

function overwrite(data: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path(data, "chatroom.db"), "r+");
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

/** Runs a command of the program; its exit code, and what it says. */
async function run(...args: readonly string[]) {
  const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), ...args], {
    ...{ env: cleanEnv(), stdin: "ignore", stdout: "ignore", stderr: "pipe" },
  });
  const said = (await new Response(child.stderr).text()).trim();
  return { code: await child.exited, said };
}

describe("a database with a page that was overwritten", () => {
  test("is refused at the start, with one line that says what to do", async () => {
    const data = await chat();
    const leaf = leavesOf(data, "events")[3] ?? 0;
    overwrite(data, (leaf - 1) * PAGE, crypto.getRandomValues(new Uint8Array(PAGE)));
    const { code, said } = await run("serve", "--port", "0", "--data", data);
    expect(code).toBe(1);
    expect(said.split("\n")).toHaveLength(1);
    expect(said).toContain(path(data, "chatroom.db"));
    expect(said).toContain("chatroom recover FILE");
    await rm(data, { recursive: true });
  });

  test("is a chat again by `recover` and `restore`, without what was on that page", async () => {
    const data = await chat();
    const leaves = leavesOf(data, "events");
    for (const leaf of [leaves[3] ?? 0, leaves[8] ?? 0]) {
      overwrite(data, (leaf - 1) * PAGE, crypto.getRandomValues(new Uint8Array(PAGE)));
    }
    const file = path(data, "recovered.db");
    const recovered = await run("recover", file, "--data", data);
    expect(recovered.code).toBe(0);
    expect(recovered.said).toMatch(
      /^chatroom: 400 events of 2 rooms .* \d+ of the events could not/,
    );
    const lost = Number(/; (\d+) of/.exec(recovered.said)?.[1]);
    expect(lost).toBeGreaterThan(0);
    expect(lost).toBeLessThan(100);

    const fresh = path(data, "fresh");
    await mkdir(fresh);
    expect((await run("restore", file, "--data", fresh)).code).toBe(0);
    await using server = await Server.start({ data: fresh });
    const ada = await join(server, "图书馆");
    expect(ada.welcome.seq).toBe(200);
    expect((await ada.post("we go on")).seq).toBe(201);
    const whole = new Set<string>();
    for (const room of ["图书馆", "other"]) {
      for (let before = 202; before > 1; before -= 100) {
        const url = new URL(`api/v1/rooms/${encodeURIComponent(room)}/messages`, server.url);
        url.search = `?before=${before}&limit=100`;
        const { messages }: { messages: { seq: number; text: string }[] } = await (
          await fetch(url)
        ).json();
        for (const { seq, text } of messages) {
          if (text.startsWith("message")) whole.add(`${room} ${seq}`);
        }
      }
    }
    expect(whole.size).toBe(400 - lost);
    await ada.close();
    await rm(data, { recursive: true });
  });
});

describe("a message whose text was changed in the file", () => {
  /** Changes one letter of a message, where no structure of SQLite is touched. */
  function falsify(data: string): void {
    const needle = Buffer.from("message 199 ");
    const at = readFileSync(path(data, "chatroom.db")).indexOf(needle);
    expect(at).toBeGreaterThan(0);
    overwrite(data, at, Buffer.from("massage"));
  }

  test("is shown to nobody, and the log says where it is", async () => {
    const data = await chat();
    falsify(data);
    await using server = await Server.start({ data });
    const rooms = await Promise.all(["图书馆", "other"].map((room) => join(server, room)));
    const shown = rooms.flatMap(({ welcome }) => welcome.messages ?? []);
    expect(shown.some(({ text }) => text.includes("massage"))).toBe(false);
    expect(shown.filter(({ deleted }) => deleted)).toHaveLength(1);
    await server.logged("message damaged", ({ seq }) => seq === "200");
    for (const each of rooms) await each.close();
    await server.stop();
    const file = path(data, "recovered.db");
    expect((await run("recover", file, "--data", data)).said).toContain("; 1 of the events");
    await rm(data, { recursive: true });
  });
});

test("an edit of such a message is one that deletes it, for whoever resumes", async () => {
  const data = await chat();
  const before = await openDatabase(null, data);
  const edit = { type: "edited", room: "other", author: ada, at: 1, anyone: true } as const;
  await append(before, { ...edit, target: 7, text: "edited as it is meant" });
  await before.close();
  const at = readFileSync(path(data, "chatroom.db")).indexOf("edited as it is");
  overwrite(data, at, Buffer.from("edited by a fau"));
  const store = await openDatabase(null, data);
  const events = await store.events("other", 199, 300, 100);
  expect(events.map(({ seq, type }) => [seq, type])).toEqual([
    [200, "message"],
    [201, "deleted"],
  ]);
  await store.close();
  await rm(data, { recursive: true });
});

describe("a large database", () => {
  test("is checked while it is in use, and who reads what is damaged is refused", async () => {
    const data = await chat();
    const sqlite = new Sqlite(path(data, "chatroom.db"));
    sqlite.run("CREATE TABLE padding (bytes BLOB)");
    sqlite.run("INSERT INTO padding VALUES (zeroblob(70000000))");
    sqlite.run("PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite.close();
    const leaf = leavesOf(data, "events").at(-1) ?? 0;
    overwrite(data, (leaf - 1) * PAGE, crypto.getRandomValues(new Uint8Array(PAGE)));
    await using server = await Server.start({ data });
    const said = await server.logged("database damaged");
    expect(said["fault"]).toContain("chatroom recover FILE");
    const url = new URL("api/v1/rooms/other/messages", server.url);
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    const fault = await server.logged("request failed", (line) =>
      /damaged/.test(JSON.stringify(line)),
    );
    expect(JSON.stringify(fault)).toContain("chatroom recover FILE");
    expect((await fetch(new URL("healthz", server.url))).status).toBe(200);
    await rm(data, { recursive: true });
  });
});

test("`recover` takes files along, and leaves a server that runs alone", async () => {
  await using server = await Server.start();
  const cookie = await guest(server);
  const { file } = await upload(server, "r", "x.bin", "hello", { cookie });
  const ada = await join(server, "r", { cookie });
  ada.send({ type: "send", id: "a", text: "", files: [file.id] });
  await ada.next("message");
  await ada.close();
  const copy = path(server.data, "copy.db");
  expect(await run("recover", copy, "--data", server.data)).toMatchObject({ code: 1 });
  await server.stop();
  expect((await run("recover", copy, "--data", server.data)).said).toContain("1 files");
  for (const name of ["chatroom.db", "files"]) {
    renameSync(path(server.data, name), path(server.data, `old-${name}`));
  }
  await rm(path(server.data, "chatroom.db-wal"), { force: true });
  expect((await run("restore", copy, "--data", server.data)).code).toBe(0);
  await using again = await server.again();
  expect(await (await download(again, file)).text()).toBe("hello");
});
