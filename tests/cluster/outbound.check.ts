import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { call } from "../support/api.ts";
import { join } from "../support/people/client.ts";
import { PushService } from "../support/push/push-service.ts";
import { type Cluster, startCluster } from "../support/servers/cluster.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

setDefaultTimeout(60_000);

if (await hasPostgres()) {
  describe("what two nodes send out", () => {
    let cluster: Cluster;
    let service: PushService;
    let database: Awaited<ReturnType<typeof emptyDatabase>>;
    const ready = (async () => {
      service = await PushService.start();
      // The nodes inherit it.
      Object.assign(process.env, service.options.env);
      database = await emptyDatabase();
      const args = service.options.args.slice(2);
      cluster = await startCluster(2, database.url, ["--broker", "postgres:", ...args]);
    })();
    afterAll(async () => {
      delete process.env["NODE_EXTRA_CA_CERTS"];
      await cluster[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    });

    test("is sent by the other, once, where the one that took the message is killed", async () => {
      await ready;
      const [one, two] = cluster.nodes;
      if (!one || !two) throw new Error("no such node");
      const cookie = cluster.cookie();
      const bob = await join(two, "tea", { cookie, name: "Bob" });
      await bob.post("see you");
      const { id } = bob.welcome.you;
      bob.send({ type: "inbox" });
      await bob.next("inbox", (frame) => (frame.rooms ?? []).length > 0);
      await bob.close();
      const phone = service.device();
      const { endpoint, p256dh, auth } = phone;
      const body = { endpoint, p256dh, auth, showsText: true };
      await call(two, "addPush", {}, { cookie, body });
      const own = cluster.cookie();
      const ada = await join(one, "hall", { cookie: own, name: "Ada" });
      ada.send({ type: "talk", people: [id] });
      const talk = await ada.next("talk");
      const inside = await join(one, talk.room, { cookie: own, name: "Ada" });
      await inside.post("are you there?");
      await one.kill();
      const pushed = await service.of(phone, 1, 40_000);
      expect(pushed.map(({ notice }) => notice.body)).toEqual(["are you there?"]);
    });
  });
}
