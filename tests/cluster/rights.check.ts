import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { openDatabase } from "../../lib/store/open.ts";
import { Sessions } from "../../lib/web/identity/session.ts";
import { join } from "../support/people/client.ts";
import { administrator, owner, PASSWORD, visitor } from "../support/people/people.ts";
import { Wire } from "../support/servers/proxy.ts";
import { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres, hasRedis, ownRedis } from "../support/servers/servers.ts";

setDefaultTimeout(30_000);

type Joined = Awaited<ReturnType<typeof join>>;
/** Longer than a node that hears no signals takes to find a change in the log. */
const FOUND_MS = 15_000;

if ((await hasPostgres()) && (await hasRedis())) {
  const database = await emptyDatabase();
  const redis = await ownRedis();
  const wire = await Wire.to(() => redis.url, "127.0.0.1");
  const start = (broker: string) =>
    Server.start({ args: ["--database", database.url, "--limits", "off", "--broker", broker] });
  /** Hears everything. */
  const near = await start(redis.url);
  /** Reaches the database, and the broker only while the wire is whole. */
  const far = await start(wire.url.replace("http:", "redis:"));
  const store = await openDatabase(database.url, "");
  const sessions = new Sessions(store.secret, false);
  const boss = await administrator(near);
  afterAll(async () => {
    for (const server of [near, far]) await server[Symbol.asyncDispose]();
    wire[Symbol.dispose]();
    await store.close();
    await redis[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const cookie = () => sessions.issue(sessions.newGuest()).split(";")[0] ?? "";
  const idOf = (client: Joined) => client.welcome.you.id;

  async function setRole(of: Joined, role: string): Promise<void> {
    const { status } = await boss.submit("admin/people", "admin/people", {
      verb: "role",
      id: idOf(of),
      role,
    });
    expect(status).toBe(303);
  }

  /** Both nodes hear of each other again. */
  async function mend(): Promise<void> {
    wire.mend();
    const room = `mended-${crypto.randomUUID().slice(0, 8)}`;
    const [one, other] = [await join(near, room), await join(far, room)];
    await one.next("presence", ({ count }) => count === 2, FOUND_MS);
    for (const end of [one, other]) await end.close();
  }

  describe("a change of rights on a node that the broker does not reach", () => {
    test("a demoted administrator is one no longer, by an open socket either", async () => {
      const ada = await owner(near, "Demoted Ada");
      const before = await join(near, "roles", { cookie: ada.cookie });
      await setRole(before, "admin");
      expect((await before.closed).code).toBe(4003);
      const open = await join(far, "roles", { cookie: ada.cookie });
      expect(open.welcome.you.role).toBe("admin");
      wire.cut();
      await setRole(open, "member");
      expect((await open.closed).code).toBe(4003);
      const back = await join(far, "roles", { cookie: ada.cookie });
      expect(back.welcome.you.role).toBe("member");
      back.send({ type: "send", id: "lock", text: "/lock" });
      expect(await back.next("error")).toMatchObject({ code: "not_allowed" });
      await back.close();
      await mend();
    });

    test("a kick is carried out, once: who comes back stays", async () => {
      const own = cookie();
      const victim = await join(far, "kicks", { cookie: own, name: "Vic" });
      const mod = await join(near, "kicks", { cookie: boss.cookie });
      await mod.next(
        "presence",
        ({ joined }) => joined?.some(({ name }) => name === "Vic") ?? false,
      );
      wire.cut();
      const id = mod.say("/kick Vic out with you");
      await mod.next("notice", (notice) => notice.id === id);
      expect(await victim.closed).toEqual({ code: 4500, reason: "out with you" });
      const back = await join(far, "kicks", { cookie: own, name: "Vic" });
      // Found in the log behind the kick: so the log was read again since they came back.
      for (const name of ["One", "Two"]) {
        const other = await join(far, "kicks", { cookie: cookie(), name });
        const ban = { verb: "ban", subject: `#${idOf(other)}` };
        await boss.submit("admin/bans", "admin/bans", ban);
        expect((await other.closed).code).toBe(4501);
      }
      await back.fence();
      for (const end of [mod, back]) await end.close();
      await mend();
    });

    test("a kick holds when the broker is back, too", async () => {
      const own = cookie();
      const mod = await join(near, "healed", { cookie: boss.cookie });
      const victim = await join(far, "healed", { cookie: own, name: "Val" });
      await mod.next(
        "presence",
        ({ joined }) => joined?.some(({ name }) => name === "Val") ?? false,
      );
      wire.cut();
      const id = mod.say("/kick Val");
      await mod.next("notice", (notice) => notice.id === id);
      await mend();
      expect((await victim.closed).code).toBe(4500);
      await mod.close();
    });

    test("nobody claims on one node the name of a guest who is present on another", async () => {
      wire.cut();
      const guest = await join(far, "claims", { cookie: cookie(), name: "Present Pia" });
      const stranger = await visitor(near);
      const claim = { name: "Present Pia", password: PASSWORD };
      const { status } = await stranger.submit("account/", "account/claim", claim);
      expect(status).toBe(403);
      expect((await guest.post("still here")).author.name).toBe("Present Pia");
      await guest.close();
      await mend();
    });
  });
}
