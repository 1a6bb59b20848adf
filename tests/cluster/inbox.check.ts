import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../lib/store/open.ts";
import type { InboxFrame } from "../../lib/model/wire/inbox.ts";
import { type Client, join } from "../support/people/client.ts";
import { type Cluster, startCluster } from "../support/servers/cluster.ts";
import { emptyDatabase, hasPostgres, hasRedis, ownRedis } from "../support/servers/servers.ts";

setDefaultTimeout(30_000);

function told(client: Client, room: string, wanted: object): Promise<InboxFrame> {
  return client.next(
    "inbox",
    ({ rooms = [] }) =>
      rooms.some(
        (each) =>
          each.room === room &&
          Object.entries(wanted).every(([key, value]) => Reflect.get(each, key) === value),
      ),
    15_000,
  );
}

if (await hasPostgres()) {
  const redis = (await hasRedis()) ? await ownRedis() : null;
  afterAll(() => redis?.[Symbol.asyncDispose]());
  const brokers = [["PostgreSQL", "postgres:"] as const];
  const all = redis === null ? brokers : [...brokers, ["Redis", redis.url] as const];

  describe.each(all)("inboxes on two nodes that talk over %s", (_, broker) => {
    let cluster: Cluster;
    let database: Awaited<ReturnType<typeof emptyDatabase>>;
    const ready = (async () => {
      database = await emptyDatabase();
      cluster = await startCluster(2, database.url, ["--broker", broker || database.url]);
    })();
    afterAll(async () => {
      await cluster[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    });
    const node = (at: number) => {
      const found = cluster.nodes[at];
      if (!found) throw new Error("no such node");
      return found;
    };

    test("are read on one node, and read on the other", async () => {
      await ready;
      const cookie = cluster.cookie();
      const phone = await join(node(0), "one", { cookie, inbox: 0 });
      const laptop = await join(node(1), "two", { cookie, inbox: 0 });
      await phone.post("hello");
      await told(laptop, "one", { followed: true });
      const ada = await join(node(1), "one", { name: "Ada" });
      await ada.post("news");
      await told(laptop, "one", { head: 2 });
      phone.send({ type: "read", seq: 2 });
      await told(laptop, "one", { read: 2, unread: 0 });
      await Promise.all([phone.close(), laptop.close(), ada.close()]);
    });

    test("tell someone on another node who is called by name, and of news there", async () => {
      await ready;
      const cookie = cluster.cookie();
      const before = await join(node(0), "calls", { cookie, name: "Bob" });
      await before.post("back soon");
      await before.close();
      const bob = await join(node(0), "elsewhere", { cookie, inbox: 0 });
      await bob.next("inbox", ({ full }) => full === true);
      const ada = await join(node(1), "calls", { name: "Ada" });
      await ada.post("@bob come");
      const { items } = await bob.next("inbox", (frame) => (frame.items ?? []).length > 0);
      expect(items).toMatchObject([{ kind: "mention", room: "calls", text: "@bob come" }]);
      await ada.post("or not");
      const news = await told(bob, "calls", { head: 3 });
      expect(news.rooms?.[0]).toMatchObject({ last: { text: "or not" } });
      await Promise.all([bob.close(), ada.close()]);
    });

    test("get the mentions of a node that ended just after it stored the message", async () => {
      await ready;
      const cookie = cluster.cookie();
      const bob = await join(node(0), "ended", { cookie, name: "Bob", inbox: 0 });
      await bob.post("here");
      // What such a node leaves: a message, and nobody who was told of it.
      const dead = await openDatabase(database.url, "");
      const author = { id: crypto.randomUUID(), name: "Ada" };
      const message = { type: "message", room: "ended", id: "last", text: "@bob bye" } as const;
      await dead.append([{ ...message, author, at: Date.now() }]);
      await dead.close();
      const { items } = await bob.next("inbox", (frame) => (frame.items ?? []).length > 0, 15_000);
      expect(items).toMatchObject([{ kind: "mention", room: "ended", text: "@bob bye" }]);
      await bob.close();
    });
  });
}
