import { afterAll, beforeAll, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { AccessLookup } from "../../../lib/chat/moderation/access.ts";
import { authorize } from "../../../lib/model/rooms/authorize.ts";
import { personSubject, networkSubject } from "../../../lib/model/rooms/sanction.ts";
import { type OpenStore, openDatabase } from "../../../lib/store/open.ts";
import { temporaryFolder } from "../../support/servers/server.ts";

const place = "192.0.2.7";
const by = { id: "moderator-0000001", name: "Mod" };

let folder: string;
let store: OpenStore;
let accessLookup: AccessLookup;
beforeAll(async () => {
  folder = await temporaryFolder();
  store = await openDatabase(null, folder);
  accessLookup = new AccessLookup(
    store.records,
    () => 1,
    () => undefined,
  );
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function muted(subject: string): Promise<void> {
  const what = {
    what: "mute",
    room: "",
    subject,
    name: "x",
    reason: "",
    by,
    byRole: "moderator",
    at: 0,
  } as const;
  const entry = { at: 0, by, action: "mute", room: "", subject: "", subjectName: "", reason: "" };
  await store.records.sanctions.impose([{ ...what, until: null }], entry);
}

async function mayPost(id: string): Promise<boolean> {
  const person = { id, name: "", role: "guest" } as const;
  return (
    authorize(
      await accessLookup.of({ person, session: null, network: place, key: null }, "room"),
      "post",
      1,
    ) === null
  );
}

test("what is said of an address binds its guests, not one whom the room gave a role", async () => {
  const { rooms: keeping } = store.records;
  for (const role of ["moderator", "member", "guest"] as const) {
    await keeping.setMember("room", { id: role, name: "", role }, null);
  }
  await muted(networkSubject(place));
  expect(await mayPost("moderator")).toBe(true);
  expect(await mayPost("member")).toBe(true);
  expect(await mayPost("guest")).toBe(false);
  expect(await mayPost("anyone")).toBe(false);
  await muted(personSubject("member"));
  expect(await mayPost("member")).toBe(false);
});

test("a role is that of the account as it is now, by a session that has not ended", async () => {
  const { accounts } = store.records;
  const entry = { at: 1, by, action: "x", room: "", subject: "", subjectName: "", reason: "" };
  const id = "demoted-account1";
  await accounts.create(
    { id, name: "Deb", skeletonKey: "deb", role: "admin", createdAt: 1 },
    "hash",
    entry,
  );
  const session = { hash: "session", person: id, createdAt: 1, seenAt: 1, agent: "", network: "" };
  await accounts.addSession(session, "hash");
  const read = () =>
    accessLookup.of({ person: { id }, session: "session", network: place, key: null }, "roles");
  expect(await read()).toMatchObject({ role: "admin", account: { name: "Deb", role: "admin" } });
  await accounts.setRole(id, "member", entry);
  expect(await read()).toMatchObject({ role: "member", account: { name: "Deb", role: "member" } });
  await accounts.endSession(id, "session", entry);
  const signedOut = await read();
  expect(signedOut).toMatchObject({ role: "guest", account: null, isSignedOut: true });
  expect(authorize(signedOut, "enter", 1)?.key).toBe("signedOut");
});
