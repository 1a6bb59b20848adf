/**
 * `bun tests/bench/cluster.ts [--short]`: several nodes of one chat on this machine, by both brokers.
 * Prints Markdown. Needs PostgreSQL and Redis as the tests do; rests on a database of its own.
 *
 * Cost: 10 rooms of 12 people, evenly over the nodes, one message every so often, so that every
 * round does the same work; the processor time of all nodes together, by message. Delivery: one
 * sends on the first node, one waits on the second, one message at a time. Ceiling: everyone has 16
 * messages under way.
 */
import { parseArgs } from "node:util";
import { Server } from "../support/server.ts";
import { emptyDatabase, POSTGRES_URL, REDIS_URL } from "../support/servers.ts";
import { Talker } from "../support/talker.ts";
import { cpuSeconds } from "./process.ts";
import { percentile } from "./statistics.ts";

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const SECONDS = values.short ? 1 : 5;
/** Of each of those who send as fast as they can. */
const IN_FLIGHT = 16;
const ROUND_TRIPS = values.short ? 100 : 1_000;
const BROKERS = [
  ["PostgreSQL", []],
  ["Redis", ["--broker", REDIS_URL]],
] as const;

type Args = readonly string[];

async function withNodes<T>(count: number, args: Args, work: (nodes: Server[]) => Promise<T>) {
  await using database = await emptyDatabase();
  const all = ["--database", database.url, "--limits", "off", ...args];
  const starting = Array.from({ length: count }, () => Server.start({ args: all }));
  const nodes = await Promise.all(starting);
  try {
    return await work(nodes);
  } finally {
    for (const node of nodes) await node.stop();
  }
}

function talkersOn(nodes: readonly Server[], rooms: number, people: number): Talker[] {
  return Array.from({ length: rooms * people }, (_, at) => {
    const node = nodes[Math.floor(at / rooms) % nodes.length];
    return new Talker(() => node?.url ?? "", `room${at % rooms}`, "", `t${at}`);
  });
}

const cpuOf = (nodes: readonly Server[]) =>
  nodes.reduce((sum, { process }) => sum + cpuSeconds(process.pid), 0);
const acknowledged = (talkers: readonly Talker[]) =>
  talkers.reduce((sum, talker) => sum + talker.acknowledged.size, 0);

/** Microseconds of all nodes' processor time by message, at a fixed pace; what idling costs is taken off. */
async function cost(count: number, args: Args, perSecond: number): Promise<number> {
  return withNodes(count, args, async (nodes) => {
    const talkers = talkersOn(nodes, 10, 12);
    await Promise.all(talkers.map(({ ready }) => ready));
    const say = async (seconds: number) => {
      let said = 0;
      const from = performance.now();
      while (performance.now() - from < seconds * 1_000) {
        const due = Math.floor(((performance.now() - from) / 1_000) * perSecond);
        for (; said < due; said += 1) talkers[(said * 7) % talkers.length]?.say(`message ${said}`);
        await Bun.sleep(2);
      }
      while (talkers.some(({ pending }) => pending.size > 0)) await Bun.sleep(5);
      return said;
    };
    await say(SECONDS / 2);
    const idle = cpuOf(nodes);
    await Bun.sleep(1_000);
    const before = cpuOf(nodes);
    const from = performance.now();
    const said = await say(SECONDS);
    const elapsed = (performance.now() - from) / 1_000;
    const used = cpuOf(nodes) - before - (before - idle) * elapsed;
    for (const talker of talkers) talker.stop();
    return (used / said) * 1e6;
  });
}

/** Milliseconds from `send` on one node to the message on another (or on the same one). */
async function delivery(count: number, args: Args): Promise<readonly number[]> {
  return withNodes(count, args, async (nodes) => {
    const [one, two] = [nodes[0], nodes[count - 1]];
    const sender = new Talker(() => one?.url ?? "", "room", "", "sender");
    const reader = new Talker(() => two?.url ?? "", "room", "", "reader");
    await Promise.all([sender.ready, reader.ready]);
    const times: number[] = [];
    for (let turn = 1; turn <= ROUND_TRIPS; turn += 1) {
      const from = performance.now();
      sender.say(`message ${turn}`);
      await reader.reached(turn);
      times.push(performance.now() - from);
    }
    for (const talker of [sender, reader]) talker.stop();
    return times;
  });
}

/** Messages a second with everyone sending as fast as they see their own. */
async function ceiling(count: number, args: Args, rooms: number): Promise<number> {
  return withNodes(count, args, async (nodes) => {
    const talkers = talkersOn(nodes, rooms, rooms === 1 ? 12 : 3);
    await Promise.all(talkers.map(({ ready }) => ready));
    for (const talker of talkers) {
      talker.onAcknowledged = () => talker.say("the next one");
      for (let sent = 0; sent < IN_FLIGHT; sent += 1) talker.say("the first one");
    }
    await Bun.sleep(1_000);
    const before = acknowledged(talkers);
    await Bun.sleep(SECONDS * 1_000);
    const messages = acknowledged(talkers) - before;
    for (const talker of talkers) talker.stop();
    return messages / SECONDS;
  });
}

const ms = (times: readonly number[], share: number) => percentile(times, share).toFixed(2);
const lines = [
  "| | " + BROKERS.map(([name]) => name).join(" | ") + " |",
  "| --- | " + BROKERS.map(() => "---:").join(" | ") + " |",
];
const row = async (name: string, measure: (args: Args) => Promise<string>) => {
  const cells: string[] = [];
  for (const [, args] of BROKERS) cells.push(await measure(args));
  lines.push(`| ${name} | ${cells.join(" | ")} |`);
  console.error(lines.at(-1));
};

const PACE = 500;
for (const count of [1, 2, 3]) {
  await row(
    `processor time a message, ${count} node${count > 1 ? "s" : ""}`,
    async (args) => `${(await cost(count, args, PACE)).toFixed(0)} µs`,
  );
}
for (const [name, count] of [
  ["on one node", 1],
  ["from node to node", 2],
] as const) {
  await row(`delivery ${name}, median / 99 %`, async (args) => {
    const times = await delivery(count, args);
    return `${ms(times, 0.5)} / ${ms(times, 0.99)} ms`;
  });
}
for (const [name, rooms] of [
  ["one room", 1],
  ["100 rooms", 100],
] as const) {
  await row(
    `${name}, three nodes, everyone sending`,
    async (args) => `${Math.round(await ceiling(3, args, rooms))} messages/s`,
  );
}
console.log(
  [
    `Three nodes, PostgreSQL, Redis and the clients on this one machine (${navigator.hardwareConcurrency} processors);`,
    `${PACE} messages a second to 12 people each for the processor time. ${new URL(POSTGRES_URL).host}.`,
    "",
    ...lines,
  ].join("\n"),
);
