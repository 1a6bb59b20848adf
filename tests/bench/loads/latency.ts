import { answerApart, apart } from "../parts/apart.ts";
import type { Contender } from "../parts/contenders.ts";
import { DIALECTS } from "../parts/dialects.ts";
import { type Finding, milliseconds } from "./finding.ts";
import { enterAll, Member } from "../parts/member.ts";
import { atRest } from "../parts/process.ts";
import { median, percentile } from "../statistics.ts";

const PER_SECOND = 100;
const DRAIN_SECONDS = 5;
/** A log that grows costs the disk more than one that is written over, as ours is after so many. */
const SAID_BEFORE = 1_500;

interface Spec {
  readonly port: number;
  readonly people: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}
interface Delay {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** One person says something every 10 ms; from the write to each arrival, at everyone. */
async function latency({ port, people, warmUpSeconds, seconds }: Spec): Promise<Delay> {
  const members = Array.from(
    { length: people },
    (_, index) => new Member(DIALECTS.chat, index, "latency"),
  );
  const sender = members[0] ?? new Member(DIALECTS.chat, 0, "latency");
  await enterAll(members, port, 30);
  const earlier = new Member(DIALECTS.chat, people, "earlier");
  await enterAll([earlier], port, 30);
  earlier.inFlight = 1;
  earlier.send(1);
  while (earlier.acknowledged < SAID_BEFORE) await Bun.sleep(10);
  earlier.client.close();
  const sentAt: number[] = [0];
  const delays: number[] = [];
  const first = warmUpSeconds * PER_SECOND;
  const arrived = (number: number) => {
    const at = sentAt[number];
    if (at !== undefined && number > first) delays.push(performance.now() - at);
  };
  for (const member of members) {
    member.onMessage = (bytes, start, end) => sender.eachNumber(bytes, start, end, arrived);
  }
  const messages = (warmUpSeconds + seconds) * PER_SECOND;
  const begun = performance.now();
  for (let number = 1; number <= messages; number += 1) {
    const due = begun + (number * 1000) / PER_SECOND;
    await Bun.sleep(Math.max(0, due - performance.now()));
    sentAt.push(performance.now());
    sender.send(1);
  }
  const expected = seconds * PER_SECOND * people;
  const deadline = performance.now() + DRAIN_SECONDS * 1000;
  while (delays.length < expected && performance.now() < deadline) await Bun.sleep(50);
  if (delays.length !== expected) throw new Error(`${delays.length} of ${expected} arrived`);
  return { p50: percentile(delays, 0.5), p99: percentile(delays, 0.99) };
}

export async function latencyFindings(
  bare: Contender,
  ours: Contender,
  { people, rounds, seconds }: { people: number; rounds: number; seconds: number },
): Promise<Finding[]> {
  const results: Record<"bare" | "ours", Delay[]> = { bare: [], ours: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const [key, contender] of [
      ["bare", bare],
      ["ours", ours],
    ] as const) {
      await atRest(20);
      const { port, stop } = await contender.start();
      const spec: Spec = { port, people, warmUpSeconds: 1, seconds };
      results[key].push(await apart<Delay>(import.meta.path, spec).finally(stop));
    }
  }
  return (["p50", "p99"] as const).map((share) => {
    const a = median(results.bare.map((delay) => delay[share]));
    const b = median(results.ours.map((delay) => delay[share]));
    return {
      name: `latency ${share}, ${PER_SECOND} messages/s to ${people.toLocaleString("en")} people`,
      bare: milliseconds(a),
      ours: `${milliseconds(b)} (${(b / a).toFixed(2)})`,
      target: "≤ 1.15",
      holds: b / a <= 1.15,
      method: `One person sends every ${1000 / PER_SECOND} ms for ${seconds} s, after ${SAID_BEFORE.toLocaleString("en")} messages in another room; the time from the write to the arrival at each of ${people} sockets, over all of them; median of ${rounds} rounds in turn.`,
      numbers: { bareMs: a, oursMs: b, ratio: b / a },
    };
  });
}

if (import.meta.main) await answerApart(latency);
