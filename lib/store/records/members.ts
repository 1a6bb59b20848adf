import type { Invitation, RoomRecords, Membership } from "../../model/rooms/room-records.ts";
import { isRole } from "../../model/people/role.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { change as changeInboxes } from "../inbox/inbox.ts";
import { putItem } from "../inbox/items.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";

type Members = Pick<
  RoomRecords,
  | "membership"
  | "members"
  | "setMember"
  | "removeMember"
  | "invite"
  | "invitation"
  | "redeem"
  | "revoke"
  | "invitations"
>;
const INVITATION_COLUMNS = [
  "hash",
  "room",
  "by_id",
  "by_name",
  "at",
  "expires_at",
  "uses",
  "most",
  "revoked_at",
] as const;
const SELECT = `SELECT ${INVITATION_COLUMNS.join(", ")} FROM invitations`;

/** Members of rooms, and invitations. */
export function openMembers(db: Database): Members {
  return {
    async membership(room, person) {
      const [row] = await db.all(
        `SELECT person, name, role FROM room_members WHERE room = ?1 AND person = ?2`,
        [room, person],
      );
      return row ? toMembership(row) : null;
    },
    async members(room) {
      const rows = await db.all(
        `SELECT person, name, role FROM room_members WHERE room = ?1 ORDER BY name, person`,
        [room],
      );
      return rows.map(toMembership);
    },
    setMember: (room, member, entry) =>
      db.transaction(async (tx) => {
        await putMember(tx, room, member);
        if (!entry) return new Set();
        await writeAudit(tx, entry);
        const { by: author, at } = entry;
        const about = { id: `invitation:${room}`, room, seq: 0, author, at };
        return putItem(tx, [member.id], { kind: "invitation", ...about });
      }),
    removeMember: (room, person, entry) =>
      db.transaction(async (tx) => {
        await tx.all(`DELETE FROM room_members WHERE room = ?1 AND person = ?2`, [room, person]);
        await writeAudit(tx, entry);
      }),
    invite: ({ hash, room, by, at, expiresAt, uses, most }, entry) =>
      db.transaction(async (tx) => {
        const row = [hash, room, by.id, by.name, at, expiresAt, uses, most, null];
        await tx.insert("invitations", INVITATION_COLUMNS, [row]);
        await writeAudit(tx, entry);
      }),
    async invitation(hash) {
      const [row] = await db.all(`${SELECT} WHERE hash = ?1`, [hash]);
      return row ? toInvitation(row) : null;
    },
    redeem: (hash, member, now) =>
      db.transaction(async (tx) => {
        const [row] = await tx.all(`${SELECT} WHERE hash = ?1${tx.forUpdate}`, [hash]);
        if (!row) return false;
        const { room, uses, most, expiresAt, revokedAt } = toInvitation(row);
        const [inside] = await tx.all(
          `SELECT role FROM room_members WHERE room = ?1 AND person = ?2`,
          [room, member.id],
        );
        if (revokedAt !== null || expiresAt <= now) return false;
        // Opening a link again costs nothing, and removes no role.
        if (inside) return true;
        if (uses >= most) return false;
        await tx.all(`UPDATE invitations SET uses = uses + 1 WHERE hash = ?1`, [hash]);
        await putMember(tx, room, member);
        return true;
      }),
    revoke: (hash, entry) =>
      db.transaction(async (tx) => {
        await tx.all(
          `UPDATE invitations SET revoked_at = ?2 WHERE hash = ?1 AND revoked_at IS NULL`,
          [hash, entry.at],
        );
        await writeAudit(tx, entry);
      }),
    async invitations(query, offset, limit) {
      const rows = await db.all(
        `${SELECT} WHERE lower(room || ' ' || by_name) LIKE ?1 ESCAPE '!'
          ORDER BY at DESC, hash LIMIT ?2 OFFSET ?3`,
        [containing(query), limit, offset],
      );
      return rows.map(toInvitation);
    },
  };
}

/** Adds a member, who then follows the room, or changes a member's name and role. */
export async function putMember(
  tx: Queries,
  room: string,
  { id, name, role }: Membership,
): Promise<void> {
  await tx.all(
    `INSERT INTO room_members (room, person, name, role) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (room, person) DO UPDATE SET name = excluded.name, role = excluded.role`,
    [room, id, name, role],
  );
  const [row] = await tx.all(`SELECT seq FROM rooms WHERE name = ?1`, [room]);
  const read = row ? asNumber(row["seq"]) : 0;
  await changeInboxes(tx, [{ kind: "follow", person: id, room, name, read, at: 0 }]);
}

function toMembership(row: Row): Membership {
  const role = asText(row["role"]);
  return {
    id: asText(row["person"]),
    name: asText(row["name"]),
    role: isRole(role) ? role : "guest",
  };
}

function toInvitation(row: Row): Invitation {
  return {
    hash: asText(row["hash"]),
    room: asText(row["room"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    at: asNumber(row["at"]),
    expiresAt: asNumber(row["expires_at"]),
    uses: asNumber(row["uses"]),
    most: asNumber(row["most"]),
    revokedAt: row["revoked_at"] === null ? null : asNumber(row["revoked_at"]),
  };
}
