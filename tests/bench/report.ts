import type { Absent } from "./parts/contenders.ts";
import type { Finding } from "./loads/finding.ts";
import { geometricMean } from "./statistics.ts";
import type { Measured, Pace, Row } from "./loads/throughput.ts";

export interface Report {
  readonly at: string;
  readonly machine: string;
  readonly versions: string;
  readonly frameBytes: number;
  readonly pace: Pace;
  readonly otherPace: Pace;
  readonly rows: readonly Row[];
  readonly absent: readonly Absent[];
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

const whole = (value: number) => Math.round(value).toLocaleString("en");
/** Four digits are more than a busy machine repeats. */
const rough = (value: number) => whole(Number(value.toPrecision(4)));

/** Ours against the bare server, of the medians. */
export function ratio({ measured }: Row): number {
  const [a, b] = measured;
  return (b?.deliveriesPerSecond ?? Number.NaN) / (a?.deliveriesPerSecond ?? Number.NaN);
}

/** The report as Markdown: what the command prints, and what stands in the manual. */
export function markdown(report: Report): string {
  const { rows, absent, findings, pace, otherPace } = report;
  const names = rows[0]?.measured.map(({ contender }) => contender) ?? [];
  const others = names.slice(2);
  const lines = [
    `Measured ${report.at.slice(0, 10)} on ${report.machine}; ${report.versions}; a message is a frame of ${report.frameBytes} bytes.`,
    "",
  ];
  if (rows.length > 0) {
    lines.push(
      `| deliveries a second | bare Bun | chatroom | ratio | target | ${others.map((name) => `${name} | `).join("")}`.trimEnd(),
      `| --- | ---: | ---: | ---: | ---: | ${others.map(() => "---: | ").join("")}`.trimEnd(),
      ...rows.map(workloadLine),
      `| geometric mean | | | ${geometricMean(rows.map(ratio)).toFixed(2)} | ≥ 1.00 | ${others.map(() => "| ").join("")}`.trimEnd(),
      "",
      "| messages a second, processors used | bare Bun | chatroom | server: bare, ours | generator: bare, ours |",
      "| --- | ---: | ---: | ---: | ---: |",
      ...rows.map(detailLine),
      "",
      `Medians of ${rows[0]?.measured[0]?.rounds.length ?? 0} rounds, bare and ours in turn, each a new process, ${pace.warmUpSeconds} s of warm-up and ${pace.seconds} s measured; the others ${otherPace.rounds} of ${otherPace.seconds} s. The generator runs in a process of its own on raw TCP. A round in which others used more than a quarter of a processor is run again, while the time given for it lasts. Every message reached everyone in its room once in all rounds of the bare server and ours, unless said here.`,
      ...faultLines(rows),
    );
  }
  for (const { name, reason } of absent) lines.push(`${name} did not take part: ${reason}.`);
  if (findings.length > 0) {
    lines.push(
      "",
      "| measure | bare Bun | chatroom | target | |",
      "| --- | ---: | ---: | ---: | --- |",
      ...findings.map(
        ({ name, bare, ours, target, holds }) =>
          `| ${name} | ${bare} | ${ours} | ${target} | ${holds === null ? "" : holds ? "holds" : "**misses**"} |`,
      ),
      "",
      ...findings.map(({ name, method }) => `- *${name}*: ${method}`),
    );
  }
  lines.push(...report.notes.map((note) => `- ${note}`));
  return `${lines.join("\n")}\n`;
}

function workloadLine(row: Row): string {
  const { workload, measured } = row;
  const [bare, ours, ...others] = measured;
  const share = ratio(row);
  const cells = [
    workload.name,
    rough(bare?.deliveriesPerSecond ?? 0),
    rough(ours?.deliveriesPerSecond ?? 0),
    share >= workload.target ? share.toFixed(2) : `**${share.toFixed(2)}**`,
    `≥ ${workload.target.toFixed(2)}`,
    ...others.map((other) => (other.rounds.length === 0 ? "–" : rough(other.deliveriesPerSecond))),
  ];
  return `| ${cells.join(" | ")} |`;
}

function detailLine({ workload, measured }: Row): string {
  const [bare, ours] = measured;
  const cores = (pick: (each: Measured) => number) =>
    [bare, ours].map((each) => (each ? pick(each).toFixed(2) : "–")).join(", ");
  const cells = [
    workload.name,
    rough(bare?.messagesPerSecond ?? 0),
    rough(ours?.messagesPerSecond ?? 0),
    cores((each) => each.serverCpu),
    cores((each) => each.loadCpu),
  ];
  return `| ${cells.join(" | ")} |`;
}

function faultLines(rows: readonly Row[]): string[] {
  const lines: string[] = [];
  for (const { workload, measured } of rows) {
    for (const { contender, fault, lost, disturbed, rounds } of measured) {
      if (fault !== undefined) lines.push(`- ${contender}, ${workload.name}: ${fault}.`);
      if (disturbed > 0) {
        lines.push(
          `- ${contender}, ${workload.name}: others kept the machine busy in ${disturbed} of ${rounds.length} rounds.`,
        );
      }
      if (lost !== 0)
        lines.push(`- ${contender}, ${workload.name}: ${whole(lost)} deliveries missing.`);
    }
  }
  return lines.length === 0 ? [] : ["", ...lines];
}
