import { type Contender } from "./contenders.ts";
import { DIALECTS } from "./dialects.ts";
import { type Finding, megabytes } from "./finding.ts";
import { enterAll, Member } from "./member.ts";
import { dropFromCache, resident, type Resident } from "./process.ts";

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
): Promise<Finding[]> {
  const a = await footprint(bare, rooms, people);
  dropFromCache(binary);
  const b = await footprint(ours, rooms, people);
  const connections = rooms * people;
  const each = ({ idle, full }: Footprint) => (full.all - idle.all) / connections;
  const shown = ({ all, own }: Resident) => `${megabytes(all)} (${megabytes(own)} its own)`;
  const more = each(b) - each(a);
  const count = connections.toLocaleString("en");
  const method = `VmRSS of the server's process ${SETTLE_SECONDS} s after the last of ${count} JSON sockets, in ${rooms} rooms of ${people}, had come in, and ${SETTLE_SECONDS} s after its start; one run each. Its own: RssAnon, without the pages of the program's file, which was taken out of the page cache before.`;
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
      method: "The difference of the two above, by the number of connections.",
      numbers: { bareBytes: each(a), oursBytes: each(b) },
    },
  ];
}
