import { describe, expect, test } from "bun:test";
import { NameRegistry } from "../../../lib/chat/live/name-registry.ts";
import type { NameClaim } from "../../../lib/model/people/bearer.ts";
import { seeded, upTo } from "../../support/random.ts";

const room = "room";
const free = async () => false;

/** Nodes of one chat that were cut off from each other while people came to them. */
class Nodes {
  now = 1_000;
  readonly names = [0, 1, 2].map(
    () => new NameRegistry({ schedule: () => undefined, now: () => this.now }),
  );
  /** By node: who is there. */
  readonly here: string[][] = this.names.map(() => []);

  on(node: number): NameRegistry {
    const names = this.names[node];
    if (!names) throw new Error("no such node");
    return names;
  }

  async come(node: number, id: string, asked: string, owns = false): Promise<void> {
    const names = this.on(node);
    const use = (name: string) => names.register(room, { id, name }, owns, true, asked);
    if (owns) use(asked);
    else await names.settle(room, { id, name: asked }, free, use);
    this.here[node]?.push(id);
  }

  bearer(node: number, id: string): NameClaim {
    const bearer = this.on(node).bearer(room, id);
    if (!bearer) throw new Error(`${id} is not there`);
    return bearer;
  }

  /** Each tells the others of its people. */
  tell(): void {
    for (const [from, people] of this.here.entries()) {
      for (const id of people) {
        for (const to of [0, 1, 2].filter((node) => node !== from)) {
          this.on(to).came(room, `node ${from}`, this.bearer(from, id));
        }
      }
    }
  }

  /** Every verdict is carried out, by each node with what it knew; resolves to how many there were. */
  async judge(): Promise<number> {
    const judged = this.here.flatMap((people, node) =>
      people.map((id) => ({ node, id, verdict: this.on(node).verdict(room, id) })),
    );
    let count = 0;
    for (const { node, id, verdict } of judged) {
      if (!verdict) continue;
      count += 1;
      const names = this.on(node);
      const { asked } = this.bearer(node, id);
      const use = (name: string) => names.rename(room, { id, name }, false, asked);
      if (verdict.kind === "follow") names.follow(room, verdict.bearer);
      else await names.settle(room, { id, name: asked }, free, use, verdict.before);
    }
    return count;
  }

  get all(): [string, string][] {
    return this.here.flatMap((people, node) =>
      people.map((id): [string, string] => [id, this.bearer(node, id).name]),
    );
  }
}

describe("names that several bear after a cut", () => {
  test("are each one person's after a round or two, whoever came where, and stay so", async () => {
    const random = seeded(7);
    const pick = (count: number) => upTo(random, count);
    for (let run = 0; run < 200; run += 1) {
      const nodes = new Nodes();
      for (let coming = 0; coming < 12; coming += 1) {
        // Clocks go together only so far.
        nodes.now += pick(3) - 1;
        const person = pick(8);
        const node = pick(3);
        if (nodes.here[node]?.includes(`p${person}`)) continue;
        await nodes.come(node, `p${person}`, person < 6 ? "ada" : "bot");
      }
      let rounds = 0;
      for (nodes.tell(); (await nodes.judge()) > 0; nodes.tell()) rounds += 1;
      expect(rounds).toBeLessThanOrEqual(3);
      const names = new Map<string, Set<string>>();
      const people = new Map<string, Set<string>>();
      for (const [id, name] of nodes.all) {
        names.set(id, (names.get(id) ?? new Set()).add(name));
        people.set(name, (people.get(name) ?? new Set()).add(id));
      }
      for (const [id, own] of names) expect({ id, own: own.size }).toEqual({ id, own: 1 });
      for (const [name, own] of people) expect({ name, own: own.size }).toEqual({ name, own: 1 });
      const ids = [...names.keys()];
      if (ids.some((id) => id < "p6")) expect([...people.keys()]).toContain("ada");
    }
  });

  test("stay their owner's, who came last", async () => {
    const nodes = new Nodes();
    await nodes.come(0, "guest", "Ada");
    nodes.now += 1_000;
    await nodes.come(1, "owner", "Ada", true);
    nodes.tell();
    expect(nodes.on(1).verdict(room, "owner")).toBeNull();
    expect(nodes.on(0).verdict(room, "guest")).toEqual({ kind: "yield", before: 0 });
  });

  test("stay with who was told of by a node of an older version: it would not yield", async () => {
    const nodes = new Nodes();
    await nodes.come(0, "new", "ada");
    nodes
      .on(0)
      .came(room, "old node", { id: "x", name: "ada", asked: "ada", since: 0, owns: false });
    expect(nodes.on(0).verdict(room, "new")).toEqual({ kind: "yield", before: 0 });
  });

  test("are free again when nobody bears them on any node", async () => {
    const nodes = new Nodes();
    await nodes.come(0, "p", "ada");
    await nodes.come(1, "p", "ada");
    nodes.tell();
    expect(nodes.on(2).isTaken(room, "ADA", "q")).toBe(true);
    nodes.on(2).went(room, "node 0", "p");
    expect(nodes.on(2).isTaken(room, "ADA", "q")).toBe(true);
    nodes.on(2).went(room, "node 1", "p");
    expect(nodes.on(2).isTaken(room, "ADA", "q")).toBe(false);
  });
});
