/**
 * The storm of `tests/soak/nodes.ts` at full size: `bun test ./tests/soak/cluster.ts`. Some
 * three minutes. The first line of the result says how it went.
 */
import { expect, test } from "bun:test";
import { storm } from "../support/people/storm.ts";

for (const broker of ["postgres", "redis", "Redis Cluster"] as const) {
  test(`1,000 clients in 20 rooms, by ${broker}`, async () => {
    const weather = await storm({
      clients: 1_000,
      rooms: 20,
      perSecond: 200,
      pause: 3_000,
      broker,
    });
    process.stdout.write(`${broker}: ${JSON.stringify(weather)}\n`);
    expect(weather.resumes).toBeGreaterThan(0);
  }, 300_000);
}
