import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { rm } from "node:fs/promises";
import { type Account, SESSION_MS } from "../../lib/model/people/account.ts";
import type { AuditEntry } from "../../lib/model/people/audit.ts";
import { Refusal } from "../../lib/model/base/errors.ts";
import { skeletonKey, skeletonKeys } from "../../lib/model/people/skeleton.ts";
import { openDatabase, type OpenStore } from "../../lib/store/open.ts";
import { temporaryFolder } from "../support/servers/server.ts";
import { emptyDatabase, hasPostgres } from "../support/servers/servers.ts";

const by = { id: "moderator-0000001", name: "Mod" };
function entry(action: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return { at: 1, by, action, room: "r", subject: "", subjectName: "", reason: "", ...more };
}
let ids = 0;
const newId = () => `person-${String((ids += 1)).padStart(9, "0")}`;
function account(name: string): Account {
  return { id: newId(), name, skeletonKey: skeletonKey(name), role: "member", createdAt: 1 };
}

function suite(name: string, open: () => Promise<{ store: OpenStore; end(): Promise<unknown> }>) {
  describe(name, () => {
    let store: OpenStore;
    let end: () => Promise<unknown>;
    beforeAll(async () => {
      ({ store, end } = await open());
    });
    afterAll(async () => {
      await store.close();
      await end();
    });

    test("of many who claim a look at once, one gets it", async () => {
      const names = ["Ada", "аda", "ADA", "ａda", "Ad a"];
      const results = await Promise.all(
        names.map((each) => store.records.accounts.create(account(each), "hash", entry("claim"))),
      );
      expect(results.filter((result) => result === null)).toHaveLength(1);
      expect(results.filter((result) => result instanceof Refusal)).toHaveLength(4);
      expect((await store.records.accounts.bySkeletonKey(skeletonKey("ADA")))?.skeletonKey).toBe(
        skeletonKey("ada"),
      );
      expect(await store.records.accounts.bearers(skeletonKeys("аdа"))).toHaveLength(1);
      expect(
        await store.records.audit.list({ room: null, query: "claim", offset: 0, limit: 9 }),
      ).toHaveLength(1);
    });

    test("a deletion's entry is written once, with the deletion that happens", async () => {
      const said = {
        type: "message",
        room: "erased",
        id: "1",
        author: by,
        text: "x",
        at: 1,
      } as const;
      const [stored] = await store.append([said]);
      const target = stored instanceof Refusal || !stored ? 0 : stored.event.seq;
      const of = { type: "deleted", room: "erased", author: by, at: 2, anyone: true } as const;
      const draft = { ...of, target, entry: entry("delete", { room: "erased" }) };
      expect((await store.append([draft]))[0]).not.toBeInstanceOf(Refusal);
      expect((await store.append([draft]))[0]).toBeInstanceOf(Refusal);
      const page = { room: "erased", query: "", offset: 0, limit: 9 };
      expect(await store.records.audit.list(page)).toHaveLength(1);
    });

    test("those with a role everywhere are listed, and nobody else", async () => {
      const { accounts } = store.records;
      const [keeper, reader] = [account("Keeper of all"), account("Reader of all")];
      for (const each of [keeper, reader]) await accounts.create(each, "hash", entry("claim"));
      await accounts.setRole(keeper.id, "moderator", entry("role"));
      expect(await accounts.staff(9)).toMatchObject([{ id: keeper.id, role: "moderator" }]);
      expect(await accounts.staff(0)).toEqual([]);
      await accounts.setRole(keeper.id, "member", entry("role"));
    });

    test("a name that looks like another's only as it is written is theirs too", async () => {
      const { accounts } = store.records;
      const owner = account("Ivan");
      const names = [owner, account("lvan"), account("IVAN")];
      const results = await Promise.all(
        names.map((each) => accounts.create(each, "hash", entry("claim"))),
      );
      expect(results.filter((result) => result === null)).toHaveLength(1);
      // Nothing of those who were refused is left in the way.
      const [winner] = await accounts.bearers(skeletonKeys("Ivan"));
      await accounts.remove(winner?.id ?? "", entry("remove"));
      expect(await accounts.create(account("lvan"), "hash", entry("claim"))).toBeNull();
    });

    test("a session is its account's until it, or the account, ends", async () => {
      const { accounts } = store.records;
      const owner = account("Session Owner");
      await accounts.create(owner, "hash", entry("claim"));
      const session = { person: owner.id, createdAt: 1, seenAt: 1, agent: "x", network: "y" };
      await accounts.addSession({ ...session, hash: "one" }, "hash");
      await accounts.addSession({ ...session, hash: "two" }, "hash");
      const day = 86_400_000;
      expect(await accounts.bySession("one", day)).toEqual(owner);
      expect((await accounts.sessions(owner.id)).map(({ seenAt }) => seenAt)).toEqual([day, 1]);
      await accounts.endSession("someone else", "one", entry("sign-out"));
      expect(await accounts.bySession("one", day)).not.toBeNull();
      await accounts.endSession(owner.id, "one", entry("sign-out"));
      expect(await accounts.bySession("one", day)).toBeNull();
      await accounts.remove(owner.id, entry("remove"));
      expect(await accounts.bySession("two", day)).toBeNull();
      expect(await accounts.byId(owner.id)).toBeNull();
    });

    test("a new password ends the other sessions, and lets nobody in who gave the old one", async () => {
      const { accounts } = store.records;
      const owner = account("Password Owner");
      await accounts.create(owner, "old", entry("claim"));
      const session = { person: owner.id, createdAt: 1, seenAt: 1, agent: "x", network: "y" };
      for (const hash of ["mine", "theirs"]) await accounts.addSession({ ...session, hash }, "old");
      // Someone who has given the old password is on their way in at the same time.
      await Promise.all([
        accounts.setPassword(owner.id, "new", "mine", entry("password")),
        accounts.addSession({ ...session, hash: "late" }, "old"),
      ]);
      expect(await accounts.addSession({ ...session, hash: "later" }, "old")).toBe(false);
      expect((await accounts.sessions(owner.id)).map(({ hash }) => hash)).toEqual(["mine"]);
    });

    test("a session that is not used for 90 days is none; each use is a new start", async () => {
      const { accounts } = store.records;
      const owner = account("Rare Visitor");
      await accounts.create(owner, "hash", entry("claim"));
      const session = { person: owner.id, createdAt: 0, seenAt: 0, agent: "x", network: "y" };
      for (const hash of ["used", "left"]) await accounts.addSession({ ...session, hash }, "hash");
      expect(await accounts.bySession("used", SESSION_MS - 1)).toEqual(owner);
      expect(await accounts.bySession("used", SESSION_MS * 1.9)).toEqual(owner);
      expect(await accounts.bySession("left", SESSION_MS)).toBeNull();
      expect(await accounts.forgetSessions(SESSION_MS - 1)).toBe(0);
      expect(await accounts.forgetSessions(SESSION_MS * 2)).toBeGreaterThanOrEqual(1);
      expect((await accounts.sessions(owner.id)).map(({ hash }) => hash)).toEqual(["used"]);
    });

    test("a token is its bot's until it is ended, however long it is not used", async () => {
      const { accounts } = store.records;
      const bot = { ...account("Token Bot"), id: "bot:token-bot" };
      await accounts.create(bot, "", entry("bot"));
      expect(await accounts.passwordOf(bot.id)).toBeNull();
      const grant = { scopes: ["read", "moderate"], rooms: ["here"] } as const;
      const session = { person: bot.id, createdAt: 1, seenAt: 0, agent: "", network: "" };
      expect(await accounts.addSession({ ...session, hash: "abc1", grant }, "")).toBe(true);
      const signedIn = { ...bot, role: "moderator", grant } as const;
      expect(await accounts.bySession("abc1", SESSION_MS * 9)).toEqual(signedIn);
      await accounts.forgetSessions(SESSION_MS * 99);
      expect(await accounts.tokens("token b", 0, 9)).toEqual([
        {
          ...grant,
          hash: "abc1",
          createdAt: 1,
          usedAt: SESSION_MS * 9,
          bot: { id: bot.id, name: bot.name },
        },
      ]);
      await accounts.endSession(bot.id, "abc1", entry("bot.token.end"));
      expect(await accounts.tokens("abc1", 0, 9)).toEqual([]);
    });

    test("a ban is in force here or everywhere, until its time, or until it is lifted", async () => {
      const { sanctions } = store.records;
      const given = { reason: "", by, byRole: "moderator", at: 1, until: null } as const;
      const base = { ...given, what: "ban", name: "x" } as const;
      await sanctions.impose(
        [
          { ...base, room: "here", subject: "person:a" },
          { ...base, room: "", subject: "place:p" },
          { ...base, room: "here", subject: "person:b", until: 100 },
        ],
        entry("ban"),
      );
      const found = async (subjects: string[], room: string, now: number) =>
        (await sanctions.inForce(subjects, room, now)).map(({ subject }) => subject).sort();
      expect(await found(["person:a", "place:p"], "here", 5)).toEqual(["person:a", "place:p"]);
      expect(await found(["person:a", "place:p"], "there", 5)).toEqual(["place:p"]);
      expect(await found(["person:b"], "here", 99)).toEqual(["person:b"]);
      expect(await found(["person:b"], "here", 100)).toEqual([]);
      const [ban] = await sanctions.inForce(["person:a"], "here", 5);
      expect(await sanctions.lift([ban?.id ?? 0], entry("unban", { at: 6 }))).toHaveLength(1);
      expect(await sanctions.lift([ban?.id ?? 0], entry("unban", { at: 7 }))).toEqual([]);
      expect(await found(["person:a"], "here", 8)).toEqual([]);
      const log = await store.records.audit.list({
        room: "r",
        query: "unban",
        offset: 0,
        limit: 9,
      });
      expect(log.map(({ at }) => at)).toEqual([6]);
    });

    test("an invitation lets in as many as it says, however many come at once", async () => {
      const { rooms: keeping } = store.records;
      const invitation = {
        hash: "link",
        room: "club",
        by,
        at: 1,
        expiresAt: 100,
        uses: 0,
        most: 3,
      };
      await keeping.invite({ ...invitation, revokedAt: null }, entry("invite"));
      const guests = Array.from(
        { length: 8 },
        () => ({ id: newId(), name: "", role: "guest" }) as const,
      );
      const results = await Promise.all(guests.map((each) => keeping.redeem("link", each, 50)));
      expect(results.filter(Boolean)).toHaveLength(3);
      expect(await keeping.members("club")).toHaveLength(3);
      const inside = guests.find((_, at) => results[at]);
      if (inside) expect(await keeping.redeem("link", inside, 50)).toBe(true);
      expect((await keeping.invitation("link"))?.uses).toBe(3);
      expect(
        await keeping.redeem("link", { ...guests[0], id: newId(), name: "", role: "guest" }, 100),
      ).toBe(false);
      await keeping.revoke("link", entry("revoke"));
      if (inside) expect(await keeping.redeem("link", inside, 50)).toBe(false);
    });

    test("changes of a room's rules at the same time all hold", async () => {
      const { rooms: keeping } = store.records;
      const pin = (seq: number) =>
        keeping.changeRoom(
          "busy",
          ({ rules }) => ({ rules: { pins: [seq, ...rules.pins] } }),
          entry("p"),
        );
      await Promise.all([
        keeping.changeRoom("busy", () => ({ rules: { topic: "t" } }), entry("a")),
        pin(1),
        keeping.changeRoom("busy", () => ({ rules: { slow: 5 } }), entry("b")),
        pin(2),
        keeping.changeRoom(
          "busy",
          () => ({ rules: { kind: "password" }, password: "hash" }),
          entry("c"),
        ),
        pin(3),
        keeping.changeRoom("busy", () => ({ rules: { keepDays: 3 } }), entry("d")),
      ]);
      expect((await keeping.rules("busy"))?.pins.toSorted()).toEqual([1, 2, 3]);
      expect(await keeping.rules("busy")).toMatchObject({
        topic: "t",
        slow: 5,
        kind: "password",
        keepDays: 3,
      });
      expect(await keeping.passwordOf("busy")).toBe("hash");
      expect((await keeping.withRetention()).map(({ room }) => room)).toEqual(["busy"]);
      expect(await keeping.rules("never seen")).toBeNull();
    });

    test("of many who close a new room at once, one owns it; who is refused changes nothing", async () => {
      const { rooms: keeping, audit } = store.records;
      const close = (id: string) =>
        keeping.changeRoom(
          "claimed",
          ({ isNew }) =>
            isNew
              ? { rules: { kind: "members" }, members: [{ id, name: id, role: "owner" }] }
              : new Refusal("moderatorsOnly"),
          { ...entry("room.members"), room: "claimed" },
        );
      const results = await Promise.all(["a", "b", "c", "d"].map(close));
      expect(results.filter((result) => result === null)).toHaveLength(1);
      expect(await keeping.members("claimed")).toHaveLength(1);
      expect(await audit.list({ room: "claimed", query: "", offset: 0, limit: 9 })).toHaveLength(1);
      await store.append([
        { type: "message", room: "spoken", id: "1", author: by, text: "mine", at: 1 },
      ]);
      const late = await keeping.changeRoom(
        "spoken",
        ({ isNew }) => (isNew ? { rules: { kind: "members" } } : new Refusal("moderatorsOnly")),
        entry("room.members"),
      );
      expect(late?.key).toBe("moderatorsOnly");
      expect(await keeping.rules("spoken")).toBeNull();
    });

    test("the set-up link is offered once, and used once", async () => {
      const { accounts } = store.records;
      const offers = await Promise.all(["a", "b", "c"].map((hash) => accounts.offerSetup(hash)));
      expect(offers.filter(Boolean)).toHaveLength(1);
      const hash = ["a", "b", "c"][offers.indexOf(true)] ?? "";
      const use = (of: string, called: string) =>
        accounts.useSetup(of, { ...account(called), role: "admin" }, "hash", entry("setup"));
      expect(await use("wrong", "No")).toBeInstanceOf(Refusal);
      const both = await Promise.all([use(hash, "First"), use(hash, "Second")]);
      expect(both.filter((result) => result === null)).toHaveLength(1);
      expect(await accounts.isSetup(hash)).toBe(false);
    });

    test("finds what is of an author, and what a room no longer keeps", async () => {
      const author = { id: newId(), name: "" };
      const drafts = [1, 2, 3].map((at) => {
        return { type: "message", room: "old", author, id: `${at}`, text: `${at}`, at } as const;
      });
      await store.append(drafts);
      const { rooms: keeping } = store.records;
      const seqs = (places: readonly { seq: number }[]) => places.map(({ seq }) => seq).sort();
      expect(seqs(await keeping.messagesOf(author.id, "old", 9))).toEqual([1, 2, 3]);
      expect(await keeping.messagesOf(author.id, "new", 9)).toEqual([]);
      const overdue = async (after: number, at: number, count: number) =>
        seqs(await keeping.overdue("old", { after, at, count }, 9));
      expect(await overdue(0, 3, 0)).toEqual([1, 2]);
      expect(await overdue(1, 3, 0)).toEqual([2]);
      expect(await overdue(0, 0, 1)).toEqual([1, 2]);
      expect(await overdue(0, 0, 0)).toEqual([]);
    });
  });
}

