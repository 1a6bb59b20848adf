import { afterAll, describe, expect, test } from "bun:test";
import { shardedBroker } from "../../lib/broker/sharded.ts";
import { slotOf } from "../../lib/broker/slots.ts";
import { redisCluster } from "../support/servers/redis-cluster.ts";
import { startCluster } from "../support/servers/cluster.ts";
import { join, showing } from "../support/people/client.ts";
import { emptyDatabase, hasPostgres, isThere } from "../support/servers/servers.ts";
import { brokerSuite, type Ear, ear, events, quiet, until } from "./suite.ts";

const canRun = await isThere("redis-server", async () => {
  if (Bun.which("redis-server") === null) throw new Error("no such program");
});

if (canRun) {
  const cluster = await redisCluster();
  afterAll(() => cluster[Symbol.asyncDispose]());
  const prefix = `chatroom:${crypto.randomUUID()}:`;
  const open = () => shardedBroker(cluster.url, prefix, quiet);
  brokerSuite("a Redis Cluster of three masters", open, true);

  describe("a Redis Cluster whose shards come and go", () => {
    const shardOf = (slot: number) =>
      cluster.ports.findIndex((port) =>
        cluster
          .ask(0, "CLUSTER", "NODES")
          .split("\n")
          .filter((line) => line.includes(`:${port}@`))
          .flatMap((line) => line.matchAll(/ (\d+)-(\d+)/g).toArray())
          .some(([, from, to]) => Number(from) <= slot && slot <= Number(to)),
      );
    const slot = (room: string) => slotOf(`${prefix}${room}`);
    /** A room on each shard. */
    const rooms = () => {
      const found = new Map<number, string>();
      while (found.size < cluster.ports.length) {
        const room = `room-${crypto.randomUUID()}`;
        found.set(shardOf(slot(room)), room);
      }
      return [...found].sort(([a], [b]) => a - b).map(([, room]) => room);
    };
    const hears = async (from: Ear, to: Ear, room: string, seq: number) => {
      from.broker.publish(room, events(seq));
      const isIt = (heard: Ear["heard"][number]) =>
        heard.room === room && Bun.deepEquals(heard.signal, events(seq));
      await until(() => to.heard.some(isIt));
      expect(to.heard.filter(isIt).length).toBe(1);
    };

    test("a message passes through the master of its room's slot alone", async () => {
      const end = ear(open());
      const names = rooms();
      for (const room of names) await end.broker.subscribe(room);
      const counted = cluster.ports.map((_, index) => [
        cluster.ask(index, "PUBSUB", "SHARDCHANNELS", `${prefix}*`),
        cluster.ask(index, "PUBSUB", "CHANNELS"),
      ]);
      expect(counted).toEqual(names.map((room) => [`${prefix}${room}`, ""]));
      await end.broker.close();
    });

    test("a master that is killed holds up no other; when it is back, its rooms go on", async () => {
      const [here, there] = [ear(open()), ear(open())];
      const [first = "", second = "", third = ""] = rooms();
      for (const { broker } of [here, there]) {
        for (const room of [first, second, third]) await broker.subscribe(room);
      }
      await cluster.kill(1);
      here.broker.publish(second, events(1));
      await hears(here, there, first, 1);
      await hears(there, here, third, 1);
      const before = [here.lost, there.lost];
      await cluster.start(1);
      await until(() => [here, there].every(({ lost }, at) => lost > (before[at] ?? 0)), 10_000);
      // `onLost` tells of what was published meanwhile; a wake-up may, where both listen by then.
      await cluster.settled();
      for (const [at, room] of [first, second, third].entries()) {
        await hears(here, there, room, at + 2);
      }
      await Promise.all([here, there].map(({ broker }) => broker.close()));
    }, 30_000);

    test("a slot that moves to another master takes its room along", async () => {
      const [here, there] = [ear(open()), ear(open())];
      const [, , room = ""] = rooms();
      for (const { broker } of [here, there]) await broker.subscribe(room);
      await hears(here, there, room, 1);
      const target = cluster.ask(0, "CLUSTER", "MYID");
      for (const index of [0, 2, 1]) {
        cluster.ask(index, "CLUSTER", "SETSLOT", `${slot(room)}`, "NODE", target);
      }
      await until(() => here.lost > 0 && there.lost > 0, 10_000);
      await hears(here, there, room, 2);
      await hears(there, here, room, 3);
      const channel = `${prefix}${room}`;
      expect(cluster.ask(0, "PUBSUB", "SHARDNUMSUB", channel)).toBe(`${channel}\n2`);
      await Promise.all([here, there].map(({ broker }) => broker.close()));
    }, 30_000);

    test("the program finds out by itself that it is a cluster", async () => {
      if (!(await hasPostgres())) return;
      await using database = await emptyDatabase();
      await using nodes = await startCluster(2, database.url, ["--broker", cluster.url]);
      const [one, two] = nodes.nodes;
      if (!one || !two) throw new Error("no nodes");
      const [ada, bob] = await Promise.all([join(one, "room"), join(two, "room")]);
      await showing(2, ada);
      await ada.post("hello");
      expect((await bob.next("message")).text).toBe("hello");
      const channels = cluster.ports.map((_, index) => [
        cluster.ask(index, "PUBSUB", "SHARDCHANNELS", "*:room"),
        cluster.ask(index, "PUBSUB", "CHANNELS"),
      ]);
      expect(channels.flat().filter((names) => names !== "")).toHaveLength(1);
    }, 30_000);
  });
}
