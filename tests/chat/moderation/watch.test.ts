import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { type Rights, RightsWatch } from "../../../lib/chat/moderation/watch.ts";
import { type Opened, openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const observer = { log: () => undefined, count: () => undefined, time: () => undefined };
const by = { id: "moderator-0000001", name: "Mod" };

let folder: string;
let store: Opened;
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openDatabase(null, folder);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** Notes what is to be looked at. */
function rightsOf(looked: string[]): Rights {
  return {
    recheckIn: (room) => void looked.push(room),
    recheckPerson: (person) => void looked.push(`person ${person}`),
    recheckName: (name, owner) => void looked.push(`name ${name} of ${owner}`),
    recheckSettings: () => void looked.push("settings"),
  };
}

async function write(action: string, room: string, subject = ""): Promise<void> {
  const nothing = { subject, subjectName: "", reason: "" };
  await store.records.audit.add({ at: 1, by, action, room, ...nothing });
}

test("a change that nobody was told of is found in the log: its room is looked at, and no other", async () => {
  const looked: string[] = [];
  const watch = new RightsWatch(store.records.audit, rightsOf(looked), observer);
  await write("ban", "before");
  await watch.poll();
  expect(looked).toEqual([]);
  await write("ban", "a");
  await write("room.lock", "b");
  await write("invite", "c");
  await write("mute", "a");
  await watch.poll();
  expect(looked.sort()).toEqual(["a", "b"]);
  await write("flood.mute", "");
  looked.length = 0;
  await watch.poll();
  expect(looked).toEqual([""]);
  await watch.poll();
  looked.length = 0;
  await watch.poll();
  expect(looked).toEqual([]);
});

test("so are a session that has ended, a name that has an owner now, and settings", async () => {
  const looked: string[] = [];
  const watch = new RightsWatch(store.records.audit, rightsOf(looked), observer);
  await watch.poll();
  for (const action of ["account.sign-out", "account.password", "account.remove"]) {
    await write(action, "");
  }
  await write("role", "", "someone");
  await write("account.claim", "");
  await write("settings", "");
  await watch.poll();
  expect(looked.sort()).toEqual([
    "name Mod of moderator-0000001",
    "person moderator-0000001",
    "person someone",
    "settings",
  ]);
});
