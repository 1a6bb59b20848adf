/**
 * `bun tests/soak/upgrade.ts --old "bun /path/to/old/index.ts" [--new "dist/chatroom"] [--broker redis]`:
 * three nodes of the old version behind nginx become nodes of the new one, one after the other, and
 * back again, while people talk; wherever two versions stand side by side, they must be one chat.
 * Ends with one line, and exit code 1 where anything was broken. Half a minute.
 */
import { expect } from "bun:test";
import { parseArgs } from "node:util";
import { openDatabase } from "../../lib/store/open.ts";
import { Sessions } from "../../lib/web/identity/session.ts";
import { until } from "../broker/suite.ts";
import { type Client, join } from "../support/people/client.ts";
import { startNginx } from "../support/servers/nginx.ts";
import { Server } from "../support/servers/server.ts";
import { ownPostgres, ownRedis } from "../support/servers/servers.ts";
import { agree } from "../support/people/storm.ts";
import { Talker } from "../support/people/talker.ts";

const NODES = [0, 1, 2];
const TALKERS = 30;
const ROOMS = 3;
const TALK_MS = 10;
const PAUSE_MS = 1_500;

const { values } = parseArgs({
  options: {
    old: { type: "string" },
    new: { type: "string", default: "bun index.ts" },
    broker: { type: "string", default: "postgres" },
  },
});
if (values.old === undefined) throw new Error("--old: which command starts the old version?");
const programs = { old: values.old.split(" "), new: values.new.split(" ") };
type Version = keyof typeof programs;

await using postgres = await ownPostgres();
await using redis = values.broker === "redis" ? await ownRedis() : null;
const settings = ["--database", postgres.url, "--limits", "off", "--base-path", "/chat"];
const args = [...settings, ...(redis ? ["--broker", redis.url] : [])];
const start = (version: Version, port?: number) =>
  Server.start({ command: programs[version], args, ...(port === undefined ? {} : { port }) });

const nodes = await Promise.all(NODES.map(() => start("old")));
await using started = new AsyncDisposableStack();
for (const at of NODES) started.defer(() => node(at)[Symbol.asyncDispose]());
const versions: Version[] = NODES.map(() => "old");
const node = (at: number): Server => {
  const found = nodes[at];
  if (!found) throw new Error("no such node");
  return found;
};
// By the new version: where the schema has moved on, the old nodes go on with the newer one.
const store = await openDatabase(postgres.url, "");
const sessions = new Sessions(store.secret, false);
const cookieOf = (guest: ReturnType<Sessions["newGuest"]>) =>
  sessions.issue(guest).split(";")[0] ?? "";
const moderator = async (room: string) => {
  const guest = sessions.newGuest();
  const member = { ...guest, name: "keeper", role: "moderator" } as const;
  await store.records.rooms.setMember(room, member, null);
  return cookieOf(guest);
};

const ports = nodes.map(({ url }) => Number(new URL(url).port));
const nginx = started.use(await startNginx(ports, "/chat"));
const talkers = Array.from({ length: TALKERS }, (_, at) => {
  const cookie = cookieOf(sessions.newGuest());
  return new Talker(() => nginx.url, `room${at % ROOMS}`, cookie, `t${at}`);
});
await Promise.all(talkers.map(({ ready }) => ready));
let sent = 0;
const talk = setInterval(() => {
  talkers[(sent * 7) % TALKERS]?.say(`message ${sent}`);
  sent += 1;
}, TALK_MS);

