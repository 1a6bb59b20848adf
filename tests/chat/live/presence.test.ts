import { NameRegistry } from "../../../lib/chat/live/name-registry.ts";
import { describe, expect, test } from "bun:test";
import type { Signal } from "../../../lib/model/wire/broker.ts";
import type { Presence } from "../../../lib/model/wire/frame.ts";
import { BEAT_MS, PresenceBoard } from "../../../lib/chat/live/presence.ts";
import { applyPresence } from "../../../lib/model/wire/presence.ts";

const ada = { id: "ada", name: "阿达" };
const bob = { id: "bob", name: "Bob" };

/** Boards of several nodes, with a clock and a network that tests move and break. */
class Net {
  now = 0;
  readonly boards = new Map<string, PresenceBoard>();
  readonly pushed = new Map<string, Presence[]>();
  readonly cut = new Set<string>();

  add(node: string): PresenceBoard {
    const pushed: Presence[] = [];
    this.pushed.set(node, pushed);
    const board = new PresenceBoard({
      node,
      now: () => this.now,
      names: new NameRegistry({ schedule: () => undefined, now: () => this.now }),
      schedule: () => undefined,
      tell: (room, signal) => this.#tell(node, room, signal),
      audience: {
        deliver: () => undefined,
        push: (_, frame) => void (frame.type === "presence" && pushed.push(frame)),
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
      if (node !== from && !this.cut.has(node)) board.receive(room, signal);
    }
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
