import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { download, PIXEL, upload } from "../../support/files.ts";
import { guest } from "../../support/people/client.ts";
import {
  manyScans,
  SECRET,
  spokenGif,
  spokenJpeg,
  spokenPng,
  spokenWebp,
} from "../../support/pictures.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

setDefaultTimeout(30_000);

/** Uploads half a file by itself, on a connection of its own, and stays; resolves to what it is told. */
async function halfAnUpload(server: Server) {
  const { promise: status, resolve } = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(server.url).port),
    socket: { data: (_, bytes) => resolve(bytes.toString().slice(9, 12)) },
  });
  const head = "POST /api/v1/rooms/r/files?name=half.bin HTTP/1.1\r\nhost: x\r\n";
  socket.write(`${head}content-length: 1000000\r\n\r\nhalf`);
  return { status, end: () => socket.terminate() };
}

describe("uploads of one address at the same time", () => {
  test("are eight, however closely they follow each other", async () => {
    await using server = await Server.start();
    const all = await Promise.all(Array.from({ length: 40 }, () => halfAnUpload(server)));
    let refused = 0;
    for (const { status } of all) void status.then((code) => (refused += code === "429" ? 1 : 0));
    await eventually(() => refused >= 32);
    // A ninth would have been refused by then.
    for (const { end } of all) end();
    await server.logged("upload broken off");
    expect(refused).toBe(32);
  });
});

describe("a picture", () => {
  test("that would take minutes to decode is shown to nobody, and others wait for none of it", async () => {
    await using server = await Server.start({ args: ["--limits", "off"] });
    const bomb = await manyScans(7_000, 7_000, 20_000);
    const bombs = Array.from({ length: 6 }, () => upload(server, "r", "bomb.jpg", bomb));
    const { file } = await upload(server, "r", "a.png", PIXEL, { cookie: await guest(server) });
    expect(file).toMatchObject({ type: "image/png", width: 1 });
    for (const { file } of await Promise.all(bombs)) {
      expect(file).toMatchObject({ type: "application/octet-stream" });
      expect(file.width).toBeUndefined();
    }
  });

  test.each([
    ["WebP", spokenWebp],
    ["PNG", spokenPng],
    ["GIF", async () => spokenGif()],
    ["JPEG without an end", () => spokenJpeg({ hasEnd: false, stray: SECRET })],
  ])("of the type %s loses where it was taken", async (_, make) => {
    await using server = await Server.start();
    const me = { cookie: await guest(server) };
    const { file } = await upload(server, "r", "photo", await make(), me);
    expect(file.width).toBeGreaterThan(0);
    const bytes = await (await download(server, file, me)).arrayBuffer();
    expect(bytes.byteLength).toBe(file.size);
    expect(Buffer.from(bytes).includes(SECRET)).toBe(false);
  });
});
