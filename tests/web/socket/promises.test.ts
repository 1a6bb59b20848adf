import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import { RESUME_LIMIT } from "../../../lib/model/wire/limits.ts";
import { type Client, guest, join } from "../../support/people/client.ts";
import { RawSocket } from "../../support/people/raw.ts";
import { Server } from "../../support/servers/server.ts";
import { eventually } from "../../support/eventually.ts";

// Real servers, on a machine that may be doing other things.
setDefaultTimeout(20_000);

let server: Server;
beforeAll(async () => {
  server = await Server.start({ args: ["--limits", "off"] });
});
afterAll(() => server[Symbol.asyncDispose]());

let rooms = 0;
const newRoom = () => `promise${(rooms += 1)}`;
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
const seqs = (events: readonly RoomEvent[]) => events.map(({ seq }) => seq);

/** Waits until the client has every event up to `seq`. */
async function reaches(client: Client, seq: number): Promise<void> {
  await eventually(() => (client.events.at(-1)?.seq ?? 0) >= seq);
}

describe("promise 1: one order for everyone", () => {
  test("eight people at once: seq has no gap and no repeat, and everyone sees the same", async () => {
    const room = newRoom();
    const people = await Promise.all(upTo(8).map((at) => join(server, room, { name: `p${at}` })));
    for (let round = 0; round < 50; round += 1) {
      for (const [at, person] of people.entries()) person.say(`${at}:${round}`);
      if (round % 10 === 0) await Bun.sleep(1);
    }
    await Promise.all(people.map((person) => reaches(person, 400)));
    const [first] = people;
    expect(seqs(first?.events ?? [])).toEqual(upTo(400));
    for (const person of people) expect(person.events).toEqual(first?.events ?? []);
    for (const at of people.keys()) {
      const own = first?.texts.filter((text) => text.startsWith(`${at}:`));
      expect(own).toEqual(upTo(49, 0).map((round) => `${at}:${round}`));
    }
    await Promise.all(people.map((person) => person.close()));
  });

  test("messages, edits, reactions and deletions share one count; refusals take none", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    ada.say("one");
    ada.send({ type: "react", seq: 1, emoji: "👍", on: true });
    ada.say("   ");
    ada.send({ type: "edit", seq: 1, text: "won" });
    ada.send({ type: "edit", seq: 99, text: "nothing" });
    ada.say("two");
    ada.send({ type: "delete", seq: 1 });
    await ada.next("deleted");
    expect(ada.events.map(({ seq, type }) => [seq, type])).toEqual([
      [1, "message"],
      [2, "reacted"],
      [3, "edited"],
      [4, "message"],
      [5, "deleted"],
    ]);
    await ada.close();
  });

  test("each room has its own count", async () => {
    const [here, there] = [await join(server, newRoom()), await join(server, newRoom())];
    expect((await here.post("a")).seq).toBe(1);
    expect((await there.post("b")).seq).toBe(1);
    expect((await here.post("c")).seq).toBe(2);
    await Promise.all([here.close(), there.close()]);
  });
});

describe("promise 2: what anyone has seen is on disk", () => {
  test("killed in the middle of traffic, three times: every shown message is there, once", async () => {
    await using first = await Server.start({ args: ["--limits", "off"] });
    let running = first;
    const shown = new Map<number, string>();
    for (let life = 1; life <= 3; life += 1) {
      const people = await Promise.all(upTo(4).map(() => join(running, "storm")));
      let sent = 0;
      const traffic = setInterval(() => {
        for (const person of people) person.say(`life ${life}, ${(sent += 1)}`);
      }, 1);
      await reaches(people[0] ?? (await join(running, "storm")), shown.size + 100);
      await running.kill();
      clearInterval(traffic);
      await Promise.all(people.map((person) => person.closed));
      for (const event of people.flatMap((person) => person.events)) {
        if (event.type !== "message") continue;
        const known = shown.get(event.seq) ?? event.text;
        expect(event.text).toBe(known);
        shown.set(event.seq, event.text);
      }
      running = await running.again();
      const reader = await join(running, "storm", { epoch: "none", after: 0 });
      const log = await readAll(reader);
      for (const [seq, text] of shown) expect([seq, log.get(seq)]).toEqual([seq, text]);
      expect([...log.keys()].toSorted((a, b) => a - b)).toEqual(upTo(log.size));
      expect(new Set(log.values()).size).toBe(log.size);
      for (const [seq, text] of log) shown.set(seq, text);
      await reader.close();
    }
    expect(shown.size).toBeGreaterThan(300);
    await running.kill();
  });

  test("one's own message comes back with one's id, and only then is it acknowledged", async () => {
    const ada = await join(server, newRoom());
    const ids = upTo(20).map((at) => ada.say(`m${at}`));
    await reaches(ada, 20);
    const back = ada.events.map((event) => (event.type === "message" ? event.id : ""));
    expect(back).toEqual(ids);
    await ada.close();
  });
});

