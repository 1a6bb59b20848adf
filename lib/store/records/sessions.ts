import {
  type Account,
  type Accounts,
  type Session,
  SESSION_MS,
  type SignedIn,
} from "../../model/people/account.ts";
import { type BotToken, type Grant, isScope, roleOf } from "../../model/people/grant.ts";
import { isRole } from "../../model/people/role.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";

const SESSION_COLUMNS = [
  ...["hash", "person", "created_at", "seen_at", "agent", "place", "scopes", "rooms"],
] as const;
const SEEN_EVERY_MS = 60 * 60 * 1000;
/** Sessions deleted at a time. */
const FORGOTTEN = 1_000;
/** Sessions not used since a time. Tokens are not among them, because they do not expire. */
const OLD = `SELECT hash FROM sessions WHERE seen_at <= ?1 AND scopes = ''`;

type Sessions = Pick<
  Accounts,
  "addSession" | "bySession" | "sessions" | "tokens" | "endSession" | "forgetSessions"
>;

/** Sessions of people, and tokens of bots, which are sessions with a grant. */
export function openSessions(db: Database): Sessions {
  return {
    addSession: ({ hash, person, createdAt, seenAt, agent, network: place, grant }, password) =>
      db.transaction(async (tx) => {
        const [owner] = await tx.all(`SELECT password FROM people WHERE id = ?1${tx.forUpdate}`, [
          person,
        ]);
        if (owner?.["password"] !== password) return false;
        const allowed = [grant?.scopes.join(" ") ?? "", grant?.rooms.join(" ") ?? ""];
        const row = [hash, person, createdAt, seenAt, agent, place, ...allowed];
        return (await tx.insert("sessions", SESSION_COLUMNS, [row])) === 1;
      }),
    async bySession(hash, now) {
      const [row] = await db.all(
        `SELECT people.id AS id, name, look, role, people.created_at AS created_at, seen_at,
            scopes, rooms
          FROM sessions JOIN people ON people.id = sessions.person
          WHERE hash = ?1 AND (seen_at > ?2 OR scopes <> '')`,
        [hash, now - SESSION_MS],
      );
      if (!row) return null;
      if (now - asNumber(row["seen_at"]) > SEEN_EVERY_MS) {
        await db.transaction((tx) =>
          tx.all(`UPDATE sessions SET seen_at = ?2 WHERE hash = ?1`, [hash, now]),
        );
      }
      return toSignedIn(row);
    },
    async sessions(person) {
      const rows = await db.all(
        `SELECT ${SESSION_COLUMNS.join(", ")} FROM sessions WHERE person = ?1
          ORDER BY seen_at DESC, hash`,
        [person],
      );
      return rows.map(toSession);
    },
    async tokens(query, offset, limit) {
      const rows = await db.all(
        `SELECT hash, person, name, sessions.created_at AS created_at, seen_at, scopes, rooms
          FROM sessions JOIN people ON people.id = sessions.person
          WHERE scopes <> '' AND lower(name || ' ' || hash) LIKE ?1 ESCAPE '!'
          ORDER BY sessions.created_at DESC, hash LIMIT ?2 OFFSET ?3`,
        [containing(query), limit, offset],
      );
      return rows.flatMap((row) => toToken(row) ?? []);
    },
    async endSession(person, hash, entry) {
      await db.transaction(async (tx) => {
        const ended = await tx.all(
          `DELETE FROM sessions WHERE person = ?1 AND hash = ?2 RETURNING hash`,
          [person, hash],
        );
        if (ended.length > 0) await writeAudit(tx, entry);
      });
    },
    async forgetSessions(now) {
      const old = await db.all(`${OLD} LIMIT ${FORGOTTEN}`, [now - SESSION_MS]);
      if (old.length === 0) return 0;
      await db.transaction(async (tx) => {
        // Checked again: one may have been used since.
        const sql = `DELETE FROM sessions WHERE hash = ?1 AND seen_at <= ?2`;
        for (const { hash } of old) await tx.all(sql, [asText(hash), now - SESSION_MS]);
      });
      return old.length;
    },
  };
}

export function toAccount(row: Row): Account {
  const role = asText(row["role"]);
  return {
    id: asText(row["id"]),
    name: asText(row["name"]),
    skeletonKey: asText(row["look"]),
    role: isRole(role) ? role : "member",
    createdAt: asNumber(row["created_at"]),
  };
}

function toSignedIn(row: Row): SignedIn {
  const account = toAccount(row);
  const grant = toGrant(row);
  return grant ? { ...account, role: roleOf(grant), grant } : account;
}

/** Null: a person's session. */
function toGrant({ scopes, rooms }: Row): Grant | null {
  const words = (value: unknown) =>
    asText(value)
      .split(" ")
      .filter((word) => word !== "");
  const known = words(scopes).filter(isScope);
  return known.length === 0 ? null : { scopes: known, rooms: words(rooms) };
}

function toToken(row: Row): BotToken | null {
  const grant = toGrant(row);
  return (
    grant && {
      ...grant,
      hash: asText(row["hash"]),
      bot: { id: asText(row["person"]), name: asText(row["name"]) },
      createdAt: asNumber(row["created_at"]),
      usedAt: asNumber(row["seen_at"]),
    }
  );
}

function toSession(row: Row): Session {
  return {
    hash: asText(row["hash"]),
    person: asText(row["person"]),
    createdAt: asNumber(row["created_at"]),
    seenAt: asNumber(row["seen_at"]),
    agent: asText(row["agent"]),
    network: asText(row["place"]),
  };
}
