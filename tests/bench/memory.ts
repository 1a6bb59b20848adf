import { type Contender } from "./contenders.ts";
import { DIALECTS } from "./dialects.ts";
import { type Finding, megabytes } from "./finding.ts";
import { enterAll, Member } from "./member.ts";
import { residentBytes } from "./process.ts";

const SETTLE_SECONDS = 3;

interface Resident {
  readonly idle: number;
  readonly full: number;
}

/** Resident bytes before anyone comes, and with everyone there and quiet. */
async function resident(contender: Contender, rooms: number, people: number): Promise<Resident> {
  const { port, pid, stop } = await contender.start();
  try {
    await Bun.sleep(SETTLE_SECONDS * 1000);
    const idle = residentBytes(pid);
    const members = Array.from(
      { length: rooms * people },
      (_, index) => new Member(DIALECTS[contender.dialect], index, `idle${index % rooms}`),
    );
    await enterAll(members, port, 60);
    await Bun.sleep(SETTLE_SECONDS * 1000);
    const full = residentBytes(pid);
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
): Promise<Finding[]> {
  const a = await resident(bare, rooms, people);
  const b = await resident(ours, rooms, people);
  const connections = rooms * people;
  const each = ({ idle, full }: Resident) => (full - idle) / connections;
  const more = each(b) - each(a);
  const count = connections.toLocaleString("en");
  const method = `VmRSS of the server's process ${SETTLE_SECONDS} s after the last of ${count} JSON sockets, in ${rooms} rooms of ${people}, had come in, and ${SETTLE_SECONDS} s after its start; one run each.`;
  return [
    {
      name: "resident memory, idle",
      bare: megabytes(a.idle),
      ours: megabytes(b.idle),
      target: "≤ 45 MB",
      holds: b.idle <= 45e6,
      method,
      numbers: { bareBytes: a.idle, oursBytes: b.idle },
    },
    {
      name: `resident memory, ${count} connections`,
      bare: megabytes(a.full),
      ours: megabytes(b.full),
      target: "≤ 150 MB",
      holds: b.full <= 150e6,
      method,
      numbers: { bareBytes: a.full, oursBytes: b.full },
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
