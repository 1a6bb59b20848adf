import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { Server } from "../../support/servers/server.ts";

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
    while (refused < 32) await Bun.sleep(10);
    // A ninth would have been refused by then.
    for (const { end } of all) end();
    await server.logged("upload broken off");
    expect(refused).toBe(32);
  });
});
