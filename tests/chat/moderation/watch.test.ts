import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { type RightsListener, RightsWatch } from "../../../lib/chat/moderation/watch.ts";
import type { Control } from "../../../lib/model/wire/control.ts";
import { type OpenStore, openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
const by = { id: "moderator-0000001", name: "Mod" };

let folder: string;
let store: OpenStore;
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openDatabase(null, folder);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function entry(action: string, room: string, subject = "") {
  return { at: 1, by, action, room, subject, subjectName: "", reason: "" };
}

const write = (...about: Parameters<typeof entry>) => store.records.audit.add(entry(...about));

/** What a node hears that follows the log from now on. */
async function follow() {
  const heard: (readonly [room: string, control: Control])[] = [];
  const rights: RightsListener = {
    async receive(room, control, isLate) {
      if (isLate) heard.push([room, control]);
    },
  };
  const watch = new RightsWatch(store.records.audit, rights, observer);
  await watch.poll();
  return { heard, watch };
}

test("a sanction that nobody was told of is found in the log, with those it concerns", async () => {
  const { heard, watch } = await follow();
  const about = { room: "", name: "x", reason: "", by, byRole: "admin", at: 1 } as const;
  const what = { ...about, what: "mute", until: null } as const;
  await store.records.sanctions.impose(
    [
      { ...what, subject: "person:pest" },
      { ...what, subject: "place:192.0.2.1" },
    ],
    entry("flood.mute", ""),
  );
  await watch.poll();
  const subjects = ["person:pest", "place:192.0.2.1"];
  expect(heard).toEqual([["*", { action: "recheck", subjects }]]);
});

test("each change is repeated once, about its room and no other", async () => {
  await write("room.lock", "before");
  const { heard, watch } = await follow();
  await write("room.lock", "a");
  await write("invite", "b");
  await write("report", "b");
  await write("room.topic", "a");
  await write("room.slow", "c");
  await write("room.members", "d");
  await watch.poll();
  const rules = { action: "rules" } as const;
  expect(heard.splice(0)).toEqual([
    ["a", rules],
    ["c", rules],
    ["d", { action: "everything" }],
  ]);
  await watch.poll();
  await watch.poll();
  expect(heard).toEqual([]);
});

test("an entry of an older version, which does not say whom it concerns, concerns its room", async () => {
  const { heard, watch } = await follow();
  await write("ban", "a", "someone");
  await watch.poll();
  expect(heard).toEqual([["a", { action: "everything" }]]);
});

test("kicks, ended sessions, roles, claimed names and settings are repeated too", async () => {
  const { heard, watch } = await follow();
  await write("kick", "a", "someone");
  await write("account.sign-out", "");
  await write("role", "", "promoted");
  await write("room.role", "a", "keeper");
  await write("account.claim", "");
  await write("settings", "");
  await watch.poll();
  expect(heard).toEqual([
    ["a", { action: "kick", person: "someone", reason: "", at: 1 }],
    ["*", { action: "recheck", subjects: [`person:${by.id}`] }],
    ["*", { action: "recheck", subjects: ["person:promoted"] }],
    ["*", { action: "recheck", subjects: ["person:keeper"] }],
    ["*", { action: "name", name: "Mod", owner: by.id }],
    ["*", { action: "settings" }],
  ]);
});
