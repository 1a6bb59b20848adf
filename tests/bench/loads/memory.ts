import { type Contender } from "../parts/contenders.ts";
import { DIALECTS } from "../parts/dialects.ts";
import { type Finding, megabytes } from "./finding.ts";
import { enterAll, Member } from "../parts/member.ts";
import { dropFromCache, resident, type Resident } from "../parts/process.ts";
import { median } from "../statistics.ts";

const SETTLE_SECONDS = 3;

interface Footprint {
  readonly idle: Resident;
  readonly full: Resident;
}

/** Resident memory before anyone comes, and with everyone there and quiet. */
async function footprint(contender: Contender, rooms: number, people: number): Promise<Footprint> {
  const { port, pid, stop } = await contender.start();
  try {
    await Bun.sleep(SETTLE_SECONDS * 1000);
    const idle = resident(pid);
    const members = Array.from(
      { length: rooms * people },
      (_, index) => new Member(DIALECTS[contender.dialect], index, `idle${index % rooms}`),
    );
    await enterAll(members, port, 60);
    await Bun.sleep(SETTLE_SECONDS * 1000);
    const full = resident(pid);
    const here = members.filter((member) => !member.closed).length;
    if (here !== members.length) throw new Error(`only ${here} of ${members.length} stayed`);
    for (const member of members) member.client.close();
    return { idle, full };
  } finally {
    await stop();
  }
}

export async function memoryFindings(
  bare: Contender,
  ours: Contender,
  rooms: number,
  people: number,
  binary: string,
  runs: number,
): Promise<Finding[]> {
  const taken: Record<"bare" | "ours", Footprint[]> = { bare: [], ours: [] };
  for (let run = 0; run < runs; run += 1) {
    taken.bare.push(await footprint(bare, rooms, people));
    dropFromCache(binary);
    taken.ours.push(await footprint(ours, rooms, people));
  }
  const [a, b] = [middle(taken.bare), middle(taken.ours)];
  const connections = rooms * people;
  const each = ({ idle, full }: Footprint) => (full.own - idle.own) / connections;
  const shown = ({ all, own }: Resident) => `${megabytes(all)} (${megabytes(own)} its own)`;
  const more = each(b) - each(a);
  const count = connections.toLocaleString("en");
  const method = `VmRSS of the server's process ${SETTLE_SECONDS} s after the last of ${count} JSON sockets, in ${rooms} rooms of ${people}, had come in, and ${SETTLE_SECONDS} s after its start; medians of ${runs} runs in turn. Its own: RssAnon, without the pages of the program's file, which was taken out of the page cache before.`;
  return [
    {
      name: "resident memory, idle",
      bare: shown(a.idle),
      ours: shown(b.idle),
      target: "≤ 45 MB",
      holds: b.idle.all <= 45e6,
      method,
      numbers: { bareBytes: a.idle.all, oursBytes: b.idle.all, oursOwnBytes: b.idle.own },
    },
    {
      name: `resident memory, ${count} connections`,
      bare: shown(a.full),
      ours: shown(b.full),
      target: "≤ 150 MB",
      holds: b.full.all <= 150e6,
      method,
      numbers: { bareBytes: a.full.all, oursBytes: b.full.all, oursOwnBytes: b.full.own },
    },
    {
      name: "resident memory, each idle connection",
      bare: `${(each(a) / 1000).toFixed(2)} KB`,
      ours: `${(each(b) / 1000).toFixed(2)} KB (${more > 0 ? "+" : ""}${(more / 1000).toFixed(2)})`,
      target: "≤ 1.5 KB more",
      holds: more <= 1_500,
      method:
        "What its own memory grew by between the two above, by the number of connections; pages of the program's file come in once, however many there are.",
      numbers: { bareBytes: each(a), oursBytes: each(b) },
    },
  ];
}

function middle(runs: readonly Footprint[]): Footprint {
  const of = (pick: (footprint: Footprint) => number) => median(runs.map(pick));
  return {
    idle: { all: of(({ idle }) => idle.all), own: of(({ idle }) => idle.own) },
    full: { all: of(({ full }) => full.all), own: of(({ full }) => full.own) },
  };
}