describe("promise 3: the same id makes no second message", () => {
  test("on the same connection: the sender alone is sent the first again", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    const first = await ada.post("hello", { id: "same" });
    ada.say("another text", { id: "same" });
    expect(await ada.next("message")).toEqual(first);
    expect((await ada.post("after")).seq).toBe(2);
    expect(await bob.next("message", ({ seq }) => seq === 2)).toMatchObject({ text: "after" });
    expect(bob.texts).toEqual(["hello", "after"]);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("twice in one frame, and many times at the same moment", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const bob = await join(server, room);
    const send = { type: "send", id: "twice", text: "x" };
    ada.send([send, send, { ...send, id: "other" }, send]);
    for (let count = 0; count < 50; count += 1) ada.send(send);
    await ada.post("end");
    expect(await bob.next("message", ({ text }) => text === "end")).toMatchObject({ seq: 3 });
    expect(bob.events).toMatchObject([{ id: "twice" }, { id: "other" }, { text: "end" }]);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("on another connection of the same person, at the same moment", async () => {
    const room = newRoom();
    const cookie = await guest(server);
    const tabs = await Promise.all(upTo(5).map(() => join(server, room, { cookie })));
    for (const tab of tabs) tab.say("from all tabs", { id: "one" });
    const acknowledged = await Promise.all(tabs.map((tab) => tab.next("message")));
    for (const message of acknowledged) expect(message).toEqual(acknowledged[0] ?? message);
    expect(acknowledged[0]?.seq).toBe(1);
    expect((await tabs[0]?.post("after"))?.seq).toBe(2);
    await Promise.all(tabs.map((tab) => tab.close()));
  });

  test("after a crash", async () => {
    await using one = await Server.start();
    const cookie = await guest(one);
    const before = await join(one, "crash", { cookie, name: "ada" });
    const first = await before.post("once", { id: "outbox-1" });
    await one.kill();
    await using two = await one.again();
    const after = await join(two, "crash", { cookie, name: "ada" });
    expect(after.welcome.you.id).toBe(before.welcome.you.id);
    after.say("once", { id: "outbox-1" });
    expect(await after.next("message")).toEqual(first);
    expect((await after.post("twice")).seq).toBe(2);
    await after.close();
  });

  test("but someone else may use the same id, and the same person in another room", async () => {
    const [room, other] = [newRoom(), newRoom()];
    const cookie = await guest(server);
    const ada = await join(server, room, { cookie });
    const bob = await join(server, room);
    const elsewhere = await join(server, other, { cookie });
    expect((await ada.post("ada's", { id: "same" })).seq).toBe(1);
    bob.say("bob's", { id: "same" });
    expect(await bob.next("message", ({ seq }) => seq === 2)).toMatchObject({ text: "bob's" });
    expect(await elsewhere.post("there", { id: "same" })).toMatchObject({ text: "there" });
    await Promise.all([ada.close(), bob.close(), elsewhere.close()]);
  });
});

describe("promise 4: coming back misses nothing", () => {
  test("while others keep sending, again and again, without a gap or a repeat", async () => {
    const room = newRoom();
    const bob = await join(server, room);
    const { epoch } = bob.welcome;
    let sent = 0;
    const seen: RoomEvent[] = [];
    const traffic = setInterval(() => {
      // Not more than may be missed, however slow this machine is.
      if (sent - (seen.at(-1)?.seq ?? 0) > RESUME_LIMIT / 2) return;
      for (let count = 0; count < 5; count += 1) bob.say(`m${(sent += 1)}`);
    }, 1);
    for (let visit = 0; visit < 12; visit += 1) {
      const after = seen.at(-1)?.seq ?? 0;
      const ada = await join(server, room, { epoch, after });
      expect(ada.welcome.recovered).toBe(true);
      expect(ada.welcome.seq).toBe(ada.welcome.events?.at(-1)?.seq ?? after);
      await ada.next("message");
      if (visit % 2 === 0) ada.cut();
      else await ada.close();
      await ada.closed;
      seen.push(...ada.events);
      await Bun.sleep(visit);
    }
    clearInterval(traffic);
    await reaches(bob, sent);
    const ada = await join(server, room, { epoch, after: seen.at(-1)?.seq ?? 0 });
    await reaches(ada, ada.events.length > 0 ? sent : 0);
    seen.push(...ada.events);
    expect(seqs(seen)).toEqual(upTo(sent));
    expect(seen).toEqual(bob.events);
    await Promise.all([ada.close(), bob.close()]);
  });

  test("nothing missed: recovered, with no events", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    await ada.post("x");
    const again = await join(server, room, { epoch: ada.welcome.epoch, after: 1 });
    expect(again.welcome).toMatchObject({ recovered: true, events: [], seq: 1 });
    expect(again.welcome).not.toHaveProperty("messages");
    await Promise.all([ada.close(), again.close()]);
  });

  test("exactly 1,000 missed: all of them; one more: none, and the last 50 instead", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const { epoch } = ada.welcome;
    for (let count = 0; count <= RESUME_LIMIT; count += 1) ada.say(`m${count}`);
    await reaches(ada, RESUME_LIMIT + 1);
    const all = await join(server, room, { epoch, after: 1 });
    expect(all.welcome.recovered).toBe(true);
    await reaches(all, RESUME_LIMIT + 1);
    expect(seqs(all.events)).toEqual(upTo(RESUME_LIMIT + 1, 2));
    const none = await join(server, room, { epoch, after: 0 });
    expect(none.welcome.recovered).toBe(false);
    expect(none.welcome).not.toHaveProperty("events");
    expect(none.welcome.messages?.map(({ seq }) => seq)).toEqual(
      upTo(RESUME_LIMIT + 1, RESUME_LIMIT - 48),
    );
    await Promise.all([ada, all, none].map((client) => client.close()));
  });

  test.each([
    ["another epoch", () => ({ epoch: "another", after: 1 })],
    ["no epoch", () => ({ after: 1 })],
    ["no seq", (epoch: string) => ({ epoch })],
    ["a seq from the future", (epoch: string) => ({ epoch, after: 1_000 })],
    ["a seq below nothing", (epoch: string) => ({ epoch, after: -1 })],
    ["half a seq", (epoch: string) => ({ epoch, after: 0.5 })],
    ["no number", (epoch: string) => ({ epoch, after: Number.NaN })],
  ])("with %s: recovered is false, never a part of them", async (_, cursor) => {
    const room = newRoom();
    const ada = await join(server, room);
    await ada.post("one");
    await ada.post("two");
    const back = await join(server, room, cursor(ada.welcome.epoch));
    expect(back.welcome.recovered).toBe(false);
    expect(back.welcome.messages?.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(back.welcome).not.toHaveProperty("events");
    await Promise.all([ada.close(), back.close()]);
  });

  test("after a restart the epoch is the same, and what was missed is there", async () => {
    await using one = await Server.start();
    const ada = await join(one, "restart");
    await ada.post("before");
    expect(await one.stop()).toBe(0);
    await using two = await one.again();
    const back = await join(two, "restart", { epoch: ada.welcome.epoch, after: 0 });
    expect(back.welcome).toMatchObject({ recovered: true, seq: 1, events: [{ text: "before" }] });
    expect((await back.post("after")).seq).toBe(2);
    await back.close();
  });

  test("1,000 of the longest messages come back too", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const text = "长".repeat(8_000);
    for (let count = 0; count < RESUME_LIMIT; count += 1) {
      ada.say(text);
      if (count % 20 === 19) await reaches(ada, count + 1);
    }
    await reaches(ada, RESUME_LIMIT);
    const back = await join(server, room, { epoch: ada.welcome.epoch, after: 0 });
    await reaches(back, RESUME_LIMIT);
    expect(seqs(back.events)).toEqual(upTo(RESUME_LIMIT));
    expect((await back.post("live")).seq).toBe(RESUME_LIMIT + 1);
    await Promise.all([ada.close(), back.close()]);
  });
});

