import { describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join as joinPath } from "node:path";
import { openDatabase, openMove } from "../../lib/store/open.ts";
import { join } from "../support/people/client.ts";
import { farAway } from "../support/servers/distance.ts";
import { download, upload } from "../support/files.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";
import { owner } from "../support/people/people.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../support/servers/server.ts";
import { ada, append, bob, say } from "./suite.ts";

const PROGRAM = [process.execPath, joinPath(ROOT, "index.ts")];

function migrate(from: string, to: string) {
  return Bun.spawn([...PROGRAM, "migrate", "--from", from, "--to", to], {
    env: cleanEnv(),
    stderr: "pipe",
  });
}

async function outcome(child: ReturnType<typeof migrate>) {
  const said = await new Response(child.stderr).text();
  return { code: await child.exited, said };
}

/** A chat with everything in it that a log can hold. */
async function furnished(messages: number) {
  const data = await temporaryFolder();
  const store = await openDatabase(null, data);
  const drafts = Array.from({ length: messages }, (_, at) =>
    say(`room${at % 3}`, `id-${at}`, `第 ${at} 条 \\ "'\u{1f44b}`, { html: "<b>x</b>" }),
  );
  await append(store, ...drafts);
  await append(
    store,
    { type: "edited", room: "room1", author: ada, at: 2, target: 1, text: "new", anyone: false },
    { type: "reacted", room: "room1", author: bob, at: 3, target: 1, emoji: "👍", on: true },
    { type: "deleted", room: "room2", author: ada, at: 4, target: 1, anyone: false },
  );
  const { epoch } = store;
  await store.close();
  const from = `sqlite:${joinPath(data, "chatroom.db")}`;
  return { data, from, epoch, [Symbol.asyncDispose]: () => rm(data, { recursive: true }) };
}

if (await hasPostgres()) {
  describe("moving from SQLite to PostgreSQL", () => {
    test("everything arrives, and what comes later goes on from there", async () => {
      await using old = await furnished(5_000);
      await using target = await emptyDatabase();
      const { code, said } = await outcome(migrate(old.from, target.url));
      expect(said).toContain("counts and checksums are the same");
      expect(code).toBe(0);
      const [before, after] = await Promise.all([
        openDatabase(null, old.data),
        openDatabase(target.url, ""),
      ]);
      expect([after.epoch, after.secret]).toEqual([before.epoch, before.secret]);
      for (const room of ["room0", "room1", "room2"]) {
        const head = await before.head(room);
        expect(await after.head(room)).toBe(head);
        expect(await after.events(room, 0, head, head)).toEqual(
          await before.events(room, 0, head, head),
        );
        expect(await after.before(room, 50, 100)).toEqual(await before.before(room, 50, 100));
      }
      const more = [say("room0", "id-0"), say("room0", "new"), say("new room", "new")];
      const results = await append(after, ...more);
      expect(results.map(({ seq }) => seq)).toEqual([1, 1_668, 1]);
      await Promise.all([before.close(), after.close()]);
    }, 30_000);

    test("broken off and run again, it goes on; no node starts meanwhile", async () => {
      await using old = await furnished(60_000);
      await using target = await emptyDatabase();
      const first = migrate(old.from, target.url);
      while ((await rowsIn(target.url)) === 0) {
        if (first.exitCode !== null) throw new Error("it was over before it had begun");
        await Bun.sleep(10);
      }
      first.kill("SIGKILL");
      await first.exited;
      expect(await rowsIn(target.url)).toBeLessThan(60_003);
      await expect(openDatabase(target.url, "")).rejects.toMatchObject({
        message: expect.stringContaining("run chatroom migrate again"),
      });
      expect(await outcome(migrate(old.from, target.url))).toMatchObject({ code: 0 });
      expect(await rowsIn(target.url)).toBe(60_003);
    }, 60_000);

    test("a chat whose move takes longer than a statement may is moved whole", async () => {
      await using old = await furnished(12_000);
      await using target = await emptyDatabase();
      using distance = await farAway(target.url, 10);
      const silenceMs = 400;
      const from = performance.now();
      const moved = await openMove(old.from, distance.database, () => undefined, silenceMs);
      expect(performance.now() - from).toBeGreaterThan(2 * silenceMs);
      expect(moved.get("events")).toBe(12_003);
      expect(await rowsIn(target.url)).toBe(12_003);
    }, 60_000);

    test("a target that holds a chat is left alone", async () => {
      await using old = await furnished(3);
      await using target = await emptyDatabase();
      const store = await openDatabase(target.url, "");
      await append(store, say("room", "theirs"));
      const { code, said } = await outcome(migrate(old.from, target.url));
      expect([code, said]).toEqual([2, expect.stringContaining("another chat")]);
      expect(await store.head("room")).toBe(1);
      await store.close();
    }, 20_000);

    test("a chat that is open is not moved", async () => {
      await using server = await Server.start();
      await using target = await emptyDatabase();
      const from = `sqlite:${joinPath(server.data, "chatroom.db")}`;
      const { code, said } = await outcome(migrate(from, target.url));
      expect([code, said]).toEqual([1, expect.stringContaining("in use by another chatroom")]);
    }, 20_000);

    test("who was in the chat before comes back to it after, and has missed nothing", async () => {
      await using old = await Server.start();
      await using target = await emptyDatabase();
      const client = await join(old, "hall");
      const { cookie } = await owner(old, "Curie");
      await client.post("before");
      const content = crypto.getRandomValues(new Uint8Array(600_000));
      const { file } = await upload(old, "hall", "x.bin", content, { cookie });
      const picker = await join(old, "hall", { cookie });
      picker.send({ type: "send", id: "f", text: "", files: [file.id] });
      await picker.next("message");
      await old.stop();
      expect((await client.closed).code).toBe(4001);
      const from = `sqlite:${joinPath(old.data, "chatroom.db")}`;
      expect(await outcome(migrate(from, target.url))).toMatchObject({ code: 0 });
      await using moved = await Server.start({ args: ["--database", target.url] });
      const back = await join(moved, "hall", { epoch: client.welcome.epoch, after: 0 });
      expect(back.welcome).toMatchObject({ recovered: true, seq: 2 });
      expect((await back.post("after")).seq).toBe(3);
      expect(await (await download(moved, file)).bytes()).toEqual(content);
      const signedIn = await join(moved, "hall", { cookie });
      expect(signedIn.welcome.you).toMatchObject({ name: "Curie", role: "member" });
    }, 30_000);

    test("a wrong setting stops it with one line", async () => {
      const { code, said } = await outcome(
        migrate("sqlite:nowhere.db", "postgres://127.0.0.1:1/x"),
      );
      expect([code, said]).toEqual([
        2,
        expect.stringMatching(/^chatroom: --from: .*nowhere\.db\n$/),
      ]);
      const { code: other } = await outcome(migrate("postgres://x", "sqlite:y"));
      expect(other).toBe(2);
    });
  });
}

async function rowsIn(url: string): Promise<number> {
  const sql = new Bun.SQL(url, { max: 1 });
  try {
    const [row] = await sql.unsafe(`SELECT COUNT(*)::int AS count FROM events`);
    return Number(row?.count);
  } catch {
    return 0;
  } finally {
    await sql.close();
  }
}
