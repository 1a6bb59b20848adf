import { describe, expect, test } from "bun:test";
import type { Author } from "../../../lib/model/people/person.ts";
import { Roster, applyPresence } from "../../../lib/model/wire/presence.ts";
import { pick, seeded } from "../../support/random.ts";

const ada = { id: "1", name: "ada" };
const bob = { id: "2", name: "bob" };

describe("who is in a room", () => {
  test("one person with three tabs is one person, until the last tab closes", () => {
    const roster = new Roster();
    for (let tab = 0; tab < 3; tab += 1) roster.enter(ada);
    expect(roster.count).toBe(1);
    expect(roster.changes()).toEqual({ joined: [ada], left: [] });
    roster.leave(ada.id);
    roster.leave(ada.id);
    expect(roster.changes()).toBeNull();
    roster.leave(ada.id);
    expect(roster.changes()).toEqual({ joined: [], left: [ada] });
    expect(roster.count).toBe(0);
  });

  test("who reloads has not moved", () => {
    const roster = new Roster();
    roster.enter(ada);
    roster.changes();
    roster.leave(ada.id);
    roster.enter(ada);
    expect(roster.changes()).toBeNull();
  });

  test("who comes and goes between two looks was never here", () => {
    const roster = new Roster();
    roster.enter(ada);
    roster.leave(ada.id);
    expect(roster.changes()).toBeNull();
  });

  test("a new name is a new arrival of the same person", () => {
    const roster = new Roster();
    roster.enter({ id: "1", name: "" });
    roster.changes();
    roster.enter(ada);
    expect(roster.changes()).toEqual({ joined: [ada], left: [] });
    expect(roster.count).toBe(1);
    expect(roster.people(10)).toEqual([ada]);
  });

  test("a guest without a name is someone too", () => {
    const roster = new Roster();
    roster.enter({ id: "1", name: "" });
    expect(roster.changes()?.joined).toEqual([{ id: "1", name: "" }]);
  });

  test("leaving without having come changes nothing", () => {
    const roster = new Roster();
    roster.leave("nobody");
    expect(roster.changes()).toBeNull();
    expect(roster.count).toBe(0);
  });

  test("lists no more people than asked for, first come first", () => {
    const roster = new Roster();
    for (let id = 0; id < 300; id += 1) roster.enter({ id: String(id), name: `n${id}` });
    expect(roster.people(200).map((person) => person.id)).toEqual(
      Array.from({ length: 200 }, (_, id) => String(id)),
    );
    expect(roster.count).toBe(300);
  });

  test("whoever applies every change sees who is here, whatever people do", () => {
    const random = seeded(5);
    const roster = new Roster();
    const tabs = new Map<string, number>();
    let seen: ReadonlyMap<string, Author> = new Map();
    for (let step = 0; step < 5_000; step += 1) {
      const id = String(Math.floor(random() * 8));
      const open = tabs.get(id) ?? 0;
      if (open > 0 && random() < 0.5) {
        roster.leave(id);
        tabs.set(id, open - 1);
      } else {
        roster.enter({ id, name: pick(random, ["x", "y", ""]) });
        tabs.set(id, open + 1);
      }
      if (random() < 0.3) {
        const changes = roster.changes();
        if (changes) seen = applyPresence(seen, changes);
        expect([...tabs].filter(([, count]) => count > 0)).toHaveLength(roster.count);
        const here = new Map(roster.people(100).map((person) => [person.id, person]));
        expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(here));
      }
    }
  });
});

describe("the list on a page", () => {
  test("is changed by what a frame says, and a frame with only a count changes nothing", () => {
    const before = new Map([[ada.id, ada]]);
    expect([...applyPresence(before, { joined: [bob], left: [ada] }).values()]).toEqual([bob]);
    expect([...applyPresence(before, {}).values()]).toEqual([ada]);
    expect([...before.values()]).toEqual([ada]);
  });
});
