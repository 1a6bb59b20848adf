import { Client, loopback } from "../parts/client.ts";
import { type Finding, milliseconds } from "./finding.ts";
import { median } from "../statistics.ts";

export interface Welcomed {
  /** From before the TCP connection to the whole `welcome`. */
  readonly ms: number;
  readonly bytes: number;
  readonly welcome: {
    readonly epoch: string;
    readonly seq: number;
    readonly recovered: boolean;
    readonly events?: readonly { readonly seq: number }[];
    readonly messages?: readonly { readonly seq: number }[];
  };
}

/** Comes into a room, with a cursor or afresh, takes its `welcome`, and leaves. */
export async function welcomed(
  port: number,
  index: number,
  room: string,
  cursor = "",
): Promise<Welcomed> {
  const client = new Client();
  const first = Promise.withResolvers<string>();
  let at = 0;
  client.onText = (bytes, start, end) => {
    if (at === 0) at = performance.now();
    first.resolve(bytes.toString("utf8", start, end));
  };
  client.onClose = () => first.reject(new Error("closed before the welcome"));
  const begun = performance.now();
  await client.connect({ host: loopback(index), port }, `/ws/${room}/${cursor}`, "chat.v1");
  const text = await first.promise;
  client.close();
  const frames: unknown = JSON.parse(text);
  const welcome: Welcomed["welcome"] = Array.isArray(frames) ? frames[0] : frames;
  return { ms: at - begun, bytes: text.length, welcome };
}

export async function joinFinding(
  port: number,
  large: string,
  small: string,
  times: number,
): Promise<Finding> {
  const ms: Record<string, number[]> = { [large]: [], [small]: [] };
  for (let turn = 0; turn < times; turn += 1) {
    for (const room of [large, small]) {
      const { welcome, ms: took } = await welcomed(port, turn, room);
      if (welcome.messages?.length !== 50) throw new Error(`no 50 messages of ${room}`);
      ms[room]?.push(took);
    }
  }
  const [inLarge, inSmall] = [median(ms[large] ?? []), median(ms[small] ?? [])];
  return {
    name: `joining a room of ${large.replace("room", "")} messages`,
    bare: "–",
    ours: `${milliseconds(inLarge)} (of ${small.replace("room", "")}: ${milliseconds(inSmall)})`,
    target: "within 5 ms of 100",
    holds: inLarge - inSmall <= 5,
    method: `From before the TCP connection to the whole \`welcome\` with the last 50 messages; the two rooms in turn, median of ${times} joins each.`,
    numbers: { largeMs: inLarge, smallMs: inSmall },
  };
}

export async function resumeFinding(
  port: number,
  room: string,
  missed: number,
  times: number,
): Promise<Finding> {
  const { welcome } = await welcomed(port, 0, room);
  const cursor = `?epoch=${encodeURIComponent(welcome.epoch)}&after=${welcome.seq - missed}`;
  const ms: number[] = [];
  let bytes = 0;
  for (let turn = 0; turn < times; turn += 1) {
    const resumed = await welcomed(port, turn, room, cursor);
    if (!resumed.welcome.recovered || resumed.welcome.events?.length !== missed) {
      throw new Error(`${resumed.welcome.events?.length} of ${missed} events came back`);
    }
    ms.push(resumed.ms);
    bytes = resumed.bytes;
  }
  return {
    name: `resume of ${missed.toLocaleString("en")} missed events`,
    bare: "–",
    ours: milliseconds(median(ms)),
    target: "–",
    holds: null,
    method: `From before the TCP connection to the whole \`welcome\` with every missed event (${Math.round(bytes / 1000)} KB), in the largest room; median of ${times}.`,
    numbers: { ms: median(ms), bytes },
  };
}
