import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, join } from "../../support/people/client.ts";
import { administrator, owner, type Visitor } from "../../support/people/people.ts";
import { Server } from "../../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../../support/servers/servers.ts";

async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((e) => `! ${e.code}: ${e.message}`),
  ]);
}

/** Orders given at the same moment by several people. `database` gives its address, null: SQLite. */
function suite(name: string, database: () => Promise<(AsyncDisposable & { url: string }) | null>) {
  describe(`orders at the same moment, on ${name}`, () => {
    let server: Server;
    let boss: Visitor;
    let own: Awaited<ReturnType<typeof database>>;
    beforeAll(async () => {
      own = await database();
      const more = own ? ["--database", own.url] : [];
      server = await Server.start({ args: ["--limits", "off", ...more] });
      boss = await administrator(server);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    });

    test("every /pin holds", async () => {
      const tabs = await Promise.all(
        [1, 2, 3, 4].map(() => join(server, "pins", { cookie: boss.cookie })),
      );
      const [first] = tabs;
      if (!first) throw new Error("nobody came");
      const seqs: number[] = [];
      for (const _ of tabs) seqs.push((await first.post("remember")).seq);
      await Promise.all(tabs.map((tab, at) => order(tab, `/pin #${seqs[at]}`)));
      const late = await join(server, "pins", { cookie: boss.cookie });
      expect(late.welcome.about?.pins.toSorted()).toEqual(seqs);
      await Promise.all([late, ...tabs].map((client) => client.close()));
    });

    test("of those who close a new room one owns it, and the others are refused", async () => {
      const people = await Promise.all([1, 2, 3, 4].map((each) => owner(server, `Closer ${each}`)));
      const clients = await Promise.all(
        people.map(({ cookie }) => join(server, "new", { cookie })),
      );
      const answers = await Promise.all(
        clients.map((client) =>
          Promise.race([
            order(client, "/close members"),
            client.closed.then(({ code }) => `closed ${code}`),
          ]),
        ),
      );
      expect(answers.filter((answer) => answer === "Done.")).toHaveLength(1);
      const winner = clients[answers.indexOf("Done.")];
      if (!winner) throw new Error("nobody owns it");
      expect(await order(winner, "/topic ours")).toBe("Done.");
      for (const client of clients)
        if (client !== winner) expect((await client.closed).code).toBe(4502);
      await winner.close();
    });
  });
}

suite("SQLite", async () => null);
if (await hasPostgres()) suite("PostgreSQL", emptyDatabase);
