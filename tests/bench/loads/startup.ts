import { startOurs } from "../parts/contenders.ts";
import { type Finding, milliseconds } from "./finding.ts";
import { median } from "../statistics.ts";

/** From the start of the process to its line that it listens, on a database that is there. */
export async function startupFinding(
  command: readonly string[],
  data: string,
  messages: number,
  times: number,
): Promise<Finding> {
  const ms: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    const begun = performance.now();
    const { stop } = await startOurs(command, data);
    ms.push(performance.now() - begun);
    await stop();
  }
  const took = median(ms);
  return {
    name: `time to listening, ${messages.toLocaleString("en")} messages stored`,
    bare: "–",
    ours: milliseconds(took),
    target: "≤ 40 ms",
    holds: took <= 40,
    method: `From spawning the process to reading its line "listening"; median of ${times} starts, files in the page cache.`,
    numbers: { ms: took },
  };
}
