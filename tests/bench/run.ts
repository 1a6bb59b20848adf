/**
 * `bun run bench [--short] [--only PART,…] [--rounds N] [--patience MINUTES] [--from FILE]`: ours beside a bare Bun server and others,
 * on this machine, now. Prints Markdown; keeps JSON in `.bench/`, and with the five workloads run in
 * full draws `docs/bench.svg`. `--patience` is how long it may wait, all in all, for a machine that
 * nobody else keeps busy; `--from` prints a saved run again. Linux only: it reads /proc.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { clusterFindings } from "./loads/cluster.ts";
import {
  type Absent,
  bare,
  BINARY,
  type Contender,
  django,
  nodeContenders,
  ours,
  ROOT,
} from "./parts/contenders.ts";
import { scratch, startOurs } from "./parts/contenders.ts";
import type { Finding } from "./loads/finding.ts";
import { joinFinding, resumeFinding } from "./loads/join.ts";
import { latencyFindings } from "./loads/latency.ts";
import { memoryFindings } from "./loads/memory.ts";
import { fetchPage, pageFindings } from "./loads/page.ts";
import { markdown, type Report } from "./report.ts";
import { roomsFinding } from "./loads/rooms.ts";
import { frameSize, seed } from "./parts/seed.ts";
import { startupFinding } from "./loads/startup.ts";
import { type Pace, Rest, type Row, throughput } from "./loads/throughput.ts";

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: {
      type: "string",
      default: "throughput,others,latency,memory,million,rooms,page,cluster",
    },
    rounds: { type: "string" },
    patience: { type: "string", default: "2" },
    from: { type: "string" },
  },
});
const { short } = values;
if (values.from !== undefined) {
  const saved: Report = await Bun.file(values.from).json();
  console.log(markdown(saved));
  process.exit(0);
}
const parts = new Set(values.only.split(","));
const rounds = Number(values.rounds ?? (short ? 1 : 5));
const pace: Pace = short
  ? { rounds, warmUpSeconds: 0.5, seconds: 1 }
  : { rounds, warmUpSeconds: 2, seconds: 3 };
const otherPace: Pace = { ...pace, rounds: 1 };
const note = (line: string) => console.error(line);

const COMMAND = [BINARY];
if (!existsSync(BINARY)) {
  note("building dist/chatroom");
  const build = Bun.spawnSync([process.execPath, "run", "build"], { cwd: ROOT, stdout: "ignore" });
  if (build.exitCode !== 0) throw new Error("the build failed");
}

const BEGUN = new Date().toISOString();
const FILE = join(ROOT, `.bench/${BEGUN.replace(/[:.]/g, "-")}.json`);
const us = ours(COMMAND);
const frameBytes = await withServer(us, frameSize);
const them = bare(frameBytes);
const notes: string[] = [];

const rows: Row[] = [];
const absent: Absent[] = [];
const findings: Finding[] = [];
if (parts.has("throughput")) {
  const others = parts.has("others") ? [...(await nodeContenders(frameBytes)), django()] : [];
  const present = others.filter((other): other is Contender => "start" in other);
  absent.push(...others.filter((other): other is Absent => "reason" in other));
  const rest = new Rest(Number(values.patience) * 60);
  const save = async (so: readonly Row[]) => {
    rows.splice(0, rows.length, ...so);
    await saved();
  };
  const both = await throughput([them, us], pace, rest, note, save);
  const more = await throughput(present, otherPace, rest, note, async () => undefined);
  await save(
    both.map(({ workload, measured }, index) => ({
      workload,
      measured: [...measured, ...(more[index]?.measured ?? [])],
    })),
  );
}

const measure = async (part: string, work: () => Promise<readonly Finding[]>) => {
  if (!parts.has(part)) return;
  note(part);
  try {
    findings.push(...(await work()));
    await saved();
  } catch (fault) {
    notes.push(
      `Not measured: ${part} (${fault instanceof Error ? fault.message : String(fault)}).`,
    );
  }
};
const turns = short ? { rounds: 1, seconds: 1 } : { rounds: 5, seconds: 5 };
await measure("latency", () =>
  latencyFindings(them, us, { people: short ? 100 : 1_000, ...turns }),
);
await measure("memory", () =>
  memoryFindings(them, us, short ? 10 : 100, 100, BINARY, short ? 1 : 3),
);
await measure("million", () => million(short ? 10_000 : 1_000_000));
await measure("rooms", async () => {
  const counts = short ? [1, 100] : [1, 1_000, 100_000];
  return [
    await roomsFinding(us, counts, { rounds: short ? 1 : 3, messages: short ? 1_000 : 100_000 }),
  ];
});
await measure("page", async () => {
  const folder = scratch();
  try {
    const path = join(folder.path, "page.html");
    await Bun.write(path, (await withServer(us, fetchPage)).body);
    return await pageFindings(bare(frameBytes, path), us, { ...turns, seconds: short ? 1 : 3 });
  } finally {
    folder.remove();
  }
});
await measure("cluster", () =>
  clusterFindings(short ? { seconds: 1, roundTrips: 100 } : { seconds: 5, roundTrips: 1_000 }),
);

await saved();
if (rows.length > 0 && !short) await Bun.write(join(ROOT, "docs/bench.svg"), chart(rows));
note(
  `load average ${loadavg()
    .map((load) => load.toFixed(2))
    .join(" ")}; ${FILE}\n`,
);
console.log(markdown(report()));

function report(): Report {
  return {
    at: BEGUN,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, Linux`,
    versions: `Bun ${Bun.version}`,
    frameBytes,
    pace,
    otherPace,
    rows,
    absent,
    findings,
    notes,
  };
}

/** What there is so far, so that a run that is cut off was not for nothing. */
async function saved(): Promise<void> {
  await mkdir(join(ROOT, ".bench"), { recursive: true });
  await Bun.write(FILE, JSON.stringify(report(), null, 1));
}

async function withServer<T>(contender: Contender, work: (port: number) => Promise<T>): Promise<T> {
  const { port, stop } = await contender.start();
  return work(port).finally(stop);
}

/** What has to be as quick with a long history as with a short one. */
async function million(messages: number): Promise<Finding[]> {
  const data = scratch();
  try {
    const filling = await startOurs(COMMAND, data.path);
    const large = `room${messages.toLocaleString("en").replaceAll(",", "_")}`;
    await seed(filling.port, large, messages)
      .then(() => seed(filling.port, "room100", 100))
      .finally(filling.stop);
    const startup = await startupFinding(COMMAND, data.path, messages, short ? 3 : 15);
    const { port, stop } = await startOurs(COMMAND, data.path);
    try {
      const join = await joinFinding(port, large, "room100", short ? 10 : 200);
      return [startup, join, await resumeFinding(port, large, 1_000, short ? 5 : 100)];
    } finally {
      await stop();
    }
  } finally {
    data.remove();
  }
}
