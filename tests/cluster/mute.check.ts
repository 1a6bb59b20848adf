import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "../support/people/client.ts";
import { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres, hasRedis, REDIS_URL } from "../support/servers/servers.ts";
import { silentWire } from "../support/servers/silent.ts";

setDefaultTimeout(60_000);

if ((await hasPostgres()) && (await hasRedis())) {
  const database = await emptyDatabase();
  const wire = silentWire(Number(new URL(REDIS_URL).port || 6379));
  const start = (broker: string) =>
    Server.start({
      args: ["--database", database.url, "--limits", "off", "--broker", broker],
    });
  const mute = await start(`redis://127.0.0.1:${wire.port}`);
  const other = await start(REDIS_URL);
  afterAll(async () => {
    // It waits for its broker, which will not answer.
    await mute.kill();
    await Promise.all([mute, other].map((node) => node[Symbol.asyncDispose]()));
    wire.close();
    await database[Symbol.asyncDispose]();
  });

  test("a busy room goes on where nothing arrives at the broker: both sides read it in the database", async () => {
    const [ada, bob] = [await join(mute, "busy"), await join(other, "busy")];
    await ada.post("heard");
    await bob.next("message", ({ text }) => text === "heard");
    wire.mute();
    for (let at = 0; at < 400; at += 1) {
      for (const [name, client] of Object.entries({ ada, bob })) client.say(`${name} ${at}`);
      await Bun.sleep(10);
    }
    // Nothing has healed: the last is there because it was looked for, and not the way it came.
    await Promise.all([
      ada.next("message", ({ text }) => text === "bob 399"),
      bob.next("message", ({ text }) => text === "ada 399"),
    ]);
    await Promise.all([
      ada.next("message", ({ text }) => text === "ada 399"),
      bob.next("message", ({ text }) => text === "bob 399"),
    ]);
    const seqs = Array.from({ length: 801 }, (_, at) => at + 1);
    for (const client of [ada, bob]) expect(client.events.map(({ seq }) => seq)).toEqual(seqs);
    expect(mute.log.some(({ msg }) => msg === "sending to other nodes again")).toBe(false);
  });
}