suite("records on SQLite", async () => {
  const folder = await temporaryFolder();
  const store = await openDatabase(null, folder);
  return { store, end: () => rm(folder, { recursive: true }) };
});

if (await hasPostgres()) {
  suite("records on PostgreSQL", async () => {
    const database = await emptyDatabase();
    const store = await openDatabase(database.url, "");
    return { store, end: async () => database[Symbol.asyncDispose]() };
  });
}

test("looks that another version made are made again when the database is opened", async () => {
  const folder = await temporaryFolder();
  const path = `sqlite:${folder}/chat.db`;
  const first = await openDatabase(path, folder);
  const [ivan, ada] = [account("Ivan"), account("Ada")];
  await first.records.accounts.create(ivan, "hash", entry("claim"));
  await first.records.accounts.create(ada, "hash", entry("claim"));
  await first.close();
  const raw = new Database(`${folder}/chat.db`);
  raw.run(`UPDATE settings SET value = 'older' WHERE key = 'looks'`);
  raw.run(`UPDATE people SET look = 'as it was' WHERE id = ?1`, [ivan.id]);
  raw.run(`UPDATE people SET look = 'ivan' WHERE id = ?1`, [ada.id]);
  raw.run(`DELETE FROM looks`);
  raw.close();
  const { records, close } = await openDatabase(path, folder);
  expect((await records.accounts.bySkeletonKey("ivan"))?.id).toBe(ivan.id);
  expect((await records.accounts.bySkeletonKey("ada"))?.id).toBe(ada.id);
  expect(await records.accounts.bearers(skeletonKeys("lvan"))).toHaveLength(1);
  await close();
  await rm(folder, { recursive: true });
});
