import { afterAll, describe, expect, test } from "bun:test";
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
    `a name that two take on two nodes, by ${args[1] ?? "PostgreSQL alone"}`,
    () => {
      test("is theirs who took it first: the other yields, once, and is told", async () => {
        const room = newRoom();
        const first = await join(node(0), room, { name: "ada" });
        // Nobody was in the room by this node, so it knew of nobody.
        const second = await join(node(1), room, { name: "Аda" });
        expect(second.welcome.you.name).toBe("Аda");
        expect((await second.next("notice")).text).toContain("Аda-2");
        expect([await speaks(first), await speaks(second)]).toEqual(["ada", "Аda-2"]);
        await first.next("message", ({ author }) => author.name === "Аda-2");
        const reader = await join(node(2), room);
        await settled(first, second, reader);
        reader.say("/who");
        const { text } = await reader.next("notice");
        expect(text).toStartWith("3 here: ");
        expect(text).toContain("Аda-2");
        expect([told(first), told(second)]).toEqual([0, 1]);
      });

      test("in the same moment, is one's in the end, and nobody is renamed twice", async () => {
        const room = newRoom();
        const all = await Promise.all(
          [0, 1, 2, 0, 1, 2].map((at) => join(node(at), room, { name: "bot" })),
        );
        await settled(...all);
        const names = await Promise.all(all.map(speaks));
        expect(new Set(names).size).toBe(6);
        expect(names).toContain("bot");
        await settled(...all);
        expect(await Promise.all(all.map(speaks))).toEqual(names);
        // Some were told when they came that it was taken by someone on their own node.
        for (const client of all) expect(told(client)).toBeLessThanOrEqual(3);
      });

      test("is the same in all tabs of whoever yields, and of whoever keeps it", async () => {
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
        const names = await Promise.all(tabs.map(speaks));
        expect(new Set(names).size).toBe(1);
        expect(names[0]).toMatch(/^ada-[23]$/);
        for (const tab of tabs) expect(told(tab)).toBeWithin(1, 3);
      });

      test("stays with the tab on another node when the first one closes", async () => {
        const room = newRoom();
        const cookie = cluster.cookie();
        const first = await join(node(0), room, { name: "ada", cookie });
        const second = await join(node(1), room, { name: "ada", cookie });
        await settled(first, second);
        await first.close();
        const rival = await join(node(2), room, { name: "ada" });
        await settled(second, rival);
        expect([await speaks(second), await speaks(rival)]).toEqual(["ada", "ada-2"]);
        expect(told(second)).toBe(0);
      });

      test("is its owner's, also where they come last; by another name they yield as others do", async () => {
        const room = newRoom();
        const hedy = await owner(node(0), `Hedy${args.length}`);
        const guest = await join(node(1), room, { name: "ada" });
        const alias = await join(node(0), room, { cookie: hedy.cookie, name: "ada" });
        await settled(guest, alias);
        expect(await speaks(alias)).toBe("ada-2");
        alias.say(`/nick Hedy${args.length}`);
        await settled(guest, alias);
        expect(await speaks(alias)).toBe(`Hedy${args.length}`);
        expect(await speaks(guest)).toBe("ada");
      });

      test("/nick holds for one's tabs on every node", async () => {
        const room = newRoom();
        const cookie = cluster.cookie();
        const tabs = await Promise.all(
          [0, 1].map((at) => join(node(at), room, { name: "ada", cookie })),
        );
        await settled(...tabs);
        tabs[0]?.say("/nick grace");
        await settled(...tabs);
        const names = await Promise.all(tabs.map(speaks));
        expect(names).toEqual(["grace", "grace"]);
        tabs[1]?.say("/nick ada");
        await settled(...tabs);
        expect(await Promise.all(tabs.map(speaks))).toEqual(["ada", "ada"]);
      });

      test("who came by plain text yields to who did not, and reads nothing but messages", async () => {
        const room = newRoom();
        const plain = await joinPlain(node(1), room, { name: "ada" });
        const json = await join(node(1), room);
        const ada = await join(node(0), room, { name: "ada" });
        await settled(json, ada);
        expect(await speaks(ada)).toBe("ada");
        plain.raw("hello");
        expect((await json.next("message", ({ text }) => text === "hello")).author.name).toBe(
          "ada-2",
        );
        await plain.next((line) => line === "ada-2: hello");
        expect(plain.lines).toEqual(["ada: me", "ada-2: hello"]);
      });

      test("holds for who came while a node was paused", async () => {
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
