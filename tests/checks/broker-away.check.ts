import { describe, expect, test } from "bun:test";
import { startCluster } from "../support/servers/cluster.ts";
import { join } from "../support/people/client.ts";
import { owner } from "../support/people/people.ts";
import { emptyDatabase, hasPostgres, hasRedis, ownRedis } from "../support/servers/servers.ts";

if ((await hasPostgres()) && (await hasRedis())) {
  describe("while the broker is away", () => {
    test.concurrent.each(["stopped", "paused"] as const)(
      "a Redis that is %s costs two seconds, no message and no visitor",
      async (how) => {
        await using redis = await ownRedis();
        await using database = await emptyDatabase();
        await using cluster = await startCluster(2, database.url, ["--broker", redis.url]);
        const [one, two] = cluster.nodes;
        if (!one || !two) throw new Error("no nodes");
        const [ada, bob] = await Promise.all([join(one, "room"), join(two, "room")]);
        const grace = await owner(one, "Grace");
        const signedIn = await join(two, "third", { cookie: grace.cookie });
        expect(signedIn.welcome.you.role).toBe("member");
        await ada.post("before");
        await bob.next("message");

        if (how === "stopped") await redis.stop();
        else redis.signal("SIGSTOP");
        await ada.post("meanwhile");
        await bob.next("message", ({ text }) => text === "meanwhile", 4_000);
        const carol = await join(two, "another");
        // Nobody can be told that a session has ended; it stands in the audit log.
        await grace.submit("account/", "account/sign-out", {});
        expect((await signedIn.closed).code).toBe(4003);
        expect((await carol.post("hello")).seq).toBe(1);
        await bob.post("from the other side");
        await ada.next("message", ({ text }) => text === "from the other side", 4_000);

        if (how === "stopped") await redis.start();
        else redis.signal("SIGCONT");
        for (const text of ["back", "again", "as before"]) await ada.post(text);
        await bob.next("message", ({ text }) => text === "as before");
        expect(bob.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
        expect(ada.events).toEqual(bob.events);
        const deaf = two.log.map(({ msg }) => msg).filter((msg) => /receiving/.test(msg));
        expect(deaf).toEqual([
          "not receiving from other nodes; reading the database instead",
          "receiving from other nodes again",
        ]);
        const warned = one.log.filter(({ msg }) => msg === "cannot send to other nodes");
        if (how === "stopped") expect(warned.length).toBe(1);
      },
      30_000,
    );
  });
}
