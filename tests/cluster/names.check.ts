import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ServerFrame } from "../../lib/model/wire/frame.ts";
import { join, joinPlain } from "../support/people/client.ts";
import { startCluster } from "../support/servers/cluster.ts";
import { owner } from "../support/people/people.ts";
import type { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres, hasRedis, REDIS_URL } from "../support/servers/servers.ts";

const brokers: string[][] = [];
if (await hasPostgres()) {
  brokers.push([]);
  if (await hasRedis()) brokers.push(["--broker", REDIS_URL]);
}
// A node is paused meanwhile, and whoever comes by it waits.
setDefaultTimeout(20_000);

/** Longer than nodes take to tell each other of someone, and then to look at a name. */
const QUIET_MS = 600;

type Joined = Awaited<ReturnType<typeof join>>;

/** Resolves when nobody has been told anything about names for a while. */
async function settled(...clients: readonly Joined[]): Promise<void> {
  const told = () => clients.map(({ frames }) => frames.filter(isAboutNames).length).join();
  for (let before = ""; before !== told();) {
    before = told();
    await Bun.sleep(QUIET_MS);
  }
}

function isAboutNames({ type }: ServerFrame): boolean {
  return type === "presence" || type === "notice";
}

/** By what name their next message goes. */
async function speaks(client: Joined): Promise<string> {
  return (await client.post("me")).author.name;
}

/** How often they were told that they are called otherwise than they were. */
function told({ frames }: Joined): number {
  return frames.filter(({ type }) => type === "notice").length;
}

