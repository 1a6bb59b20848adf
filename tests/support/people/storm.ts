import { expect } from "bun:test";
import { openDatabase } from "../../../lib/store/open.ts";
import { until } from "../../broker/suite.ts";
import { startCluster } from "../servers/cluster.ts";
import { startNginx } from "../servers/nginx.ts";
import { redisCluster } from "../servers/redis-cluster.ts";
import { ownPostgres, ownRedis } from "../servers/servers.ts";
import { Talker } from "./talker.ts";

export interface Storm {
  readonly clients: number;
  readonly rooms: number;
  /** Messages of all clients together, a second. */
  readonly perSecond: number;
  /** Between two faults, in milliseconds. */
  readonly pause: number;
  readonly broker: keyof typeof BROKERS;
}

/** What is between the nodes beside the database; stopping a cluster kills one of its masters. */
const BROKERS = {
  postgres: async () => null,
  redis: ownRedis,
  "Redis Cluster": async () => {
    const cluster = await redisCluster();
    return {
      url: cluster.url,
      stop: () => cluster.kill(1),
      start: () => cluster.start(1),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  },
};

export interface Weather {
  readonly sent: number;
  readonly resumes: number;
  readonly refusals: number;
  /** Milliseconds from sending to seeing one's own message, faults included. */
  readonly median: number;
  readonly worst: number;
}

/**
 * Three nodes behind nginx (TLS, a subpath), everyone talking, while one node is killed and started
 * again, one is paused, one drained, connections are cut, and the broker and the database restart.
 * Fails where anything acknowledged is lost, anything repeats, or anyone disagrees at the end.
 */
export async function storm({ clients, rooms, perSecond, pause, broker }: Storm): Promise<Weather> {
  await using postgres = await ownPostgres();
  await using redis = await BROKERS[broker]();
  const args = ["--base-path", "/chat", "--trust-proxy", "127.0.0.1/32"];
  if (redis) args.push("--broker", redis.url);
  await using cluster = await startCluster(3, postgres.url, args);
  const ports = cluster.nodes.map(({ url }) => Number(new URL(url).port));
  await using nginx = await startNginx(ports, "/chat");

  const talkers = Array.from(
    { length: clients },
    (_, at) => new Talker(() => nginx.url, `room${at % rooms}`, cluster.cookie(), `t${at}`),
  );
  await Promise.all(talkers.map(({ ready }) => ready));
  let sent = 0;
  let turn = 0;
  const talk = setInterval(() => {
    for (let count = 0; count < Math.ceil(perSecond / 20); count += 1) {
      talkers[turn % clients]?.say(`message ${turn}`);
      turn += 7;
      sent += 1;
    }
  }, 50);

  try {
    await Bun.sleep(pause);
    await cluster.nodes[0]?.kill();
    await Bun.sleep(pause);
    await cluster.restart(0);
    await Bun.sleep(pause);
    if (redis) {
      await redis.stop();
      await Bun.sleep(pause);
      await redis.start();
      await Bun.sleep(pause);
    }
    for (const talker of talkers.slice(0, clients / 3)) talker.cut();
    await Bun.sleep(pause);
    cluster.nodes[1]?.process.kill("SIGSTOP");
    await Bun.sleep(pause * 2);
    cluster.nodes[1]?.process.kill("SIGCONT");
    await Bun.sleep(pause);
    await postgres.stop();
    await Bun.sleep(pause);
    await postgres.start();
    await Bun.sleep(pause);
    expect(await cluster.nodes[2]?.stop()).toBe(0);
    await cluster.restart(2);
    await Bun.sleep(pause);
  } finally {
    clearInterval(talk);
  }

  await agree(postgres.url, talkers, sent);
  for (const talker of talkers) talker.stop();
  const latencies = talkers.flatMap((talker) => talker.latencies).sort((a, b) => a - b);
  return {
    sent,
    resumes: talkers.reduce((sum, talker) => sum + talker.resumes, 0),
    refusals: talkers.reduce((sum, talker) => sum + talker.refusals, 0),
    median: Math.round(latencies[latencies.length >> 1] ?? 0),
    worst: Math.round(latencies.at(-1) ?? 0),
  };
}

/**
 * Waits until everything that was sent is acknowledged and everyone has everything; then compares
 * what each saw and was told with the log.
 */
export async function agree(database: string, talkers: readonly Talker[], sent: number) {
  await until(() => talkers.every(({ pending }) => pending.size === 0), 60_000);
  const store = await openDatabase(database, "");
  let stored = 0;
  for (const room of new Set(talkers.map((talker) => talker.room))) {
    const inside = talkers.filter((talker) => talker.room === room);
    const head = await store.head(room);
    stored += head;
    await until(() => inside.every(({ last }) => last === head), 60_000);
    const log = await store.events(room, 0, head, head);
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, n) => n + 1));
    const ids = log.map((event) => (event.type === "message" ? event.id : ""));
    expect(new Set(ids).size).toBe(head);
    for (const talker of inside) {
      expect(talker.wrong).toEqual([]);
      for (const { seq, key } of talker.seen) {
        if (ids[seq - 1] !== key) throw new Error(`${talker.name} saw ${key} as ${seq}`);
      }
      for (const [id, seq] of talker.acknowledged) {
        if (ids[seq - 1] !== id) throw new Error(`${id} was acknowledged as ${seq}, and is not`);
      }
    }
  }
  expect(stored).toBe(sent);
  await store.close();
}
