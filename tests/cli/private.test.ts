import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { join as path } from "node:path";
import { guest, join } from "../support/people/client.ts";
import { PIXEL, upload } from "../support/files.ts";
import { ROOT, Server, temporaryFolder } from "../support/servers/server.ts";

setDefaultTimeout(20_000);

const PROGRAM = [process.execPath, path(ROOT, "index.ts")];
/** The program under a mask that takes no rights away. */
const OPEN_MASK = ["bash", "-c", `umask 000; exec "$@"`, "open", ...PROGRAM];

/** What others than its owner may do with a folder and everything in it, by path. */
function openToOthers(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const paths = [folder, ...entries.map((entry) => path(folder, entry))];
  return paths.filter((each) => (statSync(each).mode & 0o077) !== 0);
}

async function talk(server: Server): Promise<void> {
  const ada = await join(server, "room");
  await ada.post("hello");
  await ada.close();
  const { status } = await upload(server, "room", "a.png", PIXEL, { cookie: await guest(server) });
  expect(status).toBe(201);
}

async function backUp(data: string, file: string): Promise<void> {
  const command = ["backup", file, "--data", data];
  const child = Bun.spawn([...OPEN_MASK, ...command], { stdio: ["ignore", "ignore", "ignore"] });
  expect(await child.exited).toBe(0);
}

describe("the data folder", () => {
  test("is its owner's alone, with all that is in it, under any mask", async () => {
    const data = path(await temporaryFolder(), "new");
    await using server = await Server.start({ data, command: OPEN_MASK });
    await talk(server);
    await backUp(data, path(data, "copy.db"));
    expect(openToOthers(data)).toEqual([]);
    await server.stop();
    expect(openToOthers(data)).toEqual([]);
  });

  test("that others could read is closed to them at the next start", async () => {
    await using before = await Server.start();
    await talk(before);
    await before.kill();
    for (const entry of [".", "chatroom.db", "chatroom.db-wal", "lock", "files"]) {
      chmodSync(path(before.data, entry), entry === "." || entry === "files" ? 0o755 : 0o644);
    }
    await using after = await before.again();
    expect(openToOthers(after.data)).toEqual([]);
  });

  test("keeps its rights where it is somebody's home, and only our files are closed", async () => {
    const data = await temporaryFolder();
    mkdirSync(path(data, "Documents"));
    chmodSync(data, 0o755);
    await using server = await Server.start({ data });
    await server.stop();
    expect(statSync(data).mode & 0o777).toBe(0o755);
    expect(statSync(path(data, "chatroom.db")).mode & 0o777).toBe(0o600);
  });
});

describe("a database", () => {
  test("is one server's alone by whatever name it is opened", async () => {
    await using server = await Server.start();
    const [folder, other] = [await temporaryFolder(), await temporaryFolder()];
    symlinkSync(path(server.data, "chatroom.db"), path(folder, "chatroom.db"));
    const inUse = "is in use by another chatroom";
    await expect(Server.start({ data: folder })).rejects.toThrow(inUse);
    linkSync(path(server.data, "chatroom.db"), path(other, "chatroom.db"));
    await expect(Server.start({ data: other })).rejects.toThrow("hard link");
  });

  test("behind a symbolic link is made, and found again, where the link points", async () => {
    const [folder, real] = [await temporaryFolder(), await temporaryFolder()];
    symlinkSync(path(real, "chat.db"), path(folder, "chatroom.db"));
    await using server = await Server.start({ data: folder });
    await talk(server);
    await server.stop();
    expect(readdirSync(folder)).toEqual(["chatroom.db"]);
    await using again = await Server.start({
      data: real,
      args: ["--database", `sqlite:${real}/chat.db`],
    });
    const bob = await join(again, "room");
    expect(bob.welcome.messages).toHaveLength(1);
    await bob.close();
  });
});
