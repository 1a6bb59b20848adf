import { apart, answerApart } from "../parts/apart.ts";
import type { Contender } from "../parts/contenders.ts";
import type { Finding } from "./finding.ts";
import { ask, askAlways } from "./http.ts";
import { atRest } from "../parts/process.ts";
import { median } from "../statistics.ts";

const CONNECTIONS = 64;
const PATH = "/rooms/123";

interface Spec {
  readonly port: number;
  readonly seconds: number;
  /** The cookie of someone who has been here before; empty for a first visit each time. */
  readonly cookie: string;
}

function request(cookie: string): string {
  const line = cookie === "" ? "" : `Cookie: ${cookie}\r\n`;
  return `GET ${PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n${line}\r\n`;
}

async function rate({ port, seconds, cookie }: Spec): Promise<number> {
  const text = request(cookie);
  const warm = performance.now() + 1_000;
  await askAlways(
    port,
    CONNECTIONS,
    () => text,
    () => performance.now() > warm,
  );
  const begun = performance.now();
  const enough = () => performance.now() > begun + seconds * 1000;
  const answers = await askAlways(port, CONNECTIONS, () => text, enough);
  return (answers * 1000) / (performance.now() - begun);
}

/** The page as a first visitor gets it, and the cookie it came with. */
export async function fetchPage(port: number): Promise<{ body: string; cookie: string }> {
  const { status, head, body } = await ask(port, request(""));
  if (status !== 200) throw new Error(`${PATH} answers ${status}`);
  const cookie = /^set-cookie: *([^;\r]+)/im.exec(head)?.[1] ?? "";
  return { body, cookie };
}

export async function pageFindings(
  bare: Contender,
  ours: Contender,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Finding[]> {
  const rates: Record<"bare" | "first" | "again", number[]> = { bare: [], first: [], again: [] };
  let bytes = 0;
  for (let round = 0; round < rounds; round += 1) {
    await atRest(20);
    const a = await bare.start();
    const spec = { port: a.port, seconds, cookie: "" };
    rates.bare.push(await apart<number>(import.meta.path, spec).finally(a.stop));
    const b = await ours.start();
    try {
      const { cookie, body } = await fetchPage(b.port);
      bytes = body.length;
      const first: Spec = { port: b.port, seconds, cookie: "" };
      rates.first.push(await apart<number>(import.meta.path, first));
      rates.again.push(await apart<number>(import.meta.path, { ...first, cookie }));
    } finally {
      await b.stop();
    }
  }
  const a = median(rates.bare);
  return (["first", "again"] as const).map((kind) => {
    const b = median(rates[kind]);
    return {
      name: `${PATH}, ${kind === "first" ? "a first visit (a new person's cookie) each" : "a known visitor"}`,
      bare: `${Math.round(a).toLocaleString("en")}/s`,
      ours: `${Math.round(b).toLocaleString("en")}/s (${(b / a).toFixed(2)})`,
      target: "–",
      holds: null,
      method: `${CONNECTIONS} kept-alive connections, each asking again when it has its answer, for ${seconds} s; the bare server answers a prepared response of the same body (${bytes} bytes); median of ${rounds} rounds in turn.`,
      numbers: { barePerSecond: a, oursPerSecond: b, ratio: b / a },
    };
  });
}

if (import.meta.main) await answerApart(rate);
