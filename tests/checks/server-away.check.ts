import { describe, expect, test } from "bun:test";
import { postgresBroker } from "../../lib/broker/postgres.ts";
import { redisBroker } from "../../lib/broker/redis.ts";
import type { Signal } from "../../lib/model/wire/broker.ts";
import { openDatabase } from "../../lib/store/open.ts";
import {
  hasPostgres,
  hasRedis,
  ownPostgres,
  ownRedis,
  POSTGRES_URL,
} from "../support/servers/servers.ts";
import { silentWire } from "../support/servers/silent.ts";
import { ear, events, quiet, until } from "../broker/suite.ts";
import { append, say } from "../store/suite.ts";

const kinds = [
  ...((await hasPostgres())
    ? [["PostgreSQL", ownPostgres, (url: string) => postgresBroker(url, "chat", quiet)] as const]
    : []),
  ...((await hasRedis())
    ? [["Redis", ownRedis, (url: string) => redisBroker(url, "chat:", quiet)] as const]
    : []),
];

describe("a broker whose server is away", () => {
  for (const [name, own, open] of kinds) {
    test.concurrent(
      `${name}: it hears itself, holds nobody up, and says afterwards what was missed`,
      async () => {
        await using server = await own();
        const [here, there] = [ear(open(server.url)), ear(open(server.url))];
        for (const { broker } of [here, there]) await broker.subscribe("room");
        await server.stop();
        await Bun.sleep(100);

        here.broker.publish("room", events(1));
        expect(here.heard).toEqual([{ room: "room", signal: events(1) }]);
        const typing: Signal = {
          kind: "ephemeral",
          frame: { type: "typing", person: { id: "a", name: "" } },
        };
        here.broker.publish("room", typing);
        here.broker.publish("room", { kind: "control", control: { action: "rules" } });
        await Bun.sleep(300);
        here.broker.publish("room", events(2, 3));
        const started = performance.now();
        await there.broker.subscribe("later");
        expect(performance.now() - started).toBeLessThan(1_500);
        expect(there.heard).toEqual([]);

        await server.start();
        await until(() => here.lost > 0 && there.lost > 0, 10_000);
        const highest = () =>
          Math.max(
            0,
            ...there.heard.map(({ signal }) =>
              signal.kind === "wake"
                ? signal.seq
                : signal.kind === "events"
                  ? (signal.events.at(-1)?.seq ?? 0)
                  : 0,
            ),
          );
        const isAbout = (kind: Signal["kind"]) =>
          there.heard.some(({ signal }) => signal.kind === kind);
        // The first try may come before the other end listens again: then `onLost` tells of it.
        await Bun.sleep(500);
        if (highest() > 0) {
          expect(highest()).toBe(3);
          expect(isAbout("control")).toBe(true);
        }
        expect(isAbout("ephemeral")).toBe(false);
        for (const room of ["room", "later"]) {
          const before = there.heard.length;
          here.broker.publish(room, events(4));
          await until(() => there.heard.length > before);
          await Bun.sleep(50);
          expect(there.heard.slice(before)).toEqual([{ room, signal: events(4) }]);
        }
        await Promise.all([here, there].map(({ broker }) => broker.close()));
      },
      30_000,
    );
  }
});

if (await hasPostgres()) {
  test.concurrent(
    "a connection to PostgreSQL that was cut without a word is noticed and replaced",
    async () => {
      const url = new URL(POSTGRES_URL);
      const wire = silentWire(Number(url.port || 5432));
      const through = Object.assign(new URL(url), { port: `${wire.port}` }).href;
      const chat = crypto.randomUUID();
      const here = ear(postgresBroker(POSTGRES_URL, chat, quiet));
      const there = ear(postgresBroker(through, chat, quiet, 200));
      for (const { broker } of [here, there]) await broker.subscribe("room");
      here.broker.publish("room", events(1));
      await until(() => there.heard.length === 1);
      await Bun.sleep(500);
      expect(there.lost).toBe(0);
      wire.cut();
      here.broker.publish("room", events(2));
      await until(() => there.lost === 1, 12_000);
      const before = there.heard.length;
      here.broker.publish("room", events(3));
      await until(() => there.heard.length > before);
      there.broker.publish("room", events(4));
      await until(() =>
        here.heard.some(({ signal }) => signal.kind !== "events" || signal.events[0]?.seq === 4),
      );
      await Promise.all([here, there].map(({ broker }) => broker.close()));
      wire.close();
    },
    30_000,
  );
}

if (await hasPostgres()) {
  test("a store whose PostgreSQL is away rejects what it cannot keep, and goes on when it is back", async () => {
    await using server = await ownPostgres();
    const store = await openDatabase(server.url, "");
    await server.stop();
    await expect(append(store, say("room", "lost"))).rejects.toThrow();
    await server.start();
    expect((await append(store, say("room", "lost")))[0]?.seq).toBe(1);
    await store.close();
  }, 20_000);
}
