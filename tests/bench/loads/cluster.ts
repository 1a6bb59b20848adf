/**
 * Several nodes of one chat on this machine, by both brokers. Needs PostgreSQL and Redis as the tests
 * do, and makes a database of its own.
 *
 * Cost: 10 rooms of 12 people, evenly over the nodes, one message every so often, so that every
 * round does the same work; the processor time of all nodes together, by message. Delivery: one
 * sends on the first node, one waits on the second, one message at a time. Ceiling: everyone has 16
 * messages under way.
 */
import { Server } from "../../support/servers/server.ts";
import { emptyDatabase, REDIS_URL } from "../../support/servers/servers.ts";
import { Talker } from "../../support/people/talker.ts";
import { type Finding, milliseconds } from "./finding.ts";
import { cpuSeconds } from "../parts/process.ts";
import { percentile } from "../statistics.ts";

/** Of each of those who send as fast as they can. */
const IN_FLIGHT = 16;
/** Messages a second, of all together, where it is the cost that counts. */
const PACE = 500;
const ROOMS = 10;
const PEOPLE = 12;
const BROKERS = [
  ["PostgreSQL", []],
  ["Redis", ["--broker", REDIS_URL]],
] as const;

export interface ClusterPace {
  readonly seconds: number;
  readonly roundTrips: number;
}

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
async function cost(count: number, args: Args, seconds: number): Promise<number> {
  return withNodes(count, args, async (nodes) => {
    const talkers = talkersOn(nodes, ROOMS, PEOPLE);
    await Promise.all(talkers.map(({ ready }) => ready));
    const say = async (duration: number) => {
      let said = 0;
      const from = performance.now();
      while (performance.now() - from < duration * 1_000) {
        const due = Math.floor(((performance.now() - from) / 1_000) * PACE);
        for (; said < due; said += 1) talkers[(said * 7) % talkers.length]?.say(`message ${said}`);
        await Bun.sleep(2);
      }
      while (talkers.some(({ pending }) => pending.size > 0)) await Bun.sleep(5);
      return said;
    };
    await say(seconds / 2);
    const idle = cpuOf(nodes);
    await Bun.sleep(1_000);
    const before = cpuOf(nodes);
    const from = performance.now();
    const said = await say(seconds);
    const elapsed = (performance.now() - from) / 1_000;
    const used = cpuOf(nodes) - before - (before - idle) * elapsed;
    for (const talker of talkers) talker.stop();
    return (used / said) * 1e6;
  });
}

/** Milliseconds from `send` on one node to the message on another (or on the same one). */
async function delivery(count: number, args: Args, roundTrips: number): Promise<readonly number[]> {
  return withNodes(count, args, async (nodes) => {
    const [one, two] = [nodes[0], nodes[count - 1]];
    const sender = new Talker(() => one?.url ?? "", "room", "", "sender");
    const reader = new Talker(() => two?.url ?? "", "room", "", "reader");
    await Promise.all([sender.ready, reader.ready]);
    const times: number[] = [];
    for (let turn = 1; turn <= roundTrips; turn += 1) {
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
async function ceiling(count: number, args: Args, rooms: number, seconds: number): Promise<number> {
  return withNodes(count, args, async (nodes) => {
    const talkers = talkersOn(nodes, rooms, rooms === 1 ? 12 : 3);
    await Promise.all(talkers.map(({ ready }) => ready));
    for (const talker of talkers) {
      talker.onAcknowledged = () => talker.say("the next one");
      for (let sent = 0; sent < IN_FLIGHT; sent += 1) talker.say("the first one");
    }
    await Bun.sleep(1_000);
    const before = acknowledged(talkers);
    await Bun.sleep(seconds * 1_000);
    const messages = acknowledged(talkers) - before;
    for (const talker of talkers) talker.stop();
    return messages / seconds;
  });
}

type Measure = (args: Args) => Promise<{ readonly text: string; readonly value: number }>;

async function finding(name: string, method: string, measure: Measure): Promise<Finding> {
  const numbers: Record<string, number> = {};
  const texts: string[] = [];
  for (const [broker, args] of BROKERS) {
    const { text, value } = await measure(args);
    numbers[broker] = value;
    texts.push(`${broker} ${text}`);
  }
  return { name, bare: "", ours: texts.join(", "), target: "", holds: null, method, numbers };
}

export async function clusterFindings({ seconds, roundTrips }: ClusterPace): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const count of [1, 2, 3]) {
    const measure: Measure = async (args) => {
      const value = await cost(count, args, seconds);
      return { text: `${value.toFixed(0)} µs`, value };
    };
    const method = `${PACE} messages a second in ${ROOMS} rooms of ${PEOPLE} people, spread evenly over the nodes; user and system time of all nodes, less what they use at rest, by message. Clients, PostgreSQL and Redis run on the same machine and are not counted.`;
    findings.push(await finding(`processor time a message, nodes: ${count}`, method, measure));
  }
  for (const [where, count] of [
    ["on one node", 1],
    ["from node to node", 2],
  ] as const) {
    const measure: Measure = async (args) => {
      const times = await delivery(count, args, roundTrips);
      const value = percentile(times, 0.5);
      const text = `${milliseconds(value)} (99 %: ${milliseconds(percentile(times, 0.99))})`;
      return { text, value };
    };
    const method = `Median and 99th percentile of ${roundTrips} messages, one at a time, from \`send\` to the reader's frame; the commit to disk is in it.`;
    findings.push(await finding(`delivery ${where}`, method, measure));
  }
  for (const [where, rooms] of [
    ["one room", 1],
    ["100 rooms", 100],
  ] as const) {
    const measure: Measure = async (args) => {
      const value = await ceiling(3, args, rooms, seconds);
      return { text: `${Math.round(value)} messages/s`, value };
    };
    const method = `${rooms === 1 ? 12 : 300} people, each with ${IN_FLIGHT} messages under way.`;
    findings.push(await finding(`three nodes, ${where}, everyone sending`, method, measure));
  }
  return findings;
}
