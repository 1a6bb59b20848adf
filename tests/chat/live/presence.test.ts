import { describe, expect, test } from "bun:test";
import type { Signal } from "../../../lib/model/wire/broker.ts";
import type { Presence } from "../../../lib/model/wire/frame.ts";
import { BEAT_MS, PresenceBoard } from "../../../lib/chat/live/presence.ts";
import { applyPresence } from "../../../lib/model/wire/presence.ts";
import { PEOPLE_LIMIT } from "../../../lib/model/wire/limits.ts";
import type { Author } from "../../../lib/model/people/person.ts";
import { pick, seeded, upTo } from "../../support/random.ts";

const ada = { id: "ada", name: "阿达" };
const bob = { id: "bob", name: "Bob" };

/** Boards of several nodes, with a clock and a network that tests move and break. */
class Net {
  now = 0;
  readonly boards = new Map<string, PresenceBoard>();
  readonly pushed = new Map<string, Presence[]>();
  readonly cut = new Set<string>();
  /** By node: those whose people read along. */
  readonly pages = new Map<string, Page[]>();
  /** What becomes of a signal on its way: delivered at once where this is not set. */
  carry: ((deliver: () => void) => void) | null = null;

  add(node: string): PresenceBoard {
    const pushed: Presence[] = [];
    this.pushed.set(node, pushed);
    const board = new PresenceBoard({
      node,
      now: () => this.now,
      schedule: () => undefined,
      broadcast: (room, signal) => this.#tell(node, room, signal),
      audience: {
        deliver: () => undefined,
        push: (_, frame) => {
          if (frame.type !== "presence") return;
          pushed.push(frame);
          for (const page of this.pages.get(node) ?? []) page.pushed(frame);
        },
      },
    });
    this.boards.set(node, board);
    return board;
  }

  /** Lets everything that was said be heard and answered. */
  settle(): void {
    for (let round = 0; round < 3; round += 1)
      for (const board of this.boards.values()) board.tick();
  }

  /** Time passes; nodes that are cut off, or dead, say nothing. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += BEAT_MS;
      for (const [node, board] of this.boards) if (!this.cut.has(node)) board.beat();
      this.settle();
    }
  }

  #tell(from: string, room: string, signal: Signal): void {
    if (this.cut.has(from)) return;
    if (signal.kind !== "here" && signal.kind !== "gone" && signal.kind !== "who") return;
    for (const [node, board] of this.boards) {
      if (node === from || this.cut.has(node)) continue;
      const deliver = () => board.receive(room, signal);
      if (this.carry) this.carry(deliver);
      else deliver();
    }
  }
}

/** Someone's page: what they were shown when they came, and every difference since. */
class Page {
  people: ReadonlyMap<string, Author>;
  count: number;
  #follows = false;

  constructor(board: PresenceBoard) {
    const seen = board.people("room");
    this.people = new Map(seen.people.map((person) => [person.id, person]));
    this.count = seen.count;
    board.follow("room", seen, (difference) => {
      if (difference) this.#apply(difference);
      this.#follows = true;
    });
  }

  pushed(frame: Presence): void {
    if (this.#follows) this.#apply(frame);
  }

  #apply(frame: Presence): void {
    this.people = applyPresence(this.people, frame);
    this.count = frame.count;
  }
}

const ids = (board: PresenceBoard) =>
  board
    .people("room")
    .people.map(({ id }) => id)
    .sort();

describe("presence over several nodes", () => {
  test("a node that opens a room is told who is in it already", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    one.enter("room", ada);
    net.settle();
    two.enter("room", bob);
    net.settle();
    expect([ids(one), ids(two)]).toEqual([
      ["ada", "bob"],
      ["ada", "bob"],
    ]);
  });

  test("one person on two nodes is one, and gone when they left both", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    two.enter("room", bob);
    for (const board of [one, two]) board.enter("room", ada);
    net.settle();
    expect(two.countIn("room")).toBe(2);
    one.leave("room", ada);
    net.settle();
    expect(ids(two)).toEqual(["ada", "bob"]);
    two.leave("room", ada);
    net.settle();
    expect(ids(two)).toEqual(["bob"]);
  });

