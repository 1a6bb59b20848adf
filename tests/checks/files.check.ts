import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { Server } from "../support/servers/server.ts";

setDefaultTimeout(60_000);

describe("on a slow line", () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ args: ["--limits", "off"] });
  });
  afterAll(() => server[Symbol.asyncDispose]());
  const line = () => connect(Number(new URL(server.url).port), "127.0.0.1");

  test("an upload that goes on is waited for, longer than the server waits for anything else", async () => {
    const socket = line();
    const answered = Promise.withResolvers<string>();
    socket.on("data", (bytes) => answered.resolve(String(bytes)));
    socket.on("close", () => answered.resolve("closed"));
    socket.write(
      "POST /api/v1/rooms/r/files?name=slow HTTP/1.1\r\nhost: x\r\ncontent-length: 15\r\n\r\n",
    );
    for (let at = 0; at < 15; at += 1) {
      await Bun.sleep(1_000);
      socket.write("x");
    }
    expect(await answered.promise).toContain("201");
    socket.destroy();
  });

  test("one that has stopped is given up, and leaves nothing", async () => {
    const socket = line();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.resume();
    socket.write(
      "POST /api/v1/rooms/r/files?name=dead HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 15\r\n\r\nx",
    );
    await server.logged("upload broken off", ({ fault }) => String(fault).includes("slow"), 45_000);
    await closed;
  });
});
