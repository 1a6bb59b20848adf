import { describe, expect, test } from "bun:test";
import { SQL } from "bun";
import { readFileSync } from "node:fs";
import { Client, join } from "../support/people/client.ts";
import { farAway } from "../support/servers/distance.ts";
import { Server } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

const MIB = 1024 * 1024;

/** Resident bytes of a process. */
function residentBytes(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4_096;
}

describe.if(await hasPostgres())("a database that is far away", () => {
  test("sockets that close while their start is read leave nothing behind", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 5);
    const args = ["--database", distance.database, "--limits", "off"];
    await using server = await Server.start({ args });
    const keeper = await join(server, "lobby");
    await keeper.post("here");
    distance.ms = 60;
    // Closed at every moment of their way in.
    await Promise.all(
      Array.from({ length: 400 }, async (_, at) => {
        const client = new Client(server, "lobby", { name: `reload${at}` });
        await client.opened();
        await Bun.sleep(at * 2);
        client.cut();
        await client.closed;
      }),
    );
    distance.ms = 1;
    const before = residentBytes(server.process.pid);
    const text = "x".repeat(1_000);
    for (let turn = 0; turn < 8; turn += 1) {
      const ids = Array.from({ length: 500 }, () => keeper.say(text));
      await keeper.next("message", ({ id }) => id === ids.at(-1));
    }
    // A single socket that is still followed would keep 4 MB of these messages.
    const grown = residentBytes(server.process.pid) - before;
    expect(grown / MIB).toBeLessThan(120);
    await keeper.close();
  }, 60_000);

  test("a node makes the schema of an empty one in time", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 100);
    // With a round trip for each statement it took more than the 15 s a start may take here.
    await using server = await Server.start({ args: ["--database", distance.database] });
    expect(server.url).toStartWith("http://");
  }, 30_000);

  test("a message is stored in one round trip", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 1);
    await using server = await Server.start({ args: ["--database", distance.database] });
    const ada = await join(server, "lobby");
    await ada.post("the statement is prepared");
    distance.ms = 100;
    const times: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      const from = performance.now();
      await ada.post(`message ${turn}`);
      times.push(performance.now() - from);
    }
    expect(Math.min(...times)).toBeLessThan(2 * 200);
    await ada.close();
  }, 30_000);

  test("reactions of many at once wait for the database together", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 1);
    const args = ["--database", distance.database, "--limits", "off"];
    await using server = await Server.start({ args });
    const people = await Promise.all(
      Array.from({ length: 20 }, (_, at) => join(server, "lobby", { name: `p${at}` })),
    );
    const [ada] = people;
    await ada?.post("look");
    ada?.send({ type: "react", seq: 1, emoji: "🎉", on: true });
    await ada?.next("reacted");
    distance.ms = 100;
    const from = performance.now();
    for (const person of people) person.send({ type: "react", seq: 1, emoji: "👍", on: true });
    const last = people.length + 2;
    await Promise.all(people.map((person) => person.next("reacted", ({ seq }) => seq === last)));
    // One after the other they took 16 s of the room's lock.
    expect(performance.now() - from).toBeLessThan(8_000);
    for (const person of people) await person.close();
  }, 60_000);

  test("three nodes store what people say in one room, and refuse nothing", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 1);
    const args = ["--database", distance.database, "--limits", "off"];
    const start = () => Server.start({ args });
    await using first = await start();
    await using second = await start();
    await using third = await start();
    const nodes = [first, second, third];
    const people = await Promise.all(
      nodes.flatMap((node) => [1, 2, 3, 4].map((at) => join(node, "lobby", { name: `p${at}` }))),
    );
    distance.ms = 100;
    const from = performance.now();
    await Promise.all(
      people.map(async (person) => {
        for (let turn = 0; turn < 5; turn += 1) await person.post(`message ${turn}`);
      }),
    );
    // One at a time under the room's lock they took 21 s; now some 2 s.
    expect(performance.now() - from).toBeLessThan(12_000);
    const errors = people.flatMap(({ frames }) => frames.filter(({ type }) => type === "error"));
    expect(errors).toEqual([]);
    for (const person of people) await person.close();
  }, 60_000);

  test("a commit whose answer is lost is tried again by the node, and stores nothing twice", async () => {
    await using database = await emptyDatabase();
    using distance = await farAway(database.url, 1);
    await using server = await Server.start({ args: ["--database", distance.database] });
    const [ada, bob] = [await join(server, "lobby"), await join(server, "lobby")];
    await ada.post("before");
    distance.ms = 200;
    const id = ada.say("is it there?");
    await using near = new SQL(database.url, { max: 1 });
    const stored = async () => Number((await near`SELECT seq FROM rooms`)[0]?.seq);
    while ((await stored()) < 2) await Bun.sleep(5);
    // The answer is on its way.
    distance.cut();
    distance.ms = 1;
    expect((await ada.next("message", (message) => message.id === id)).seq).toBe(2);
    expect((await bob.next("message", (message) => message.id === id)).seq).toBe(2);
    expect((await ada.post("after")).seq).toBe(3);
    expect(ada.frames.filter(({ type }) => type === "error")).toEqual([]);
    for (const person of [ada, bob]) await person.close();
  }, 30_000);
});