  test("people of a node that dies are gone within 60 s, and not before it missed a beat", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    one.enter("room", ada);
    two.enter("room", bob);
    net.settle();
    net.pass(5 * BEAT_MS);
    expect(ids(two)).toEqual(["ada", "bob"]);
    net.cut.add("one");
    net.pass(BEAT_MS);
    expect(ids(two)).toEqual(["ada", "bob"]);
    net.pass(60_000 - BEAT_MS);
    expect(ids(two)).toEqual(["bob"]);
    expect(net.pushed.get("two")?.at(-1)).toEqual({
      type: "presence",
      joined: [],
      left: [ada],
      count: 1,
    });
  });

  test("a leave and a join that were lost are made good by later beats", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    const carol = { id: "carol", name: "Carol" };
    one.enter("room", ada);
    one.enter("room", carol);
    two.enter("room", bob);
    net.settle();
    net.cut.add("one");
    one.leave("room", ada);
    one.enter("room", { id: "dan", name: "Dan" });
    net.settle();
    net.cut.delete("one");
    net.pass(60_000);
    expect(ids(two)).toEqual(["bob", "carol", "dan"]);
  });

  test("a new name is shown on every node, and nobody is counted twice for it", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    one.enter("room", ada);
    two.enter("room", bob);
    net.settle();
    one.enter("room", { id: "ada", name: "Countess" });
    one.leave("room", ada);
    net.settle();
    expect(two.people("room").people).toContainEqual({ id: "ada", name: "Countess" });
    one.leave("room", ada);
    net.settle();
    expect(ids(two)).toEqual(["bob"]);
  });
});

/** Three nodes over a network that loses, repeats and delays, then works again for two beats. */
function storm(seed: number, population: number): void {
  const random = seeded(seed);
  const net = new Net();
  const names = ["one", "two", "three"];
  const nodes = names.map((name) => ({ name, board: net.add(name) }));
  const delayed: (() => void)[] = [];
  net.carry = (deliver) => {
    if (random() < 0.3) return;
    if (random() < 0.2) delayed.push(deliver);
    if (random() < 0.3) delayed.push(deliver);
    else deliver();
  };
  /** By node, by person: the names of their tabs. */
  const tabs = new Map(names.map((name) => [name, new Map<string, Author[]>()]));
  for (const { name, board } of nodes) {
    // Someone who stays, and whose page must be right in the end.
    board.enter("room", { id: `stays-${name}`, name });
    net.pages.set(name, [new Page(board)]);
  }
  for (let step = 0; step < 20 * population; step += 1) {
    const { name, board } = pick(random, nodes);
    const here = tabs.get(name) ?? new Map<string, Author[]>();
    const author = { id: `p${upTo(random, population)}`, name: pick(random, ["x", "y"]) };
    const open = here.get(author.id) ?? [];
    const gone = random() < 0.5 ? open.pop() : undefined;
    if (gone) board.leave("room", gone);
    else {
      board.enter("room", author);
      open.push(author);
      if (random() < 12 / population) net.pages.get(name)?.push(new Page(board));
    }
    here.set(author.id, open);
    net.now += 10;
    if (random() < 0.2) delayed.splice(upTo(random, delayed.length + 1), 1)[0]?.();
    if (random() < 0.3) board.tick();
    if (step % 500 === 0) board.beat();
  }
  // People go until a list is whole again, and what was delayed arrives in any order.
  for (const { name, board } of nodes) {
    for (const [id, open] of tabs.get(name) ?? []) {
      if (Number(id.slice(1)) % 3 === 0) continue;
      for (const gone of open.splice(0)) board.leave("room", gone);
    }
  }
  while (delayed.length > 0) delayed.splice(upTo(random, delayed.length), 1)[0]?.();
  net.carry = null;
  net.pass(2 * BEAT_MS);
  const truth = new Set(nodes.map(({ name }) => `stays-${name}`));
  for (const here of tabs.values()) {
    for (const [id, open] of here) if (open.length > 0) truth.add(id);
  }
  expect(truth.size).toBeLessThanOrEqual(PEOPLE_LIMIT);
  const expected = [...truth].sort();
  for (const { name, board } of nodes) {
    expect(ids(board)).toEqual(expected);
    const shown = board.people("room").people;
    for (const page of net.pages.get(name) ?? []) {
      const wrong = shown.filter((person) => page.people.get(person.id)?.name !== person.name);
      const size = page.people.size;
      expect({ seed, name, size, count: page.count, wrong }).toEqual({
        ...{ seed, name, size: truth.size, count: truth.size, wrong: [] },
      });
    }
  }
}

