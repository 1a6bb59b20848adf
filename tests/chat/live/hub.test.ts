import { afterAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { memoryBroker } from "../../../lib/broker/memory.ts";
import { Reads } from "../../../lib/chat/limits/reads.ts";
import { type Audience, Hub } from "../../../lib/chat/live/hub.ts";
import { type Joiner, type Start, start } from "../../../lib/chat/live/join.ts";
import { Committer } from "../../../lib/chat/messages/commit.ts";
import type { RoomEvent } from "../../../lib/model/wire/event.ts";
import type { Store } from "../../../lib/model/store.ts";
import { openDatabase } from "../../../lib/store/open.ts";
import { seeded, upTo } from "../../support/random.ts";
import { temporaryFolder } from "../../support/servers/server.ts";
import { append, say } from "../../store/suite.ts";

const QUIET = { log: () => undefined, count: () => undefined, time: () => undefined };
const folder = await temporaryFolder();
const store = await openDatabase(null, folder, QUIET);
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const seqsOf = (events: readonly RoomEvent[]) => events.map(({ seq }) => seq);

/** A node: its hub on a store, hearing itself alone. */
function nodeOn(reads: Store, audience: Audience) {
  const broker = memoryBroker();
  const hub = new Hub(reads, broker, audience, QUIET);
  broker.onSignal((room, signal) => {
    if (signal.kind === "events") hub.receive(room, signal);
  });
  const publish = (room: string, events: readonly RoomEvent[]) =>
    broker.publish(room, { kind: "events", events });
  const committer = new Committer(reads, publish, QUIET, Date.now, (room, seq) =>
    hub.catchUp(room, seq),
  );
  return { hub, committer, publish };
}

/** An audience that notes what it is told. */
function listeners() {
  const heard: number[] = [];
  return {
    heard,
    deliver: (_: string, events: readonly RoomEvent[]) => void heard.push(...seqsOf(events)),
    push: () => undefined,
  };
}

describe("a room that is being opened", () => {
  test("has nothing delivered from before it, whoever sends something again", async () => {
    await append(store, say("old", "1"), say("old", "2"), say("old", "3"));
    const gates: PromiseWithResolvers<void>[] = [];
    const slow: Store = {
      ...store,
      async head(room) {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
        return store.head(room);
      },
    };
    const audience = listeners();
    const { hub } = nodeOn(slow, audience);
    const both = Promise.all([hub.enter("old"), hub.catchUp("old", 3)]);
    // One answer of the database after the other.
    for (let turn = 0; turn < 10; turn += 1) {
      await Bun.sleep(1);
      gates[turn]?.resolve();
    }
    await both;
    expect(audience.heard).toEqual([]);
    expect(hub.subscribe("old", () => undefined).head).toBe(3);
  });

  test("tells nobody twice where it was left and entered again meanwhile", async () => {
    await append(store, say("again", "1"));
    const heads: PromiseWithResolvers<void>[] = [];
    const slow: Store = {
      ...store,
      async head(room) {
        const gate = Promise.withResolvers<void>();
        heads.push(gate);
        const head = await store.head(room);
        await gate.promise;
        return head;
      },
    };
    const audience = listeners();
    const { hub, publish } = nodeOn(slow, audience);
    const first = hub.enter("again");
    await Bun.sleep(0);
    publish("again", await append(store, say("again", "2")));
    hub.leave("again");
    const second = hub.enter("again");
    await Bun.sleep(0);
    publish("again", await append(store, say("again", "3")));
    for (const gate of heads) gate.resolve();
    await Promise.all([first, second]);
    expect(audience.heard).toEqual([3]);
  });
});

test("whoever becomes one of the audience while it is delivered to hears nothing twice", async () => {
  const live = new Set<number[]>();
  const audience: Audience = {
    deliver(_, events) {
      for (const heard of live) heard.push(...seqsOf(events));
    },
    push: () => undefined,
  };
  const { hub, publish } = nodeOn(store, audience);
  await hub.enter("turn");
  const heard: number[] = [];
  const subscription = hub.subscribe("turn", (events) => {
    heard.push(...seqsOf(events));
    subscription[Symbol.dispose]();
    live.add(heard);
  });
  publish("turn", await append(store, say("turn", "1")));
  publish("turn", await append(store, say("turn", "2")));
  expect(heard).toEqual([1, 2]);
});

/** What one reader sees, over all its connections: it must be 1, 2, 3 … */
class Reader {
  readonly seen: number[] = [];

  get last(): number {
    return this.seen.at(-1) ?? 0;
  }
}

/** Joins, leaves, commits and restarts in an order that `seed` chooses; each wait is as long as it says. */
async function mixed(seed: number): Promise<{ readers: Reader[]; head: number }> {
  const random = seeded(seed);
  const room = `mixed${seed}`;
  const hops = async () => {
    for (let left = upTo(random, 4); left > 0; left -= 1) {
      if (random() < 0.5) await Promise.resolve();
      else await new Promise((go) => setImmediate(go));
    }
  };
  const after = async <T>(work: () => Promise<T>): Promise<T> => {
    await hops();
    const result = await work();
    await hops();
    return result;
  };
  const slow: Store = {
    ...store,
    append: (drafts) => after(() => store.append(drafts)),
    head: (name) => after(() => store.head(name)),
    events: (...asked) => after(() => store.events(...asked)),
    before: (...asked) => after(() => store.before(...asked)),
  };
  const readers = [new Reader(), new Reader(), new Reader(), new Reader()];
  let sent = 0;
  // Each turn is a process: what is known of the room goes with it.
  for (let life = 0; life < 3; life += 1) {
    const live = new Set<Reader>();
    const audience: Audience = {
      deliver(_, events) {
        for (const reader of live) reader.seen.push(...seqsOf(events));
      },
      push: () => undefined,
    };
    const { hub, committer } = nodeOn(slow, audience);
    const reads = new Reads(false, Date.now);
    const join = async (reader: Reader) => {
      await hops();
      await hub.enter(room);
      const following: Disposable[] = [];
      const joiner: Joiner = {
        ...{ person: "p", network: "n", isOpen: true, ready: hops },
        follow: (subscription) => void following.push(subscription),
        begin: ({ events }: Start) => void reader.seen.push(...seqsOf(events ?? [])),
        deliver: (events) => void reader.seen.push(...seqsOf(events)),
      };
      const cursor = { epoch: store.epoch, after: reader.last };
      await start(room, cursor, 50, { store: slow, hub, reads }, joiner);
      if (random() < 0.5) await hops();
      for (const subscription of following) subscription[Symbol.dispose]();
      live.add(reader);
      if (random() < 0.3) {
        await hops();
        live.delete(reader);
        hub.leave(room);
        await join(reader);
      }
    };
    const talk = async () => {
      for (let left = 12; left > 0; left -= 1) {
        await hops();
        // Now and then what was sent before, as after a restart.
        const id = random() < 0.2 ? Math.max(1, sent) : (sent += 1);
        committer.submit(say(room, `${id}`), { settled: () => undefined }, undefined);
      }
    };
    await Promise.all([...readers.map(join), talk()]);
    await committer.drain();
  }
  return { readers, head: await store.head(room) };
}

const seqsUpTo = (head: number) => Array.from({ length: head }, (_, at) => at + 1);

test("however joins, leaves, commits and restarts fall, every reader has every event once", async () => {
  // The last three left everyone behind until the next message, before rooms were opened as they are.
  const seeds = [...Array.from({ length: 100 }, (_, at) => at + 1), 638, 1_334, 3_781];
  for (const seed of seeds) {
    const { readers, head } = await mixed(seed);
    for (const { seen } of readers) expect({ seed, seen }).toEqual({ seed, seen: seqsUpTo(head) });
  }
}, 30_000);
