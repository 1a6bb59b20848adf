import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Client, join } from "../support/people/client.ts";
import { farAway } from "../support/servers/distance.ts";
import { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

const MIB = 1024 * 1024;

/** Resident bytes of a process. */
function residentBytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4_096;
}

describe.if(await hasPostgres())("a database that is far away", () => {
  test("sockets that close while their start is read leave nothing behind", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 5);
    const args = ["--database", distance.database, "--limits", "off"];
    await using server = await Server.start({ args });
    const keeper = await join(server, "lobby");
    await keeper.post("here");
    distance.ms = 60;
    // Closed at every moment of their way in.
    await Promise.all(
      Array.from({ length: 400 }, async (_, at) => {
        const client = new Client(server, "lobby", { name: `reload${at}` });
        await client.opened();
        await Bun.sleep(at * 2);
        client.cut();
        await client.closed;
      }),
    );
    distance.ms = 1;
    const before = residentBytes(server.process.pid);
    const text = "x".repeat(1_000);
    for (let turn = 0; turn < 8; turn += 1) {
      const ids = Array.from({ length: 500 }, () => keeper.say(text));
      await keeper.next("message", ({ id }) => id === ids.at(-1));
    }
    // A single socket that is still followed would keep 4 MB of these messages.
    const grown = residentBytes(server.process.pid) - before;
    expect(grown / MIB).toBeLessThan(120);
    await keeper.close();
  }, 60_000);
});
