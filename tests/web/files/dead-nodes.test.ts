import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join as path } from "node:path";
import type { FileInfo } from "../../../lib/model/files/file.ts";
import { openDatabase, type OpenStore } from "../../../lib/store/open.ts";
import { upload } from "../../support/files.ts";
import { Server, temporaryFolder } from "../../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../../support/servers/servers.ts";
import { eventually } from "../../support/eventually.ts";

setDefaultTimeout(30_000);

const BYTES = 300_000;

/** Begins an upload that never ends. */
async function halfAnUpload(server: Server): Promise<void> {
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(server.url).port),
    socket: { data: () => undefined },
  });
  const head = "POST /api/v1/rooms/r/files?name=half.bin HTTP/1.1\r\nhost: x\r\n";
  socket.write(`${head}content-length: 1000000\r\n\r\n${"x".repeat(BYTES)}`);
}

/** Files of at least so many bytes below a folder. */
function large(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return paths.filter((each) => Bun.file(path(folder, each)).size >= BYTES / 2);
}

/** Writes the row of a file whose node ends before its bytes are kept. */
async function halfKept(store: OpenStore, at: number): Promise<string> {
  const info: FileInfo = {
    ...{ id: crypto.getRandomValues(new Uint8Array(16)).toHex(), name: "half.bin" },
    ...{ type: "text/plain", size: 9 },
  };
  const file = { info, room: "r", author: "ada", at, seq: null, thumb: 0, isHidden: false };
  await store.files.store(file, "/nowhere/at/all", null).catch(() => undefined);
  return info.id;
}

test("SQLite: the next start removes what a killed server had received", async () => {
  await using server = await Server.start();
  await halfAnUpload(server);
  const incoming = path(server.data, "files", "incoming");
  await eventually(() => large(incoming).length > 0);
  await server.kill();
  expect(large(incoming)).toHaveLength(1);
  await using again = await server.again();
  await eventually(() => large(incoming).length === 0);
  expect((await upload(again, "r", "whole.bin", "whole")).status).toBe(201);
});

test("SQLite: the next start ends the rows of files that were not kept", async () => {
  const data = await temporaryFolder();
  const before = await openDatabase(null, data);
  await halfKept(before, Date.now());
  await before.close();
  const after = await openDatabase(null, data);
  expect(await after.files.total()).toBe(9);
  await after.files.tidy(Date.now());
  await after.files.sweep(Date.now() - 1_000, 100);
  expect(await after.files.total()).toBe(0);
  await after.close();
  await rm(data, { recursive: true });
});

describe.if(await hasPostgres())("PostgreSQL", () => {
  test("another node removes what a killed one had received, and nothing of a living one", async () => {
    await using database = await emptyDatabase();
    const temporary = await temporaryFolder();
    const options = {
      args: ["--database", database.url],
      env: { TMPDIR: temporary },
    };
    await using killed = await Server.start(options);
    await using living = await Server.start(options);
    for (const node of [killed, living]) await halfAnUpload(node);
    await eventually(() => large(temporary).length === 2);
    await killed.kill();
    await using _ = await Server.start(options);
    await eventually(() => large(temporary).length === 1);
    await living.stop();
    await eventually(() => large(temporary).length === 0);
    await rm(temporary, { recursive: true });
  });

  test("the rows of files whose node has ended are swept, those on their way stay", async () => {
    await using database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    const now = Date.now();
    await halfKept(store, now - 2 * 60 * 60 * 1000);
    await halfKept(store, now);
    await store.files.tidy(now);
    await store.files.sweep(now - 24 * 60 * 60 * 1000, 100);
    expect(await store.files.total()).toBe(9);
    await store.close();
  });
});
