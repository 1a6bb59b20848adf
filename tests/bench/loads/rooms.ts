import { answerApart, apart } from "../parts/apart.ts";
import type { Contender } from "../parts/contenders.ts";
import type { Finding } from "./finding.ts";
import { askAlways } from "./http.ts";
import { atRest, cpuSeconds } from "../parts/process.ts";
import { median } from "../statistics.ts";

const CONNECTIONS = 64;

interface Spec {
  readonly port: number;
  readonly pid: number;
  readonly rooms: number;
  readonly messages: number;
}

/** Microseconds of the server's processor time for one message, its rooms being there already. */
async function cost({ port, pid, rooms, messages }: Spec): Promise<number> {
  const run = String(performance.timeOrigin);
  const post = (number: number) => {
    const body = `{"text":"The quick brown fox jumps over the lazy dog","id":"${run}.${number}"}`;
    return [
      `POST /api/v1/rooms/cost${number % rooms}/messages HTTP/1.1`,
      "Host: 127.0.0.1",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      "",
      body,
    ].join("\r\n");
  };
  // Everyone's first pass creates as many rooms or stores as many messages, whatever their number.
  const fill = Math.max(rooms, messages);
  await askAlways(port, CONNECTIONS, post, (answers) => answers >= fill);
  const before = cpuSeconds(pid);
  const again = (number: number) => post(fill + CONNECTIONS + number);
  const answers = await askAlways(port, CONNECTIONS, again, (count) => count >= messages);
  return ((cpuSeconds(pid) - before) * 1e6) / answers;
}

export async function roomsFinding(
  ours: Contender,
  counts: readonly number[],
  { rounds, messages }: { rounds: number; messages: number },
): Promise<Finding> {
  const costs = new Map(counts.map((rooms) => [rooms, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const rooms of counts) {
      await atRest(20);
      const { port, pid, stop } = await ours.start();
      const spec: Spec = { port, pid, rooms, messages };
      costs.get(rooms)?.push(await apart<number>(import.meta.path, spec).finally(stop));
    }
  }
  const medians = counts.map((rooms) => median(costs.get(rooms) ?? []));
  const spread = Math.max(...medians) / Math.min(...medians);
  const names = counts.map((rooms) => rooms.toLocaleString("en"));
  return {
    name: `cost of a message in ${names.join(" / ")} rooms`,
    bare: "–",
    ours: `${medians.map((each) => each.toFixed(1)).join(" / ")} µs (${((spread - 1) * 100).toFixed(0)} % apart)`,
    target: "within 10 %",
    holds: spread <= 1.1,
    method: `Processor time of the server for each of ${messages.toLocaleString("en")} messages posted by ${CONNECTIONS} kept-alive HTTP connections to the rooms in turn, after at least as many that made the rooms; median of ${rounds} rounds.`,
    numbers: Object.fromEntries(
      counts.map((rooms, index) => [`rooms${rooms}`, medians[index] ?? 0]),
    ),
  };
}

if (import.meta.main) await answerApart(cost);