for (const args of brokers) {
  const database = await emptyDatabase();
  const cluster = await startCluster(3, database.url, args);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const node = (index: number): Server => {
    const found = cluster.nodes[index];
    if (!found) throw new Error("no such node");
    return found;
  };
  let rooms = 0;
  const newRoom = () => `names${(rooms += 1)}`;

  describe.concurrent(
    `a name is one person's on all nodes, by ${args[1] ?? "PostgreSQL alone"}`,
    () => {
      test("who comes later by another node is given a number as they come, and told once", async () => {
        const room = newRoom();
        const first = await join(node(0), room, { name: "ada" });
        // Nobody was in the room by this node, so it had heard of nobody.
        const second = await join(node(1), room, { name: "Аda" });
        expect(second.welcome.you.name).toBe("Аda-2");
        expect((await second.next("notice")).text).toContain("Аda-2");
        expect([await speaks(first), await speaks(second)]).toEqual(["ada", "Аda-2"]);
        const reader = await join(node(2), room);
        await settled(first, second, reader);
        expect([told(first), told(second)]).toEqual([0, 1]);
      });

      test("of those who come in the same moment each has their own, and keeps it", async () => {
        const room = newRoom();
        const all = await Promise.all(
          Array.from({ length: 12 }, (_, at) => join(node(at % 3), room, { name: "bot" })),
        );
        const names = all.map(({ welcome }) => welcome.you.name);
        expect(new Set(names).size).toBe(12);
        expect(names).toContain("bot");
        await settled(...all);
        expect(await Promise.all(all.map(speaks))).toEqual(names);
        for (const client of all) expect(told(client)).toBeLessThanOrEqual(1);
      });

      test("one person has one name in all tabs, on whatever node", async () => {
        const room = newRoom();
        const cookie = cluster.cookie();
        const first = await join(node(0), room, { name: "ada", cookie });
        const rival = cluster.cookie();
        const tabs = await Promise.all(
          [1, 1, 2].map((at) => join(node(at), room, { name: "ada", cookie: rival })),
        );
        const again = await join(node(1), room, { name: "ada", cookie });
        await settled(first, again, ...tabs);
        expect([await speaks(first), await speaks(again)]).toEqual(["ada", "ada"]);
        expect(await Promise.all(tabs.map(speaks))).toEqual(["ada-2", "ada-2", "ada-2"]);
        for (const tab of tabs) expect(told(tab)).toBe(1);
      });

      test("it stays with the tab on another node when the first one closes", async () => {
        const room = newRoom();
        const cookie = cluster.cookie();
        const first = await join(node(0), room, { name: "ada", cookie });
        const second = await join(node(1), room, { name: "ada", cookie });
        await first.close();
        const rival = await join(node(2), room, { name: "ada" });
        expect([await speaks(second), await speaks(rival)]).toEqual(["ada", "ada-2"]);
        expect(told(second)).toBe(0);
      });

      test("an account's owner is called by their name; by another one they are as others", async () => {
        const room = newRoom();
        const hedy = await owner(node(0), `Hedy${args.length}`);
        const guest = await join(node(1), room, { name: "ada" });
        const alias = await join(node(0), room, { cookie: hedy.cookie, name: "ada" });
        expect(alias.welcome.you.name).toBe("ada-2");
        alias.say(`/nick Hedy${args.length}`);
        await alias.next("notice", ({ text }) => text.includes("Hedy"));
        expect(await speaks(alias)).toBe(`Hedy${args.length}`);
        expect(await speaks(guest)).toBe("ada");
      });

      test("/nick holds for one's tabs on every node, and is refused where another node has it", async () => {
        const room = newRoom();
        const cookie = cluster.cookie();
        const tabs = await Promise.all(
          [0, 1].map((at) => join(node(at), room, { name: "ada", cookie })),
        );
        const other = await join(node(2), room, { name: "bob" });
        tabs[0]?.say("/nick grace");
        await other.next(
          "presence",
          ({ joined }) => joined?.some(({ name }) => name === "grace") ?? false,
        );
        await settled(...tabs, other);
        expect(await Promise.all(tabs.map(speaks))).toEqual(["grace", "grace"]);
        other.say("/nick GRACE");
        expect(await other.next("error")).toMatchObject({ code: "not_allowed" });
        other.say("/nick ada");
        await other.next("notice");
        expect(await speaks(other)).toBe("ada");
      });

      test("it holds for plain text on two nodes, which reads nothing but messages", async () => {
        const room = newRoom();
        const plain = await joinPlain(node(1), room, { name: "ada" });
        plain.raw("first");
        expect(await plain.next()).toBe("ada: first");
        const other = await joinPlain(node(2), room, { name: "ada" });
        const json = await join(node(0), room, { name: "ada" });
        other.raw("hello");
        const { author } = await json.next("message", ({ text }) => text === "hello");
        expect([author.name, json.welcome.you.name].sort()).toEqual(["ada-2", "ada-3"]);
        await plain.next((line) => line === `${author.name}: hello`);
        expect(plain.lines).toEqual(["ada: first", `${author.name}: hello`]);
      });

      test("it holds for what is posted to a node on which nobody is in the room", async () => {
        const room = newRoom();
        const ada = await join(node(0), room, { name: "ada" });
        await fetch(new URL(`api/v1/rooms/${room}/messages`, node(1).url), {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ text: "by the API", name: "аda" }),
        });
        const { author } = await ada.next("message", ({ text }) => text === "by the API");
        expect(author.name).toBe("аda-2");
      });

      test("it holds for who came while a node was paused", async () => {
        const room = newRoom();
        const reader = await join(node(2), room);
        node(2).process.kill("SIGSTOP");
        const first = await join(node(1), room, { name: "ada" });
        const late = join(node(2), room, { name: "ada" });
        await Bun.sleep(300);
        node(2).process.kill("SIGCONT");
        const second = await late;
        await settled(first, second, reader);
        expect([await speaks(first), await speaks(second)]).toEqual(["ada", "ada-2"]);
        expect([told(first), told(second)]).toEqual([0, 1]);
      });
    },
  );
}

if (await hasPostgres()) {
  test("names are free at once when their node ends, and soon when it was killed", async () => {
    await using database = await emptyDatabase();
    await using cluster = await startCluster(3, database.url, []);
    const [ending, dying, staying] = cluster.nodes;
    if (!ending || !dying || !staying) throw new Error("no nodes");
    await join(ending, "room", { name: "ada" });
    await join(dying, "room", { name: "bob" });
    expect(await ending.stop()).toBe(0);
    const next = await join(staying, "room", { name: "ada" });
    expect(next.welcome.you.name).toBe("ada");
    await dying.kill();
    const later = await join(staying, "room", { name: "bob" });
    expect(later.welcome.you.name).toBe("bob-2");
    const deadline = Date.now() + 50_000;
    const refused = () => later.frames.filter(({ type }) => type === "error").length;
    while ((await speaks(later)) !== "bob" && Date.now() < deadline) {
      const before = refused();
      later.say("/nick bob");
      await Bun.sleep(500);
      if (refused() === before) break;
    }
    expect(await speaks(later)).toBe("bob");
  }, 60_000);
}
