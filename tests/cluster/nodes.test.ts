import { afterAll, describe, expect, test } from "bun:test";
import { startCluster } from "../support/servers/cluster.ts";
import { Client, join, showing } from "../support/people/client.ts";
import { download, upload } from "../support/files.ts";
import { owner } from "../support/people/people.ts";
import type { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres, hasRedis, REDIS_URL } from "../support/servers/servers.ts";
import { Talker } from "../support/people/talker.ts";
import { until } from "../broker/suite.ts";

const brokers: string[][] = [];
if (await hasPostgres()) {
  brokers.push([]);
  if (await hasRedis()) brokers.push(["--broker", REDIS_URL]);
}

for (const args of brokers) {
  const database = await emptyDatabase();
  const cluster = await startCluster(3, database.url, args);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  const node = (index: number): Server => {
    const found = cluster.nodes[index % 3];
    if (!found) throw new Error("no such node");
    return found;
  };
  let rooms = 0;
  const newRoom = () => `room${(rooms += 1)}`;

  describe(`three nodes and ${args[1] ?? "PostgreSQL alone"} are one chat`, () => {
    test("everyone sees the same, in the same order, whoever writes where", async () => {
      const room = newRoom();
      const talkers = Array.from(
        { length: 9 },
        (_, at) => new Talker(() => node(at).url, room, cluster.cookie(), `t${at}`),
      );
      await Promise.all(talkers.map(({ ready }) => ready));
      for (let turn = 0; turn < 40; turn += 1) {
        for (const talker of talkers) talker.say(`turn ${turn}`);
        await Bun.sleep(5);
      }
      await until(() => talkers.every(({ last }) => last === 360), 10_000);
      const [first] = talkers;
      for (const talker of talkers) {
        expect(talker.wrong).toEqual([]);
        expect(talker.seen).toEqual(first?.seen ?? []);
        expect(talker.acknowledged.size).toBe(40);
        talker.stop();
      }
    });

    test("a file that comes in on one node is sent on another, and read on the third", async () => {
      const [room, cookie] = [newRoom(), cluster.cookie()];
      const content = crypto.getRandomValues(new Uint8Array(600_000));
      const { file } = await upload(node(0), room, "图.bin", content, { cookie });
      const [ada, bo] = [await join(node(1), room, { cookie }), await join(node(2), room)];
      ada.send({ type: "send", id: "f", text: "look", files: [file.id] });
      expect(await bo.next("message")).toMatchObject({ text: "look", files: [file] });
      expect(await (await download(node(2), file)).bytes()).toEqual(content);
      const part = await download(node(2), file, { range: "bytes=262140-262150" });
      expect(part.status).toBe(206);
      expect(await part.bytes()).toEqual(content.subarray(262_140, 262_151));
      ada.send({ type: "delete", seq: 1 });
      await bo.next("deleted");
      expect((await download(node(2), file)).status).toBe(404);
      for (const end of [ada, bo]) await end.close();
    });

    test("an id that is sent on two nodes at once makes one message", async () => {
      const [room, cookie] = [newRoom(), cluster.cookie()];
      const [one, two] = await Promise.all([0, 1].map((at) => join(node(at), room, { cookie })));
      one?.say("twice", { id: "same" });
      two?.say("twice", { id: "same" });
      const [first, second] = await Promise.all([one, two].map((end) => end?.next("message")));
      expect([first?.seq, second?.seq]).toEqual([1, 1]);
      expect((await one?.post("after"))?.seq).toBe(2);
    });

    test("a client resumes on another node, with nothing missing and nothing twice", async () => {
      const room = newRoom();
      const [ada, bob] = await Promise.all([join(node(0), room), join(node(1), room)]);
      for (const text of ["one", "two", "three"]) await ada.post(text);
      const { epoch } = bob.welcome;
      await bob.close();
      await ada.post("four");
      const back = await join(node(2), room, { epoch, after: 3 });
      expect(back.welcome).toMatchObject({ recovered: true, seq: 4 });
      await ada.post("five");
      await back.next("message", ({ text }) => text === "five");
      expect(back.texts).toEqual(["four", "five"]);
    });

    test("edits, reactions and deletions reach every node", async () => {
      const room = newRoom();
      const cookie = cluster.cookie();
      const ada = await join(node(0), room, { cookie });
      const bob = await join(node(1), room);
      const { seq } = await ada.post("hello");
      bob.send({ type: "react", seq, emoji: "👍", on: true });
      await ada.next("reacted");
      const elsewhere = await join(node(2), room, { cookie });
      elsewhere.send({ type: "edit", seq, text: "hi" });
      expect(await bob.next("edited")).toMatchObject({ target: seq, text: "hi" });
      ada.send({ type: "delete", seq });
      await bob.next("deleted");
      await elsewhere.next("deleted");
      expect(elsewhere.events.map((event) => event.seq)).toEqual([3, 4]);
    });

    test("who is here is who is on any node; one person with two nodes is one person", async () => {
      const [room, cookie] = [newRoom(), cluster.cookie()];
      const ada = await join(node(0), room, { cookie, name: "ada" });
      const bob = await join(node(1), room, { name: "bob" });
      await showing(2, ada, bob);
      const again = await join(node(2), room, { cookie, name: "ada" });
      await showing(2, again);
      await ada.close();
      const carol = await join(node(1), room, { name: "carol" });
      await showing(3, again);
      await again.close();
      const left = await bob.next(
        "presence",
        ({ count, left }) => count === 2 && left?.length === 1,
      );
      expect(left.left).toMatchObject([{ name: "ada" }]);
      await carol.close();
    });

    test("a name that is borne on one node is not free on another", async () => {
      const room = newRoom();
      const ada = await join(node(0), room, { name: "ada" });
      const reader = await join(node(1), room);
      await showing(2, reader);
      const other = await join(node(1), room, { name: "Аda" });
      expect(other.welcome.you.name).toBe("Аda-2");
      reader.say("/nick ADA");
      expect(await reader.next("error")).toMatchObject({ code: "not_allowed" });
      await ada.close();
      await reader.next("presence", ({ left }) => left?.[0]?.name === "ada");
      reader.say("/nick ADA");
      expect((await reader.next("notice")).text).toContain("ADA");
    });

    test("who types is seen on every node, and once", async () => {
      const room = newRoom();
      const [ada, bob] = await Promise.all([join(node(0), room), join(node(1), room)]);
      ada.send({ type: "typing" });
      await bob.next("typing");
      await ada.next("typing");
      // What follows on the same ways comes after any repetition.
      await ada.post("typed");
      await bob.next("message");
      const typing = [ada, bob].map((end) => end.frames.filter(({ type }) => type === "typing"));
      expect(typing.map(({ length }) => length)).toEqual([1, 1]);
    });

    test("what a moderator does on one node holds on all of them, at once", async () => {
      const room = newRoom();
      const cookie = cluster.cookie();
      const [kicked, reader, banned] = await Promise.all([
        join(node(0), room, { name: "Kim" }),
        join(node(1), room, { name: "Rio" }),
        join(node(2), room, { name: "Ben", cookie }),
      ]);
      await reader.post("hello");
      const mod = await join(node(1), room, { cookie: await cluster.moderator(room) });
      await showing(4, mod);
      mod.say("/kick Kim");
      expect((await kicked.closed).code).toBe(4500);
      mod.say("/readonly on");
      await until(() => {
        reader.say("may I?");
        return reader.frames.some(
          (frame) => frame.type === "error" && frame.code === "not_allowed",
        );
      });
      mod.say("/ban Ben 1h");
      expect((await banned.closed).code).toBe(4501);
      for (const at of [0, 1, 2]) {
        const again = new Client(node(at), room, { cookie, name: "Ben" });
        expect((await again.closed).code).toBe(4501);
      }
    });

    test("who is muted on one node is muted on all, by an open socket too, until it is lifted", async () => {
      const [room, cookie] = [newRoom(), cluster.cookie()];
      const both = await Promise.all([1, 2].map((at) => join(node(at), room, { cookie })));
      const mod = await join(node(0), room, { cookie: await cluster.moderator(room) });
      const id = both[0]?.welcome.you.id ?? "";
      await both[0]?.post("before");
      await mod.next("message");
      mod.say(`/mute #${id} 5m Not here.`);
      await mod.next("notice");
      for (const socket of both) {
        await until(() => {
          socket.say("am I?");
          return socket.frames.some((frame) => frame.type === "error" && frame.code === "muted");
        });
      }
      mod.say(`/unmute #${id}`);
      await mod.next("notice");
      for (const socket of both) {
        await until(() => {
          socket.say("free");
          return socket.texts.includes("free");
        });
      }
    });

    test("a room that is locked on one node is closed on all of them, until it is open again", async () => {
      const room = newRoom();
      const readers = await Promise.all([join(node(1), room), join(node(2), room)]);
      const mod = await join(node(0), room, { cookie: await cluster.moderator(room) });
      await mod.post("so that there is a room");
      mod.say("/lock");
      for (const { closed } of readers) expect((await closed).code).toBe(4503);
      expect((await new Client(node(1), room).closed).code).toBe(4503);
      mod.say("/unlock");
      await mod.next("room", ({ locked }) => locked !== true);
      await until(() => mod.frames.filter(({ type }) => type === "notice").length === 2);
      await join(node(2), room);
    });

    test("slow mode counts what the same person wrote by another node", async () => {
      const [room, cookie] = [newRoom(), cluster.cookie()];
      const [one, two] = await Promise.all([
        join(node(1), room, { cookie }),
        join(node(2), room, { cookie }),
      ]);
      const mod = await join(node(0), room, { cookie: await cluster.moderator(room) });
      await mod.post("so that there is a room");
      mod.say("/slow 60");
      for (const socket of [one, two]) await socket.next("room", ({ slow }) => slow === 60);
      await one.post("one");
      await two.next("message", ({ text }) => text === "one");
      const id = two.say("two");
      const error = await two.next("error", (frame) => frame.id === id);
      expect(error.code).toBe("too_fast");
      expect(error.retryAfterMs).toBeWithin(40_000, 60_001);
      await mod.post("a");
      await mod.post("b");
    });

    test("an account is the same person on every node, and signed out of all of them at once", async () => {
      const room = newRoom();
      const ada = await owner(node(0), "Lovelace");
      const sockets = await Promise.all(
        [0, 1, 2].map((at) => join(node(at), room, { cookie: ada.cookie })),
      );
      for (const { welcome } of sockets) expect(welcome.you).toMatchObject({ role: "member" });
      await ada.submit("account/", "account/sign-out", {});
      const closed = await Promise.all(sockets.map((socket) => socket.closed));
      expect(closed.map((closing) => closing.code)).toEqual([4003, 4003, 4003]);
    });

    test("a long message, too long for one notification, arrives whole", async () => {
      const room = newRoom();
      const [ada, bob] = await Promise.all([join(node(0), room), join(node(1), room)]);
      const text = "长".repeat(8_000);
      await ada.post(text);
      expect((await bob.next("message")).text).toBe(text);
    });
  });
}
