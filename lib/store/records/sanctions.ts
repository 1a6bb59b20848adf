import { isRole } from "../../model/people/role.ts";
import { Refusal } from "../../model/base/errors.ts";
import type { Account } from "../../model/people/account.ts";
import { SYSTEM } from "../../model/people/audit.ts";
import {
  networkSubject,
  type NewSanction,
  personSubject,
  type Sanction,
  type Sanctions,
} from "../../model/rooms/sanction.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";

const COLUMNS = [
  "what",
  "room",
  "subject",
  "name",
  "reason",
  "by_id",
  "by_name",
  "by_role",
  "at",
  "until_at",
] as const;
const SELECT = `SELECT id, ${COLUMNS.join(", ")}, lifted_at FROM sanctions`;

export function openSanctions(db: Database): Sanctions {
  return {
    async inForce([first = "", second = ""], room, now) {
      const rows = await db.all(
        `${SELECT} WHERE subject IN (?1, ?2) AND lifted_at IS NULL
          AND (room = '' OR room = ?3) AND (until_at IS NULL OR until_at > ?4)`,
        [first, second, room, now],
      );
      return rows.map(toSanction);
    },
    impose: (sanctions, entry) =>
      db.transaction(async (tx) => {
        await insertSanctions(tx, sanctions);
        await writeAudit(tx, { ...entry, subjects: sanctions.map(({ subject }) => subject) });
      }),
    lift: (ids, entry) =>
      db.transaction(async (tx) => {
        const lifted: Sanction[] = [];
        for (const id of ids) {
          const rows = await tx.all(`${SELECT} WHERE id = ?1 AND lifted_at IS NULL`, [id]);
          lifted.push(...rows.map(toSanction));
          await tx.all(`UPDATE sanctions SET lifted_at = ?2 WHERE id = ?1 AND lifted_at IS NULL`, [
            id,
            entry.at,
          ]);
        }
        const subjects = lifted.map(({ subject }) => subject);
        if (lifted.length > 0) await writeAudit(tx, { ...entry, subjects });
        return lifted;
      }),
    async list({ room, what, query, now, offset, limit }) {
      const rows = await db.all(
        `${SELECT} WHERE lifted_at IS NULL AND (until_at IS NULL OR until_at > ?1)
          AND (?2 = 'all' OR room = ?3) AND (?4 = '' OR what = ?5)
          AND lower(name || ' ' || subject || ' ' || room || ' ' || reason) LIKE ?6 ESCAPE '!'
          ORDER BY id DESC LIMIT ?7 OFFSET ?8`,
        [
          now,
          room === null ? "all" : "one",
          room ?? "",
          what ?? "",
          what ?? "",
          containing(query),
          limit,
          offset,
        ],
      );
      return rows.map(toSanction);
    },
    async timesMuted(subject, since) {
      const [row] = await db.all(
        `SELECT COUNT(*) AS times FROM sanctions
          WHERE subject = ?1 AND what = 'mute' AND by_id = 'bot:system' AND at > ?2`,
        [subject, since],
      );
      return asNumber(row?.["times"] ?? 0);
    },
  };
}

const IN_FORCE = `lifted_at IS NULL AND (until_at IS NULL OR until_at > ?2)`;

/**
 * Why an account may not be created: its network, or the guest it belongs to, is banned everywhere.
 */
export async function refuseBanned(
  tx: Queries,
  { id, createdAt }: Account,
  network: string,
): Promise<Refusal | null> {
  const [ban] = await tx.all(
    `${SELECT} WHERE subject IN (?1, ?3) AND what = 'ban' AND room = '' AND ${IN_FORCE}
      ORDER BY id DESC LIMIT 1`,
    [networkSubject(network), createdAt, personSubject(id)],
  );
  if (!ban) return null;
  const { reason } = toSanction(ban);
  return reason === "" ? new Refusal("banned") : new Refusal("bannedWhy", { why: reason });
}

/** Copies everything in force against a network to a new account. */
export async function inherit(
  tx: Queries,
  { id, name, createdAt }: Account,
  network: string,
): Promise<void> {
  const rows = await tx.all(`${SELECT} WHERE subject = ?1 AND ${IN_FORCE}`, [
    networkSubject(network),
    createdAt,
  ]);
  if (rows.length === 0) return;
  // Under their own name: lifting it for them does not lift it for the others.
  await insertSanctions(
    tx,
    rows.map((row) => {
      const sanction = toSanction(row);
      const byRole = sanction.byRole ?? "moderator";
      return { ...sanction, subject: personSubject(id), name, byRole };
    }),
  );
  await writeAudit(tx, {
    ...{ at: createdAt, by: SYSTEM, action: "inherit", room: "" },
    ...{ subject: id, subjectName: name, reason: networkSubject(network) },
  });
}

async function insertSanctions(tx: Queries, sanctions: readonly NewSanction[]): Promise<void> {
  await tx.insert(
    "sanctions",
    COLUMNS,
    sanctions.map(({ what, room, subject, name, reason, by, byRole, at, until }) => {
      return [what, room, subject, name, reason, by.id, by.name, byRole, at, until];
    }),
  );
}

function toSanction(row: Row): Sanction {
  const byRole = asText(row["by_role"]);
  return {
    id: asNumber(row["id"]),
    what: asText(row["what"]) === "ban" ? "ban" : "mute",
    room: asText(row["room"]),
    subject: asText(row["subject"]),
    name: asText(row["name"]),
    reason: asText(row["reason"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    byRole: isRole(byRole) ? byRole : null,
    at: asNumber(row["at"]),
    until: row["until_at"] === null ? null : asNumber(row["until_at"]),
    liftedAt: row["lifted_at"] === null ? null : asNumber(row["lifted_at"]),
  };
}
