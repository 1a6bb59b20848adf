import { describe, expect, test } from "bun:test";
import { hasNginx } from "../support/servers/nginx.ts";
import { hasPostgres, hasRedis, isThere } from "../support/servers/servers.ts";
import { storm } from "../support/people/storm.ts";

const canRun =
  (await hasPostgres()) &&
  (await isThere("nginx", async () => {
    if (!hasNginx) throw new Error("no such program");
  }));
const brokers = [
  ...(canRun ? ["postgres" as const] : []),
  ...(canRun && (await hasRedis()) ? (["redis", "Redis Cluster"] as const) : []),
];

describe("nothing acknowledged is lost, nothing repeats, and all agree at the end", () => {
  for (const broker of brokers) {
    test.concurrent(
      `three nodes, ${broker} between them, and everything fails once`,
      async () => {
        const weather = await storm({ clients: 30, rooms: 3, perSecond: 200, pause: 300, broker });
        expect(weather.resumes).toBeGreaterThan(0);
      },
      60_000,
    );
  }
});
