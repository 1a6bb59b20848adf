import { answerApart, apart } from "./apart.ts";
import { DIALECTS, RoomCounter } from "./dialects.ts";
import type { DialectName } from "./dialects.ts";
import { enterAll, Member } from "./member.ts";
import { busySeconds, cpuSeconds } from "./process.ts";

export interface Workload {
  readonly rooms: number;
  /** People, and how many of them send, in each room. */
  readonly people: number;
  readonly senders: number;
  /** A sender keeps so many of their own messages on the way. */
  readonly inFlight: number;
}

export interface LoadSpec extends Workload {
  readonly port: number;
  readonly dialect: DialectName;
  /** The server's process, to read its processor time. */
  readonly pid: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly deliveriesPerSecond: number;
  readonly messagesPerSecond: number;
  /** Processor time of the server and of the generator, in seconds a second. */
  readonly serverCpu: number;
  readonly loadCpu: number;
  /** The same of everyone else on the machine: what disturbs a round. */
  readonly otherCpu: number;
  /** Over the whole run: what was sent, and what should and did arrive at everyone together. */
  readonly sent: number;
  readonly expected: number;
  readonly received: number;
  readonly closed: number;
}

const ENTER_SECONDS = 30;
const DRAIN_SECONDS = 5;

/** Enters everyone, warms up, measures for a fixed time, stops, and waits for what is on the way. */
export async function load(spec: LoadSpec): Promise<LoadResult> {
  const dialect = DIALECTS[spec.dialect];
  const members: Member[] = [];
  const senders: Member[] = [];
  for (let room = 0; room < spec.rooms; room += 1) {
    const counter = new RoomCounter(dialect);
    for (let person = 0; person < spec.people; person += 1) {
      const member = new Member(dialect, members.length, `load${room}`, counter);
      members.push(member);
      if (person < spec.senders) senders.push(member);
    }
  }
  await enterAll(members, spec.port, ENTER_SECONDS);
  for (const sender of senders) {
    sender.inFlight = spec.inFlight;
    sender.send(spec.inFlight);
  }
  const look = () => ({
    at: performance.now(),
    received: members.reduce((sum, member) => sum + member.received, 0),
    acknowledged: senders.reduce((sum, sender) => sum + sender.acknowledged, 0),
    server: cpuSeconds(spec.pid),
    load: cpuSeconds(process.pid),
    all: busySeconds(),
  });
  await Bun.sleep(spec.warmUpSeconds * 1000);
  const before = look();
  await Bun.sleep(spec.seconds * 1000);
  const after = look();
  for (const sender of senders) sender.inFlight = 0;

  const sent = senders.reduce((sum, sender) => sum + sender.sent, 0);
  const expected = sent * spec.people;
  const deadline = performance.now() + DRAIN_SECONDS * 1000;
  while (look().received < expected && performance.now() < deadline) await Bun.sleep(20);
  await Bun.sleep(50);
  const received = look().received;
  const closed = members.filter((member) => member.closed).length;
  for (const member of members) member.client.close();

  const seconds = (after.at - before.at) / 1000;
  const serverCpu = (after.server - before.server) / seconds;
  const loadCpu = (after.load - before.load) / seconds;
  return {
    deliveriesPerSecond: (after.received - before.received) / seconds,
    messagesPerSecond: (after.acknowledged - before.acknowledged) / seconds,
    serverCpu,
    loadCpu,
    otherCpu: (after.all - before.all) / seconds - serverCpu - loadCpu,
    sent,
    expected,
    received,
    closed,
  };
}

/** The same in a process of its own, so that a round begins with nothing of the round before. */
export function loadApart(spec: LoadSpec): Promise<LoadResult> {
  return apart<LoadResult>(import.meta.path, spec);
}

if (import.meta.main) await answerApart(load);
