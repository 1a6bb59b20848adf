import { ratio } from "./report.ts";
import type { Row } from "./loads/throughput.ts";

const WIDTH = 760;
const LABEL = 300;
const BAR = 12;
const GAP = 2;
const ROW = 52;
const TOP = 44;
const COLORS = ["#8a8f98", "#2f6fed", "#c98a1b", "#7b5bd6", "#2f8f6b"];

const escapeText = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const short = (value: number) =>
  value >= 1e6 ? `${(value / 1e6).toFixed(2)} M` : `${Math.round(value / 1e3)} k`;

/** Deliveries a second as bars, each workload on a scale of its own; readable on white and on black. */
export function chart(rows: readonly Row[]): string {
  const names = rows[0]?.measured.map(({ contender }) => contender) ?? [];
  const rowHeight = Math.max(ROW, names.length * (BAR + GAP) + 20);
  const height = TOP + rows.length * rowHeight;
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Deliveries a second, by workload">`,
    "<style>text{font:13px system-ui,sans-serif;fill:#24292f}.n{font-size:11px}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>",
    `<text x="0" y="18">Deliveries a second</text>`,
  ];
  names.forEach((name, index) => {
    const x = LABEL + index * 92;
    out.push(
      `<rect x="${x}" y="8" width="10" height="10" rx="2" fill="${COLORS[index] ?? "#888"}"/>`,
    );
    out.push(`<text class="n" x="${x + 14}" y="17">${escapeText(name)}</text>`);
  });
  rows.forEach((row, index) => {
    const top = TOP + index * rowHeight;
    const most = Math.max(
      ...row.measured.map(({ deliveriesPerSecond }) => deliveriesPerSecond || 0),
    );
    out.push(`<text x="0" y="${top + 12}">${escapeText(row.workload.name)}</text>`);
    out.push(`<text class="n" x="0" y="${top + 29}">${ratio(row).toFixed(2)} × bare</text>`);
    row.measured.forEach(({ deliveriesPerSecond, rounds }, bar) => {
      if (rounds.length === 0) return;
      const y = top + bar * (BAR + GAP);
      const width = Math.max(1, ((WIDTH - LABEL - 60) * deliveriesPerSecond) / most);
      const fill = COLORS[bar] ?? "#888";
      out.push(
        `<rect x="${LABEL}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${fill}"/>`,
      );
      const x = (LABEL + width + 6).toFixed(1);
      out.push(`<text class="n" x="${x}" y="${y + 10}">${short(deliveriesPerSecond)}</text>`);
    });
  });
  return `${out.join("\n")}\n</svg>\n`;
}
