import type { Contender } from "./contenders.ts";
import { loadApart } from "./load.ts";
import type { LoadResult, Workload } from "./load.ts";
import { atRest } from "./process.ts";
import { median } from "./statistics.ts";

export interface NamedWorkload extends Workload {
  readonly name: string;
  /** The least deliveries a second, as a share of the bare server's. */
  readonly target: number;
}

export const WORKLOADS: readonly NamedWorkload[] = [
  {
    name: "1 room, 100 people, 4 send, 1 in flight",
    rooms: 1,
    people: 100,
    senders: 4,
    inFlight: 1,
    target: 0.8,
  },
  {
    name: "1 room, 1,000 people, 4 send, 1 in flight",
    rooms: 1,
    people: 1_000,
    senders: 4,
    inFlight: 1,
    target: 1,
  },
  {
    name: "1 room, 1,000 people, 4 send, 16 in flight",
    rooms: 1,
    people: 1_000,
    senders: 4,
    inFlight: 16,
    target: 1.3,
  },
  {
    name: "100 rooms of 10, everyone sends, 1 in flight",
    rooms: 100,
    people: 10,
    senders: 10,
    inFlight: 1,
    target: 0.8,
  },
  {
    name: "100 rooms of 10, everyone sends, 16 in flight",
    rooms: 100,
    people: 10,
    senders: 10,
    inFlight: 16,
    target: 1,
  },
];

/** Processors that others may use during a round: what the kernel does for both is in it. */
const DISTURBED = 0.25;
const REST_SECONDS = 20;

export interface Pace {
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** One contender under one workload: every round, and the medians of them. */
export interface Measured {
  readonly contender: string;
  readonly rounds: readonly LoadResult[];
  readonly deliveriesPerSecond: number;
  readonly messagesPerSecond: number;
  readonly serverCpu: number;
  readonly loadCpu: number;
  /** Messages that did not arrive where they should have, in all rounds. */
  readonly lost: number;
  /** Why there is no figure. */
  readonly fault?: string;
}

/** The contenders in turn (A B A B …), each round against a new process of the server. */
export async function throughput(
  contenders: readonly Contender[],
  workload: Workload,
  { rounds, warmUpSeconds, seconds }: Pace,
  note: (line: string) => void,
): Promise<Measured[]> {
  const results = new Map<string, LoadResult[]>();
  const faults = new Map<string, string>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, dialect, start } of contenders) {
      if (faults.has(name)) continue;
      try {
        const { rooms, people, senders, inFlight } = workload;
        const shape = { rooms, people, senders, inFlight, dialect, warmUpSeconds, seconds };
        const result = await undisturbed(async () => {
          const { port, pid, stop } = await start();
          return loadApart({ ...shape, port, pid }).finally(stop);
        });
        results.set(name, [...(results.get(name) ?? []), result]);
        const { deliveriesPerSecond, otherCpu } = result;
        const disturbed = otherCpu > DISTURBED ? ` (others used ${otherCpu.toFixed(2)})` : "";
        note(`  round ${round}, ${name}: ${Math.round(deliveriesPerSecond)}/s${disturbed}`);
      } catch (fault) {
        faults.set(name, fault instanceof Error ? fault.message : String(fault));
        note(`  round ${round}, ${name}: ${faults.get(name)}`);
      }
    }
  }
  return contenders.map(({ name }) => summary(name, results.get(name) ?? [], faults.get(name)));
}

/** A round in which others kept the machine busy is run again, twice at most. */
async function undisturbed(run: () => Promise<LoadResult>): Promise<LoadResult> {
  let best: LoadResult | null = null;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await atRest(REST_SECONDS);
    const result = await run();
    if (best === null || result.otherCpu < best.otherCpu) best = result;
    if (result.otherCpu <= DISTURBED) break;
  }
  if (best === null) throw new Error("no round was run");
  return best;
}

function summary(contender: string, rounds: readonly LoadResult[], fault?: string): Measured {
  const of = (pick: (result: LoadResult) => number) => median(rounds.map(pick));
  return {
    contender,
    rounds,
    deliveriesPerSecond: of((result) => result.deliveriesPerSecond),
    messagesPerSecond: of((result) => result.messagesPerSecond),
    serverCpu: of((result) => result.serverCpu),
    loadCpu: of((result) => result.loadCpu),
    lost: rounds.reduce((sum, { expected, received }) => sum + expected - received, 0),
    ...(fault === undefined ? {} : { fault }),
  };
}
