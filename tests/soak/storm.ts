/**
 * `bun tests/soak/storm.ts [--seconds 60] [--seed 1] [--postgres]`: people talk, edit, react, send nonsense, lose
 * the line, come back, while the server is killed every few seconds. Ends by itself, with one line;
 * exit code 1 where a promise was broken. CI runs it for 15 seconds.
 */
import { parseArgs } from "node:util";
import type { Message } from "../../lib/model/wire/event.ts";
import { guest, join } from "../support/people/client.ts";
import { seeded } from "../support/random.ts";
import { Server } from "../support/servers/server.ts";
import { emptyDatabase } from "../support/servers/servers.ts";
import { agree, Person } from "./person.ts";

const ROOMS = ["storm", "图书馆", "quiet"];
const PEOPLE_A_ROOM = 6;
const BETWEEN_CRASHES_MS = 3_000;
const CALM_MS = 15_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    postgres: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const random = seeded(Number(values.seed));

const database = values.postgres ? await emptyDatabase() : null;
const where = database === null ? [] : ["--database", database.url];
let server = await Server.start({ args: ["--limits", "off", ...where] });
const first = server;
const people: Person[] = [];
for (const room of ROOMS) {
  for (let at = 0; at < PEOPLE_A_ROOM; at += 1) {
    const cookie = await guest(server);
    people.push(new Person(`${room}${at}`, room, cookie, () => server, random));
  }
}

let crashes = 0;
let calm = false;
let over = false;
const faults: string[] = [];
const lives = people.map(async (person) => {
  while (!over) {
    await person.live(calm);
    await Bun.sleep(5 + random() * 20);
  }
});

const end = Date.now() + seconds * 1_000;
while (Date.now() < end) {
  await Bun.sleep(Math.min(BETWEEN_CRASHES_MS, Math.max(0, end - Date.now())));
  await server.kill();
  crashes += 1;
  faults.push(...server.noise, ...errorsOf(server));
  server = await server.again();
}

// Everyone calms down and comes back; what was said gets through.
calm = true;
for (
  let waited = 0;
  waited < CALM_MS && people.some(({ outbox }) => outbox.size > 0);
  waited += 50
) {
  await Bun.sleep(50);
}
over = true;
await Promise.all(lives);

let events = 0;
for (const room of ROOMS) {
  const here = people.filter((person) => person.room === room);
  const ids = new Map<string, number>();
  for (const { seq, id, author } of await readAll(room)) {
    const key = `message ${id} by ${author.id}`;
    if (ids.has(key)) faults.push(`${key} is stored twice: ${ids.get(key)} and ${seq}`);
    ids.set(key, seq);
  }
  for (const person of here) {
    faults.push(...person.faults);
    if (person.outbox.size > 0) faults.push(`${person.name}: ${person.outbox.size} never came`);
    for (const [seq, key] of person.seen) {
      if (key.startsWith("message") && ids.get(key) !== seq) {
        faults.push(`${person.name} was shown ${seq}, "${key}": it is at ${ids.get(key)}`);
      }
    }
    for (const other of here) faults.push(...agree(person, other));
    events = Math.max(events, 0) + person.seen.size;
  }
}
faults.push(...server.noise, ...errorsOf(server));
const exit = await server.stop();
if (exit !== 0) faults.push(`the server exited with ${exit}`);
await first[Symbol.asyncDispose]();
await database?.[Symbol.asyncDispose]();

const resumes = people.reduce((sum, person) => sum + person.resumes, 0);
const said = people.reduce((sum, person) => sum + person.acknowledged.size, 0);
for (const fault of faults.slice(0, 20)) console.error(fault);
console.log(
  `storm: ${seconds} s, ${crashes} crashes, ${resumes} resumes, ${said} messages acknowledged, ${events} events shown, ${faults.length} faults`,
);
process.exit(faults.length === 0 && said > 0 && resumes > 0 ? 0 : 1);

function errorsOf({ log }: Server): string[] {
  return log.filter(({ level }) => level === "error").map((line) => JSON.stringify(line));
}

async function readAll(room: string): Promise<Message[]> {
  const reader = await join(server, room);
  const all: Message[] = [];
  let before = reader.welcome.seq + 1;
  while (before > 1) {
    reader.send({ type: "history", before, limit: 100 });
    const { messages, more } = await reader.next("history");
    all.push(...messages);
    if (!more) break;
    before = messages[0]?.seq ?? 1;
  }
  await reader.close();
  return all;
}
