import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import { guest, join } from "../support/people/client.ts";
import { download, picture, upload } from "../support/files.ts";
import { cleanEnv, ROOT, Server, temporaryFolder } from "../support/servers/server.ts";

// Real programs, on a machine that may be doing other things.
setDefaultTimeout(20_000);

const folder = await temporaryFolder();
afterAll(() => rm(folder, { recursive: true, force: true }));

async function chatroom(...args: string[]) {
  const child = Bun.spawn([process.execPath, path(ROOT, "index.ts"), ...args], {
    env: cleanEnv(),
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = (await new Response(child.stderr).text()).trimEnd();
  return { said, code: await child.exited };
}

test("a backup while people talk is the chat of that moment, and becomes a chat again", async () => {
  await using server = await Server.start({ args: ["--limits", "off"] });
  const cookie = await guest(server);
  const ada = await join(server, "room", { cookie });
  for (let count = 1; count <= 50; count += 1) await ada.post(`message ${count}`);
  const talk = setInterval(() => ada.say("and on"), 1);
  const file = path(folder, "talking.db");
  const made = await chatroom("backup", file, "--data", server.data);
  clearInterval(talk);
  expect(made.code).toBe(0);
  const kept = Number(/(\d+) events of 1 rooms/.exec(made.said)?.[1]);
  expect(kept).toBeGreaterThanOrEqual(50);
  // It holds the secret that signs cookies.
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(existsSync(`${file}.part`)).toBe(false);
  const { seq } = await ada.post("after the backup");
  expect(seq).toBeGreaterThan(kept);

  const data = path(folder, "again");
  expect(await chatroom("restore", file, "--data", data)).toMatchObject({ code: 0 });
  await using again = await Server.start({ data });
  const { epoch } = ada.welcome;
  const back = await join(again, "room", { cookie, epoch, after: kept });
  expect(back.welcome.you.id).toBe(ada.welcome.you.id);
  // Numbers after the backup are given out again: nobody resumes what was theirs before.
  expect(back.welcome).toMatchObject({ seq: kept, recovered: false });
  expect((await back.post("from here")).seq).toBe(kept + 1);
  await back.close();
});

test("files go with a backup, and come back with it; what was deleted does not", async () => {
  await using server = await Server.start({ args: ["--limits", "off"] });
  const cookie = await guest(server);
  const ada = await join(server, "room", { cookie });
  const content = crypto.getRandomValues(new Uint8Array(600_000));
  const put = async (name: string, body: BodyInit) => {
    const { file } = await upload(server, "room", name, body, { cookie });
    ada.send({ type: "send", id: name, text: "", files: [file.id] });
    const { seq } = await ada.next("message");
    return { file, seq };
  };
  const large = await put("large.bin", content);
  const small = await put("small.png", await picture(1200, 600));
  const gone = await put("gone.bin", "gone");
  ada.send({ type: "delete", seq: gone.seq });
  await ada.next("deleted");
  await ada.close();
  const file = path(folder, "files.db");
  const made = await chatroom("backup", file, "--data", server.data);
  expect(made).toEqual({
    code: 0,
    said: `chatroom: 4 events of 1 rooms and 2 files are in ${file}`,
  });
  const data = path(folder, "with-files");
  expect((await chatroom("restore", file, "--data", data)).code).toBe(0);
  expect(statSync(path(data, "chatroom.db")).size).toBeLessThan(content.length);
  await using again = await Server.start({ data });
  expect(await (await download(again, large.file)).bytes()).toEqual(content);
  const thumb = await download(again, small.file, {}, "?thumb");
  expect(thumb.headers.get("content-type")).toBe("image/webp");
  expect((await download(again, gone.file)).status).toBe(404);
});

test("what a server that crashed had acknowledged is in the backup", async () => {
  await using server = await Server.start();
  const ada = await join(server, "room");
  for (const text of ["one", "two", "three"]) await ada.post(text);
  await server.kill();
  const file = path(folder, "crashed.db");
  const made = await chatroom("backup", file, "--data", server.data);
  expect(made).toEqual({ code: 0, said: `chatroom: 3 events of 1 rooms are in ${file}` });
});

test("nothing is overwritten, and nothing that is no backup is restored", async () => {
  await using server = await Server.start();
  const file = path(folder, "first.db");
  expect((await chatroom("backup", file, "--data", server.data)).code).toBe(0);
  const halved = path(folder, "halved.db");
  const bytes = await Bun.file(file).bytes();
  await Bun.write(halved, bytes.subarray(0, bytes.length / 2));
  const none = path(folder, "none");
  const stopped = await Server.start({ data: path(folder, "stopped") });
  await stopped.stop();
  for (const [args, said, code] of [
    [["backup", file, "--data", server.data], "is there already", 2],
    [["backup", path(folder, "x.db"), "--data", none], "there is no database", 2],
    [["backup", path(folder, "x.db"), "--database", "postgres://host/x"], "pg_dump", 2],
    [["backup"], "backup needs a file", 2],
    [["restore", file, "--data", stopped.data], "is there already; move it away first", 2],
    [["restore", file, "--data", server.data], "is in use by another chatroom", 1],
    [["restore", halved, "--data", none], "is no whole database of a chat", 2],
    [["restore", path(ROOT, "package.json"), "--data", none], "is no whole database", 2],
    [["restore", path(folder, "nowhere.db"), "--data", none], "there is no file", 2],
  ] as const) {
    const refused = await chatroom(...args);
    expect(refused.said).toContain(said);
    expect(refused.said.split("\n")).toHaveLength(1);
    expect(refused.code).toBe(code);
  }
  expect(existsSync(path(none, "chatroom.db"))).toBe(false);
});