describe("whatever is lost, repeated or reordered between nodes", () => {
  test("after two beats every page shows who is there, whenever it was opened", () => {
    for (let seed = 1; seed <= 20; seed += 1) storm(seed, 12);
  });

  test("so does every page of a crowd that became small enough to be listed", () => {
    for (let seed = 1; seed <= 3; seed += 1) storm(seed, 450);
  });

  test("a leave that was lost is made good by the next beat", () => {
    const net = new Net();
    const [one, two] = [net.add("one"), net.add("two")];
    for (const person of [ada, bob]) one.enter("room", person);
    two.enter("room", { id: "carol", name: "Carol" });
    net.settle();
    net.carry = () => undefined;
    one.leave("room", bob);
    net.settle();
    net.carry = null;
    expect(ids(two)).toEqual(["ada", "bob", "carol"]);
    net.pass(BEAT_MS);
    expect(ids(two)).toEqual(["ada", "carol"]);
  });

  test("who was shown the room while someone reloaded is told that they are back", () => {
    const net = new Net();
    const board = net.add("one");
    for (const person of [ada, bob]) board.enter("room", person);
    net.settle();
    board.leave("room", ada);
    const page = new Page(board);
    net.pages.set("one", [page]);
    board.enter("room", ada);
    net.settle();
    expect([...page.people.keys()].sort()).toEqual(["ada", "bob"]);
  });

  test("who has just come is not told that they have", () => {
    const net = new Net();
    const board = net.add("one");
    board.enter("room", ada);
    const differences: unknown[] = [];
    board.follow("room", board.people("room"), (difference) => differences.push(difference));
    net.settle();
    expect(differences).toEqual([null]);
  });
});

describe("a crowd", () => {
  const someone = (at: number) => ({ id: `p${at}`, name: `n${at}` });

  test("of 10,000: however many come and go, its number is told every ten seconds", () => {
    const net = new Net();
    const board = net.add("one");
    for (let at = 0; at < 10_000; at += 1) board.enter("room", someone(at));
    board.tick();
    const pushed = net.pushed.get("one") ?? [];
    expect(pushed).toEqual([{ type: "presence", count: 10_000 }]);
    for (let tick = 1; tick <= 600; tick += 1) {
      net.now += 100;
      board.enter("room", someone(10_000 + tick));
      board.tick();
    }
    expect(pushed).toHaveLength(6);
    expect(pushed.every((frame) => frame.joined === undefined)).toBe(true);
    net.now += 20_000;
    board.tick();
    expect(pushed.at(-1)).toEqual({ type: "presence", count: 10_600 });
  });

  test("that has gone leaves whole lists: of those who stay, everyone is told", () => {
    const net = new Net();
    const board = net.add("one");
    for (let at = 0; at < 300; at += 1) board.enter("room", someone(at));
    board.tick();
    for (let at = 2; at < 300; at += 1) board.leave("room", someone(at));
    board.tick();
    const last = net.pushed.get("one")?.at(-1);
    expect(last).toMatchObject({ joined: [someone(0), someone(1)], count: 2 });
    const stale = new Map([someone(1), someone(250)].map((person) => [person.id, person]));
    expect([...applyPresence(stale, last ?? {}).keys()]).toEqual(["p0", "p1"]);
    board.enter("room", someone(2));
    board.tick();
    expect(net.pushed.get("one")?.at(-1)).toEqual({
      type: "presence",
      joined: [someone(2)],
      left: [],
      count: 3,
    });
  });
});
