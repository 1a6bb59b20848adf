import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { type Client, join } from "../support/people/client.ts";
import { Server } from "../support/servers/server.ts";
import { Wire } from "../support/servers/proxy.ts";
import { emptyDatabase, hasPostgres, hasRedis, REDIS_URL } from "../support/servers/servers.ts";
import { applyPresence } from "../../lib/model/wire/presence.ts";
import type { Author } from "../../lib/model/people/person.ts";

setDefaultTimeout(60_000);

/** The names on someone's page, after all that they were told. */
function namesOn(client: Client): string[] {
  let people: ReadonlyMap<string, Author> = new Map();
  for (const frame of client.frames) {
    if (frame.type === "welcome") people = applyPresence(new Map(), { joined: frame.people });
    if (frame.type === "presence") people = applyPresence(people, frame);
  }
  return [...people.values()].map(({ name }) => name).sort();
}

/** Resolves when every page shows these names. */
async function show(expected: readonly string[], clients: readonly Client[]): Promise<void> {
  const sorted = [...expected].sort();
  const deadline = performance.now() + 45_000;
  const isSo = (client: Client) => namesOn(client).join() === sorted.join();
  while (!clients.every(isSo) && performance.now() < deadline) await Bun.sleep(50);
  for (const client of clients) expect(namesOn(client)).toEqual(sorted);
}

if ((await hasPostgres()) && (await hasRedis())) {
  const database = await emptyDatabase();
  const redis = REDIS_URL.replace(/^redis:/, "http:");
  const wires = await Promise.all([0, 1, 2].map(() => Wire.to(() => redis, "127.0.0.1")));
  const nodes = await Promise.all(
    wires.map((wire) => {
      const broker = wire.url.replace(/^http:/, "redis:");
      return Server.start({ args: ["--database", database.url, "--broker", broker] });
    }),
  );
  afterAll(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
    for (const wire of wires) wire[Symbol.dispose]();
    await database[Symbol.asyncDispose]();
  });

  test("after cuts of the broker every page shows who is there", async () => {
    const here = new Map<string, Client>();
    const come = async (name: string, at: number) => {
      const node = nodes[at % nodes.length];
      if (node) here.set(name, await join(node, "cuts", { name }));
    };
    const go = async (name: string) => {
      await here.get(name)?.close();
      here.delete(name);
    };
    for (let at = 0; at < 9; at += 1) await come(`first${at}`, at);
    await show([...here.keys()], [...here.values()]);
    for (const [round, wire] of wires.entries()) {
      wire.cut();
      for (let at = 0; at < 6; at += 1) await come(`round${round}-${at}`, at);
      for (let at = 0; at < 3; at += 1) await go(`first${round * 3 + at}`);
      wire.mend();
      for (let at = 6; at < 9; at += 1) await come(`round${round}-${at}`, at);
      await go(`round${round}-0`);
    }
    await show([...here.keys()], [...here.values()]);
  });
}
