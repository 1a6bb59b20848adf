import { describe, expect, test } from "bun:test";
import type { Broker, Signal } from "../../lib/model/wire/broker.ts";
import type { Message } from "../../lib/model/wire/event.ts";
import { pick, seeded, upTo } from "../support/random.ts";

export interface Heard {
  readonly room: string;
  readonly signal: Signal;
}

export const quiet = { log: () => undefined };

/** A node's end of a broker, and what it heard. */
export interface Ear {
  readonly broker: Broker;
  readonly heard: Heard[];
  lost: number;
}

export function ear(broker: Broker): Ear {
  const end: Ear = { broker, heard: [], lost: 0 };
  broker.onSignal((room, signal) => void end.heard.push({ room, signal }));
  broker.onLost(() => (end.lost += 1));
  return end;
}

export function message(seq: number, text = `text ${seq}`): Message {
  return {
    type: "message",
    seq,
    id: `id-${seq}`,
    author: { id: "ada", name: "阿达" },
    text,
    at: 1,
  };
}

export const events = (...seqs: number[]): Signal => ({
  kind: "events",
  events: seqs.map((seq) => message(seq)),
});

export async function until(check: () => boolean, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!check()) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${String(check)}`);
    await Bun.sleep(2);
  }
}

const heardIn = (end: Ear, room: string) =>
  end.heard.filter((heard) => heard.room === room).map(({ signal }) => signal);
const seqsIn = (end: Ear, room: string) =>
  heardIn(end, room).flatMap((signal) =>
    signal.kind === "events" ? signal.events.map(({ seq }) => seq) : [],
  );
const highest = (end: Ear, room: string) =>
  Math.max(
    0,
    ...heardIn(end, room).map((signal) =>
      signal.kind === "wake"
        ? signal.seq
        : signal.kind === "events"
          ? (signal.events.at(-1)?.seq ?? 0)
          : 0,
    ),
  );

/** What every broker promises. `open` gives ends of one network; where it is not shared, one end. */
export function brokerSuite(name: string, open: () => Broker, shared: boolean): void {
  const withEnds = async (count: number, run: (ends: readonly Ear[]) => Promise<void>) => {
    const ends = Array.from({ length: count }, () => ear(open()));
    try {
      await run(ends);
    } finally {
      await Promise.all(ends.map(({ broker }) => broker.close()));
    }
  };
  const on = <T>(ends: readonly T[], index: number): T => {
    const end = ends[index];
    if (end === undefined) throw new Error("no such end");
    return end;
  };
  const room = () => `room-${crypto.randomUUID()}`;

  describe(name, () => {
    test("a signal is received by its own node before publish returns", () =>
      withEnds(1, async (ends) => {
        const [here, name] = [on(ends, 0), room()];
        await here.broker.subscribe(name);
        here.broker.publish(name, events(1));
        expect(heardIn(here, name)).toEqual([events(1)]);
      }));

    test("a node hears nothing of rooms it did not subscribe to, or left", () =>
      withEnds(1, async (ends) => {
        const [here, left, never] = [on(ends, 0), room(), room()];
        await here.broker.subscribe(left);
        await here.broker.unsubscribe(left);
        here.broker.publish(left, events(1));
        here.broker.publish(never, events(1));
        expect(here.heard).toEqual([]);
      }));

    test("subscribing twice is once", () =>
      withEnds(1, async (ends) => {
        const [here, name] = [on(ends, 0), room()];
        await Promise.all([here.broker.subscribe(name), here.broker.subscribe(name)]);
        here.broker.publish(name, events(1));
        here.broker.publish(name, events(2));
        await until(() => heardIn(here, name).length >= 2);
        expect(heardIn(here, name)).toEqual([events(1), events(2)]);
      }));

    if (!shared) return;

    test("every subscribed node hears what any node publishes after subscribe resolved", () =>
      withEnds(3, async (ends) => {
        const name = room();
        for (const end of ends) await end.broker.subscribe(name);
        for (const [index, end] of ends.entries()) end.broker.publish(name, events(index + 1));
        await until(() => ends.every((end) => seqsIn(end, name).length === 3));
        for (const end of ends) expect(seqsIn(end, name).sort()).toEqual([1, 2, 3]);
      }));

    test("every kind of signal arrives as it was sent", () =>
      withEnds(2, async (ends) => {
        const [here, there, name] = [on(ends, 0), on(ends, 1), room()];
        const person = { id: "ada", name: "阿达 \"' \\ ${1} {a,b} 👋" };
        const file = { id: "f", name: "图.png", type: "image/png", size: 7, width: 3, height: 4 };
        const signals: Signal[] = [
          { kind: "wake", seq: 3 },
          { kind: "ephemeral", frame: { type: "typing", person } },
          { kind: "ephemeral", frame: { type: "read", person, seq: 2 } },
          {
            kind: "here",
            node: "n",
            at: 7,
            people: [person],
          },
          { kind: "gone", node: "n", at: 7, ids: ["ada"] },
          { kind: "who", node: "n" },
          {
            kind: "events",
            events: [
              { ...message(4, '多行\n"引号" \'\\'), replyTo: 1, files: [file], html: "<b>x</b>" },
              {
                type: "edited",
                seq: 5,
                target: 4,
                author: person,
                at: 2,
                text: "y",
                html: "<i>",
                files: [],
              },
              { type: "deleted", seq: 6, target: 4, author: person, at: 3 },
              { type: "reacted", seq: 7, target: 1, author: person, at: 4, emoji: "👍", on: true },
            ],
          },
        ];
        await there.broker.subscribe(name);
        for (const signal of signals) {
          const before = there.heard.length;
          here.broker.publish(name, signal);
          await until(() => there.heard.length > before);
        }
        expect(heardIn(there, name)).toEqual(signals);
      }));

    test("rooms are kept apart, whatever their names", () =>
      withEnds(2, async (ends) => {
        const [here, there] = [on(ends, 0), on(ends, 1)];
        const names = ["大厅".repeat(32), "a".repeat(64), "_-_", "čtvrť"];
        for (const name of names) await there.broker.subscribe(name);
        for (const [index, name] of names.entries()) here.broker.publish(name, events(index + 1));
        await until(() => there.heard.length === names.length);
        for (const [index, name] of names.entries()) {
          expect(seqsIn(there, name)).toEqual([index + 1]);
        }
      }));

    test("one publisher's events arrive in order and once, however many at a time", () =>
      withEnds(2, async (ends) => {
        const [here, there, name] = [on(ends, 0), on(ends, 1), room()];
        await there.broker.subscribe(name);
        for (let seq = 1; seq <= 3_000; seq += 1) {
          here.broker.publish(name, events(seq));
          if (seq % 500 === 0) await Bun.sleep(1);
        }
        await until(() => highest(there, name) === 3_000);
        const seqs = seqsIn(there, name);
        expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
        expect(new Set(seqs).size).toBe(seqs.length);
      }));

    test("what is too long for one payload arrives in parts, or as a wake-up", () =>
      withEnds(2, async (ends) => {
        const [here, there, name] = [on(ends, 0), on(ends, 1), room()];
        await there.broker.subscribe(name);
        const long = Array.from({ length: 40 }, (_, at) => message(at + 1, "长".repeat(1_000)));
        here.broker.publish(name, { kind: "events", events: long });
        here.broker.publish(name, { kind: "events", events: [message(41, "字".repeat(200_000))] });
        await until(() => highest(there, name) === 41);
        expect(heardIn(there, name).at(-1)).toEqual({ kind: "wake", seq: 41 });
      }));

    test("many people are told of in parts", () =>
      withEnds(2, async (ends) => {
        const [here, there, name] = [on(ends, 0), on(ends, 1), room()];
        const people = Array.from({ length: 500 }, (_, at) => ({
          id: `p${at}`,
          name: "名".repeat(32),
        }));
        await there.broker.subscribe(name);
        here.broker.publish(name, { kind: "here", node: "n", at: 7, people });
        const told = () =>
          heardIn(there, name).flatMap((signal) => (signal.kind === "here" ? signal.people : []));
        await until(() => told().length === 500);
        expect(told()).toEqual(people);
      }));

    test("a room that is left and entered again at once is heard", () =>
      withEnds(2, async (ends) => {
        const [here, there, name] = [on(ends, 0), on(ends, 1), room()];
        await there.broker.subscribe(name);
        const left = there.broker.unsubscribe(name);
        const entered = there.broker.subscribe(name);
        await Promise.all([left, entered]);
        here.broker.publish(name, events(1));
        await until(() => seqsIn(there, name).length === 1);
      }));

    test("rooms that are entered and left in a hurry end as they were last wanted", () =>
      withEnds(2, async (ends) => {
        const [here, there] = [on(ends, 0), on(ends, 1)];
        const random = seeded(7);
        const names = Array.from({ length: 20 }, room);
        const wanted = new Set<string>();
        for (let turn = 0; turn < 600; turn += 1) {
          const name = pick(random, names);
          const task = wanted.has(name)
            ? there.broker.unsubscribe(name)
            : there.broker.subscribe(name);
          if (!wanted.delete(name)) wanted.add(name);
          // Sometimes in the very step in which the one before has ended.
          if (upTo(random, 3) > 0) await task;
        }
        await Promise.all([...wanted].map((name) => there.broker.subscribe(name)));
        for (const name of names) here.broker.publish(name, events(1));
        await until(() => there.heard.length >= wanted.size);
        await Bun.sleep(50);
        expect(there.heard.map((heard) => heard.room).sort()).toEqual([...wanted].sort());
      }));

    test("hundreds of rooms at once", () =>
      withEnds(2, async (ends) => {
        const [here, there] = [on(ends, 0), on(ends, 1)];
        const names = Array.from({ length: 300 }, room);
        await Promise.all(names.map((name) => there.broker.subscribe(name)));
        for (const name of names) here.broker.publish(name, events(1));
        await until(() => there.heard.length === 300);
        await Promise.all(names.slice(1).map((name) => there.broker.unsubscribe(name)));
        for (const name of names) here.broker.publish(name, events(2));
        await until(() => there.heard.length === 301);
      }));
  });
}
