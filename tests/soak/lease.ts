/**
 * `bun test ./tests/soak/lease.ts`: a node is killed, and the people it had are seen to go on the
 * others. A minute, over every broker at once; says how long it took.
 */
import { expect, test } from "bun:test";
import { until } from "../broker/suite.ts";
import { startCluster } from "../support/servers/cluster.ts";
import { type Client, join } from "../support/people/client.ts";
import { redisCluster } from "../support/servers/redis-cluster.ts";
import type { Server } from "../support/servers/server.ts";
import { emptyDatabase, ownRedis } from "../support/servers/servers.ts";

/** What is promised. */
const LIMIT_MS = 60_000;
/** Deaths at other moments between two beats of the node that dies. */
const MOMENTS_MS = [0, 5_000, 10_000, 15_000];

interface Between extends AsyncDisposable {
  readonly url: string;
}
const brokers: [string, () => Promise<Between | null>][] = [
  ["postgres", async () => null],
  ["redis", ownRedis],
  ["a Redis Cluster", redisCluster],
];

for (const [name, open] of brokers) {
  test.concurrent(
    `${name}: who was on a node that was killed is gone from the others within a minute`,
    async () => {
      await using between = await open();
      await using database = await emptyDatabase();
      const args = between ? ["--broker", between.url] : [];
      await using cluster = await startCluster(MOMENTS_MS.length + 2, database.url, args);
      const [one, two, ...dying] = cluster.nodes;
      if (!one || !two) throw new Error("no nodes");
      const took = await Promise.all(
        dying.map((node, at) => death(node, [one, two], `room${at}`, MOMENTS_MS[at] ?? 0)),
      );
      const seconds = took.flat().map((ms) => (ms / 1_000).toFixed(1));
      process.stdout.write(`${name}: gone after ${seconds.join(", ")} s\n`);
      for (const ms of took.flat()) expect(ms).toBeLessThan(LIMIT_MS);
    },
    120_000,
  );
}

/** How long the other nodes showed the three people of the one that was killed. */
async function death(dying: Server, others: readonly Server[], room: string, after: number) {
  const names = ["ada", "bob", "carol"];
  const lost = await Promise.all(names.map((called) => join(dying, room, { name: called })));
  const left = await Promise.all(others.map((node) => join(node, room, { name: "dan" })));
  const shown = (client: Client, people: number, limit?: number) => {
    const count = () => {
      const last = client.frames.findLast(({ type }) => type === "presence" || type === "welcome");
      return last && "count" in last ? last.count : -1;
    };
    return until(() => count() === people, limit);
  };
  const everyone = lost.length + left.length;
  await Promise.all(left.map((client) => shown(client, everyone)));
  await Bun.sleep(after);
  await dying.kill();
  const killed = performance.now();
  const times = left.map(async (client) => {
    await shown(client, left.length, LIMIT_MS + 10_000);
    return performance.now() - killed;
  });
  return Promise.all(times);
}