describe("promise 5: a reader too slow is cut off, and nobody waits for it", () => {
  test("others go on without delay, and the slow one can come back", async () => {
    const room = newRoom();
    const slow = await RawSocket.open(server, room);
    const ada = await join(server, room);
    const bob = await join(server, room);
    slow.stopReading();
    const text = "慢".repeat(8_000);
    let slowest = 0;
    let ended = false;
    const gone = bob.next("presence", ({ left }) => left !== undefined && left.length > 0, 20_000);
    void gone.then(() => (ended = true));
    for (let count = 0; count < 900 && !ended; count += 1) {
      const started = performance.now();
      await ada.post(text);
      slowest = Math.max(slowest, performance.now() - started);
    }
    await gone;
    expect(slowest).toBeLessThan(5_000);
    slow.readOn();
    await slow.closed;
    const last = await ada.post("it is over");
    await bob.next("message", ({ seq }) => seq === last.seq);
    expect(seqs(bob.events)).toEqual(upTo(last.seq));
    const back = await join(server, room, { epoch: ada.welcome.epoch, after: last.seq - 10 });
    await reaches(back, last.seq);
    expect(seqs(back.events)).toEqual(upTo(last.seq, last.seq - 9));
    await Promise.all([ada.close(), bob.close(), back.close()]);
  });

  test("a large start is no reason: who reads it slowly is not cut off for it", async () => {
    const room = newRoom();
    const ada = await join(server, room);
    const text = "大".repeat(8_000);
    for (let count = 0; count < 400; count += 1) {
      ada.say(text);
      if (count % 20 === 19) await reaches(ada, count + 1);
    }
    const raw = await RawSocket.open(server, room, { epoch: ada.welcome.epoch, after: 0 });
    raw.stopReading();
    const bob = await join(server, room, { name: "bob" });
    await ada.next("presence", ({ joined }) => joined?.some(({ name }) => name === "bob") ?? false);
    await bob.post("meanwhile");
    await bob.close();
    await ada.next("presence", ({ left }) => left?.some(({ name }) => name === "bob") ?? false);
    raw.readOn();
    await ada.post("afterwards");
    const frames = await eventually(() => {
      const sent = raw.texts.flatMap((data) => [JSON.parse(data)].flat());
      return sent.some((frame) => frame.text === "afterwards") ? sent : null;
    });
    const [welcome, ...later] = frames;
    expect(welcome.type).toBe("welcome");
    const events = [...welcome.events, ...later.filter((frame) => frame.seq !== undefined)];
    expect(seqs(events)).toEqual(upTo(402));
    raw.end();
    await ada.close();
  });
});

/** The room's messages by `seq`, read back page by page. */
async function readAll(reader: Client): Promise<Map<number, string>> {
  const log = new Map<number, string>();
  let before = 1_000_000;
  for (;;) {
    reader.send({ type: "history", before, limit: 100 });
    const { messages, more } = await reader.next("history");
    for (const { seq, text } of messages) log.set(seq, text);
    if (!more) return log;
    before = messages[0]?.seq ?? 1;
  }
}