let pairs = 0;
/** The schema has moved on: the old version went on with it, but does not start on it. */
let isOneWay = false;
let longest = 0;
try {
  for (const to of ["new", "old"] as const) {
    for (const at of NODES) {
      await Bun.sleep(PAUSE_MS);
      const began = performance.now();
      expect(await node(at).stop()).toBe(0);
      longest = Math.max(longest, performance.now() - began);
      const { url } = node(at);
      await node(at)[Symbol.asyncDispose]();
      const port = Number(new URL(url).port);
      try {
        nodes[at] = await start(to, port);
      } catch (fault) {
        if (to === "new" || !String(fault).includes("of a newer chatroom")) throw fault;
        nodes[at] = await start("new", port);
        isOneWay = true;
        break;
      }
      versions[at] = to;
      for (const one of NODES) {
        for (const other of NODES) {
          if (versions[one] !== "old" || versions[other] !== "new") continue;
          await areOneChat(node(one), node(other), `pair${(pairs += 1)}`);
          await areOneChat(node(other), node(one), `pair${(pairs += 1)}`);
        }
      }
    }
  }
} finally {
  clearInterval(talk);
}
await agree(postgres.url, talkers, sent);
const resumes = talkers.reduce((sum, talker) => sum + talker.resumes, 0);
const worst = Math.max(...talkers.flatMap(({ latencies }) => latencies));
for (const talker of talkers) talker.stop();
await store.close();
console.log(
  `upgrade by ${values.broker}: ${sent} messages, all kept, in one order; ${resumes} resumes; ` +
    `${pairs} pairs of versions were one chat; no message took longer than ${Math.round(worst)} ms, ` +
    `no node longer than ${Math.round(longest)} ms to drain` +
    (isOneWay ? "; no way back: the schema has moved on" : ""),
);

/** What is said, seen and decided on either of two nodes holds on the other. */
async function areOneChat(here: Server, there: Server, room: string): Promise<void> {
  const cookie = cookieOf(sessions.newGuest());
  const ada = await join(here, room, { name: "ada", cookie });
  const bob = await join(there, room, { name: "bob" });
  for (const end of [ada, bob]) await present(end, 2);
  ada.send({ type: "typing" });
  await bob.next("typing");

  const { seq } = await ada.post("hello");
  expect((await bob.next("message")).text).toBe("hello");
  const elsewhere = await join(there, room, { name: "ada", cookie });
  // Promise 3, and 1: the same id on the other version is the same message.
  const [mine, again] = [ada.say("twice", { id: "same" }), elsewhere.say("twice", { id: "same" })];
  expect(mine).toBe(again);
  const isSame = ({ id }: { id: string }) => id === "same";
  const both = await Promise.all([ada, elsewhere].map((end) => end.next("message", isSame)));
  expect(new Set(both.map((message) => message.seq))).toEqual(new Set([seq + 1]));
  elsewhere.send({ type: "edit", seq, text: "hi" });
  expect(await ada.next("edited")).toMatchObject({ seq: seq + 2, target: seq, text: "hi" });
  bob.send({ type: "react", seq, emoji: "👍", on: true });
  await ada.next("reacted");
  ada.send({ type: "delete", seq });
  await Promise.all([ada, bob].map((end) => end.next("deleted")));
  // Whoever sent it again is sent the first one again.
  const log = ({ events }: Client) => [...new Map(events.map((each) => [each.seq, each])).values()];
  expect(log(ada)).toEqual(log(bob));
  await elsewhere.close();

  // Promise 4: what was seen on one version is resumed on the other.
  const { epoch } = ada.welcome;
  await bob.close();
  await present(ada, 1);
  await ada.post("meanwhile");
  const back = await join(here, room, { name: "bob", epoch, after: seq + 4 });
  expect(back.welcome).toMatchObject({ recovered: true, seq: seq + 5 });
  await back.close();

  const rio = await join(there, room, { name: "rio" });
  const ben = await join(there, room, { name: "ben", cookie: cookieOf(sessions.newGuest()) });
  const keeper = await join(here, room, { cookie: await moderator(room) });
  await present(keeper, 4);
  keeper.say("/readonly on");
  await until(() => {
    rio.say("may I?");
    const refused = (frame: (typeof rio.frames)[number]) =>
      frame.type === "error" && frame.code === "not_allowed";
    return rio.frames.some(refused);
  });
  keeper.say("/kick rio");
  expect((await rio.closed).code).toBe(4500);
  keeper.say("/ban ben 1h");
  expect((await ben.closed).code).toBe(4501);
  await ada.close();
  await keeper.close();
}

function present(end: Client, people: number): Promise<void> {
  return until(() => {
    const last = end.frames.findLast(({ type }) => type === "presence" || type === "welcome");
    return last !== undefined && "count" in last && last.count === people;
  });
}
