import type { Account, Accounts } from "../../model/people/account.ts";
import { Refusal } from "../../model/base/errors.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { inherit, refuseBanned } from "./sanctions.ts";
import { forgetInbox } from "../inbox/inbox.ts";
import { asText, type Database, type Queries } from "../database/database.ts";
import { openSessions, toAccount } from "./sessions.ts";
import { storeSkeletonKeys, ownersOf } from "../database/skeletons.ts";

const SELECT = `SELECT id, name, look, role, created_at FROM people`;
export function openAccounts(db: Database): Accounts {
  const one = async (where: string, value: string) => {
    const [row] = await db.all(`${SELECT} WHERE ${where} = ?1`, [value]);
    return row ? toAccount(row) : null;
  };
  const unlessTaken = async (work: (tx: Queries) => Promise<Refusal | null>) => {
    try {
      return await db.transaction(work);
    } catch (fault) {
      if (fault instanceof NameTaken) return TAKEN;
      throw fault;
    }
  };
  return {
    byId: (id) => one("id", id),
    bySkeletonKey: (look) => one("look", look),
    async bearers([first = "", second = first, third = first]) {
      const rows = await db.all(
        `${SELECT} WHERE id IN (SELECT person FROM looks WHERE look IN (?1, ?2, ?3))`,
        [first, second, third],
      );
      return rows.map(toAccount);
    },
    ownersOf: (keys) => ownersOf(db, db.kind, keys),
    async passwordOf(id) {
      const [row] = await db.all(`SELECT password FROM people WHERE id = ?1`, [id]);
      return row && row["password"] !== "" ? asText(row["password"]) : null;
    },
    create: (account, password, entry, network) =>
      unlessTaken(async (tx) => {
        const ban = network === undefined ? null : await refuseBanned(tx, account, network);
        if (ban) return ban;
        await insertAccount(tx, account, password);
        if (network !== undefined) await inherit(tx, account, network);
        await writeAudit(tx, entry);
        return null;
      }),
    setPassword: (id, password, session, entry) =>
      db.transaction(async (tx) => {
        await tx.all(`UPDATE people SET password = ?2 WHERE id = ?1`, [id, password]);
        await tx.all(`DELETE FROM sessions WHERE person = ?1 AND hash <> ?2`, [id, session]);
        await writeAudit(tx, entry);
      }),
    setRole: (id, role, entry) =>
      db.transaction(async (tx) => {
        await tx.all(`UPDATE people SET role = ?2 WHERE id = ?1`, [id, role]);
        await writeAudit(tx, entry);
      }),
    remove: (id, entry) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM room_members WHERE person = ?1`, [id]);
        await tx.all(`DELETE FROM sessions WHERE person = ?1`, [id]);
        await forgetInbox(tx, id);
        await tx.all(`DELETE FROM looks WHERE person = ?1`, [id]);
        await tx.all(`DELETE FROM people WHERE id = ?1`, [id]);
        await tx.all(`UPDATE reports SET text = '' WHERE author = ?1`, [id]);
        tx.erases();
        await writeAudit(tx, entry);
      }),
    async staff(limit) {
      const rows = await db.all(
        `${SELECT} WHERE role IN ('moderator', 'admin') ORDER BY created_at, id LIMIT ?1`,
        [limit],
      );
      return rows.map(toAccount);
    },
    async list(query, offset, limit) {
      const rows = await db.all(
        `${SELECT} WHERE lower(name || ' ' || id || ' ' || role) LIKE ?1 ESCAPE '!'
          ORDER BY created_at DESC, id LIMIT ?2 OFFSET ?3`,
        [containing(query), limit, offset],
      );
      return rows.map(toAccount);
    },

    ...openSessions(db),

    offerSetup: (hash) =>
      db.transaction(async (tx) => {
        return (await tx.insert("settings", ["key", "value"], [["setup", hash]])) === 1;
      }),
    async renewSetup(hash) {
      await db.transaction((tx) =>
        tx.all(
          `INSERT INTO settings (key, value) VALUES ('setup', ?1)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
          [hash],
        ),
      );
    },
    async isSetup(hash) {
      const [row] = await db.all(`SELECT value FROM settings WHERE key = 'setup'`);
      return row?.["value"] === hash;
    },
    useSetup: (hash, admin, password, entry) =>
      unlessTaken(async (tx) => {
        const [row] = await tx.all(`SELECT value FROM settings WHERE key = 'setup'${tx.forUpdate}`);
        if (row?.["value"] !== hash) {
          return new Refusal("setupLinkVoid");
        }
        await insertAccount(tx, admin, password);
        await tx.all(`UPDATE settings SET value = 'used' WHERE key = 'setup'`);
        await writeAudit(tx, entry);
        return null;
      }),
  };
}

const TAKEN = new Refusal("nameOwned");
/** Thrown to roll the transaction back. */
class NameTaken extends Error {}

async function insertAccount(tx: Queries, account: Account, password: string): Promise<void> {
  const { id, name, skeletonKey: look, role, createdAt } = account;
  const inserted = await tx.insert(
    "people",
    ["id", "name", "look", "role", "password", "created_at"],
    [[id, name, look, role, password, createdAt]],
  );
  if (inserted === 0 || !(await storeSkeletonKeys(tx, id, name))) throw new NameTaken();
}
