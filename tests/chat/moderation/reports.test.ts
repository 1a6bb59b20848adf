import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Client, join, type JoinOptions } from "../../support/people/client.ts";
import { administrator, owner, type Visitor, visitor } from "../../support/people/people.ts";
import { PIXEL, upload } from "../../support/files.ts";
import { Server } from "../../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../../support/servers/servers.ts";

async function order(client: Client, text: string): Promise<string> {
  const id = client.say(text);
  return Promise.race([
    client.next("notice", (notice) => notice.id === id).then((notice) => notice.text),
    client.next("error", (error) => error.id === id).then((e) => `! ${e.code}: ${e.message}`),
  ]);
}

/** Guests come through one proxy. `database` gives a database's address, null: SQLite. */
function suite(name: string, database: () => Promise<(AsyncDisposable & { url: string }) | null>) {
  describe(`reports, on ${name}`, () => {
    let server: Server;
    let boss: Visitor;
    let own: Awaited<ReturnType<typeof database>>;
    beforeAll(async () => {
      own = await database();
      const more = own ? ["--database", own.url] : [];
      const args = ["--limits", "off", "--trust-proxy", "127.0.0.0/8", ...more];
      server = await Server.start({ args });
      boss = await administrator(server);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    });

    let networks = 0;
    const newNetwork = () => `198.51.100.${(networks += 1)}`;

    function guestIn(room: string, called: string, more: JoinOptions = {}) {
      return join(server, room, { name: called, forwarded: newNetwork(), ...more });
    }

    async function reportBy(room: string, seq: number, forwarded: readonly string[]) {
      for (const [at, from] of forwarded.entries()) {
        const { cookie } = await visitor(server, { "x-forwarded-for": from });
        const reader = await guestIn(room, `Reader ${at}`, { forwarded: from, cookie });
        expect(await order(reader, `/report #${seq} rude`)).not.toStartWith("!");
        await reader.close();
      }
    }

    const bossIn = (room: string) => join(server, room, { cookie: boss.cookie });
    const apart = () => [newNetwork(), newNetwork(), newNetwork()];

    async function reportsPage(query: string): Promise<string> {
      return (await boss.get(`admin/reports?q=${encodeURIComponent(query)}`)).text;
    }

    async function settle(room: string, query: string, verb: "upheld" | "dismissed") {
      const report = /name="report"\s+value="(\d+)"/.exec(await reportsPage(query))?.[1] ?? "";
      return boss.submit("admin/reports", "admin/reports", { verb, report, room });
    }

    test("of three networks hide a message until it is dismissed, as its author last wrote it", async () => {
      const mod = await bossIn("report");
      const author = await guestIn("report", "Author");
      const { seq } = await author.post("*questionable*");
      author.send({ type: "edit", seq, text: "*questionable* indeed" });
      await mod.next("edited");
      await reportBy("report", seq, apart());
      const hidden = await mod.next("edited", ({ target }) => target === seq);
      expect(hidden.text).not.toContain("questionable");
      author.send({ type: "edit", seq, text: "*less* questionable" });
      expect((await mod.next("edited")).text).toBe(hidden.text);
      expect(await reportsPage("indeed")).toContain("*less* questionable");
      expect((await settle("report", "indeed", "dismissed")).status).toBe(303);
      const back = await mod.next("edited", ({ target }) => target === seq);
      expect(back.text).toBe("*less* questionable");
      expect(back.html).toContain("<em>less</em>");
      for (const client of [mod, author]) await client.close();
    });

    test("of three cookies, or of a provider's one customer, are one", async () => {
      const mod = await bossIn("report-one");
      const author = await guestIn("report-one", "Author");
      const { seq } = await author.post("unpopular");
      const address = newNetwork();
      await reportBy("report-one", seq, [address, address, address]);
      const { seq: other } = await author.post("unpopular too");
      await reportBy(
        "report-one",
        other,
        [1, 2, 3].map((each) => `2001:db8:7:4${each}::1`),
      );
      const late = await guestIn("report-one", "Late");
      expect(late.welcome.messages?.map(({ text }) => text)).toEqual([
        "unpopular",
        "unpopular too",
      ]);
      for (const client of [mod, author, late]) await client.close();
    });

    test("of three names that were claimed today on one network are one", async () => {
      const author = await guestIn("report-new", "Author");
      const { seq } = await author.post("unpopular");
      const forwarded = newNetwork();
      for (const each of [1, 2, 3]) {
        const { cookie } = await owner(server, `Fresh ${each}`, { "x-forwarded-for": forwarded });
        const reader = await join(server, "report-new", { cookie, forwarded });
        expect(await order(reader, `/report #${seq} rude`)).not.toStartWith("!");
        await reader.close();
      }
      const late = await guestIn("report-new", "Late");
      expect(late.welcome.messages?.map(({ text }) => text)).toEqual(["unpopular"]);
      for (const client of [author, late]) await client.close();
    });

    test("of one moderator hide at once", async () => {
      const mod = await bossIn("report-mod");
      const author = await guestIn("report-mod", "Author");
      const { seq } = await author.post("bad");
      await order(mod, `/report #${seq}`);
      await author.next("edited", ({ target }) => target === seq);
      for (const client of [mod, author]) await client.close();
    });

    test("leave no former text to who resumes, streams or searches", async () => {
      const room = "report-resume";
      const mod = await bossIn(room);
      const author = await guestIn(room, "Author");
      const { epoch } = author.welcome;
      const { seq } = await author.post("formerly insulting");
      for (const text of ["insulting once", "insulting twice"]) {
        author.send({ type: "edit", seq, text });
        await mod.next("edited", (edited) => edited.text === text);
      }
      const edited = await guestIn(room, "Resumer", { epoch, after: 0 });
      expect(edited.welcome.events?.map(({ seq, type }) => [seq, type])).toEqual([
        [1, "message"],
        [2, "edited"],
        [3, "edited"],
      ]);
      expect(JSON.stringify(edited.welcome)).not.toMatch(/formerly|once/);
      await order(mod, `/report #${seq}`);
      await author.next("edited", ({ text }) => !text.includes("insulting"));
      const resumed = await guestIn(room, "Resumer", { epoch, after: 1 });
      expect(resumed.welcome.events).toHaveLength(3);
      expect(JSON.stringify(resumed.welcome)).not.toContain("insulting");
      const api = new URL(`api/v1/rooms/${room}/`, server.url);
      const stream = await fetch(new URL("events", api), {
        headers: { "last-event-id": `${epoch}:0` },
      });
      const reader = stream.body?.getReader();
      const decoder = new TextDecoder();
      let streamed = "";
      while (!streamed.includes(`id: ${epoch}:4`)) {
        streamed += decoder.decode((await reader?.read())?.value, { stream: true });
      }
      await reader?.cancel();
      expect(streamed).not.toContain("insulting");
      for (const q of ["formerly", "insulting"]) {
        const found = await fetch(new URL(`messages?q=${q}`, api));
        expect(await found.text()).not.toContain("insulting");
      }
      for (const client of [mod, author, edited, resumed]) await client.close();
    });

    test("of private talk are an administrator's to settle, who sees what was said around it", async () => {
      const [one, other] = await Promise.all([
        visitor(server, { "x-forwarded-for": newNetwork() }),
        visitor(server, { "x-forwarded-for": newNetwork() }),
      ]);
      const left = await guestIn("report-hall", "Ada", { cookie: one.cookie });
      const right = await guestIn("report-hall", "Bob", { cookie: other.cookie });
      left.send({ type: "talk", people: [right.welcome.you.id] });
      const { room } = await left.next("talk");
      const talk = await guestIn(room, "Ada", { cookie: one.cookie });
      const heard = await guestIn(room, "Bob", { cookie: other.cookie });
      const own = { cookie: one.cookie, "x-forwarded-for": newNetwork() };
      const { file } = await upload(server, room, "threat.png", PIXEL, own);
      const { file: unrelated } = await upload(server, room, "other.png", PIXEL, own);
      const seen = async ({ id, name }: typeof file) =>
        (await boss.get(`files/${id}/${name}`)).status;
      for (const text of ["far before", "2", "3", "just before", "a threat", "just after"]) {
        const files = text === "a threat" ? [file.id] : text === "2" ? [unrelated.id] : undefined;
        const id = crypto.randomUUID();
        talk.send({ type: "send", id, text, ...(files ? { files } : {}) });
        await talk.next("message", (message) => message.id === id);
      }
      expect(await seen(file)).toBe(404);
      expect(await order(heard, "/report #5 threat")).not.toStartWith("!");
      const page = await reportsPage("threat");
      expect(page).toContain("just before");
      expect(page).toContain("just after");
      expect(page).not.toContain("far before");
      expect((await boss.get(`rooms/${room}`)).status).toBe(403);
      expect([await seen(file), await seen(unrelated)]).toEqual([200, 404]);
      expect((await settle(room, "threat", "upheld")).status).toBe(303);
      expect((await heard.next("deleted")).target).toBe(5);
      expect(await reportsPage("threat")).not.toContain("just before");
      expect(await seen(file)).toBe(404);
      for (const client of [left, right, talk, heard]) await client.close();
    });
  });
}

suite("SQLite", async () => null);
if (await hasPostgres()) suite("PostgreSQL", emptyDatabase);
