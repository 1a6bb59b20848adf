import type { Contender } from "../parts/contenders.ts";
import { loadApart } from "../parts/load.ts";
import type { LoadResult, Workload } from "../parts/load.ts";
import { atRest } from "../parts/process.ts";
import { median } from "../statistics.ts";

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
  /** Rounds in which others kept the machine busy. */
  readonly disturbed: number;
  /** Why there is no figure. */
  readonly fault?: string;
}

export interface Row {
  readonly workload: NamedWorkload;
  /** Bare first, ours second, then the others. */
  readonly measured: readonly Measured[];
}

/**
 * Round after round, in each every workload, in each the contenders in turn (A B A B …), always
 * against a new process of the server. `seen` gets what there is after each round.
 */
export async function throughput(
  contenders: readonly Contender[],
  { rounds, warmUpSeconds, seconds }: Pace,
  rest: Rest,
  note: (line: string) => void,
  seen: (rows: readonly Row[]) => Promise<void>,
): Promise<Row[]> {
  const tables = WORKLOADS.map((workload) => ({
    workload,
    taken: contenders.map(({ name }) => ({ name, rounds: [] as LoadResult[], fault: "" })),
  }));
  const rows = () =>
    tables.map(({ workload, taken }) => ({ workload, measured: taken.map(summary) }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { workload, taken } of tables) {
      for (const [index, { dialect, start }] of contenders.entries()) {
        const mine = taken[index];
        if (!mine || mine.fault !== "") continue;
        const { rooms, people, senders, inFlight } = workload;
        const shape = { rooms, people, senders, inFlight, dialect, warmUpSeconds, seconds };
        const where = `round ${round}, ${workload.name}, ${mine.name}`;
        try {
          const result = await undisturbed(rest, async () => {
            const { port, pid, stop } = await start();
            return loadApart({ ...shape, port, pid }).finally(stop);
          });
          mine.rounds.push(result);
          const { deliveriesPerSecond, otherCpu } = result;
          note(
            `${where}: ${Math.round(deliveriesPerSecond)}/s, others used ${otherCpu.toFixed(2)}`,
          );
        } catch (fault) {
          mine.fault = fault instanceof Error ? fault.message : String(fault);
          note(`${where}: ${mine.fault}`);
        }
      }
    }
    await seen(rows());
  }
  return rows();
}

/** How much of the time may be spent on waiting until nobody else needs the machine. */
export class Rest {
  #left: number;

  constructor(seconds: number) {
    this.#left = seconds;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  async wait(): Promise<void> {
    const begun = performance.now();
    await atRest(Math.max(this.#left, 1));
    this.#left -= (performance.now() - begun) / 1000;
  }

  /** A round that was for nothing. */
  spend(seconds: number): void {
    this.#left -= seconds;
  }
}

/** A round in which others kept the machine busy is run again, while there is time. */
async function undisturbed(rest: Rest, run: () => Promise<LoadResult>): Promise<LoadResult> {
  let best: LoadResult | null = null;
  for (;;) {
    await rest.wait();
    const begun = performance.now();
    const result = await run();
    if (best === null || result.otherCpu < best.otherCpu) best = result;
    if (result.otherCpu <= DISTURBED) return result;
    rest.spend((performance.now() - begun) / 1000);
    if (rest.isOver) return best;
  }
}

function summary({
  name,
  rounds,
  fault,
}: {
  readonly name: string;
  readonly rounds: readonly LoadResult[];
  readonly fault: string;
}): Measured {
  const of = (pick: (result: LoadResult) => number) => median(rounds.map(pick));
  return {
    contender: name,
    rounds: [...rounds],
    deliveriesPerSecond: of((result) => result.deliveriesPerSecond),
    messagesPerSecond: of((result) => result.messagesPerSecond),
    serverCpu: of((result) => result.serverCpu),
    loadCpu: of((result) => result.loadCpu),
    lost: rounds.reduce((sum, { expected, received }) => sum + expected - received, 0),
    disturbed: rounds.filter(({ otherCpu }) => otherCpu > DISTURBED).length,
    ...(fault === "" ? {} : { fault }),
  };
}
