import { Refusal } from "../../model/base/errors.ts";
import type { RoomChange, RoomRecords } from "../../model/rooms/room-records.ts";
import { OPEN_ROOM, type RoomRules } from "../../model/rooms/rules.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { asNumber, asText, type Database, type Queries } from "../database/database.ts";
import { putMember } from "./members.ts";

type Rules = Pick<
  RoomRecords,
  "rules" | "changeRoom" | "listed" | "passwordOf" | "withRetention" | "rooms"
>;

const NEW_ROW = ["room", "kind", "keeps_less", "rules"] as const;

/** Rooms and their rules. */
export function openRules(db: Database): Rules {
  return {
    async rules(room) {
      const [row] = await db.all(`SELECT rules FROM room_rules WHERE room = ?1`, [room]);
      return row ? unpack(row["rules"]) : null;
    },
    changeRoom: (room, decide, entry) =>
      db.transaction(async (tx) => {
        // The row is the lock: other changes of the room wait here until this one is committed.
        const isFirst = (await tx.insert("room_rules", NEW_ROW, [newRow(room)])) > 0;
        const [row] = await tx.all(`SELECT rules FROM room_rules WHERE room = ?1${tx.forUpdate}`, [
          room,
        ]);
        const rules = unpack(row?.["rules"]);
        const decision = decide({ rules, isNew: isFirst && (await isEmpty(tx, room)) });
        if (decision === null || decision instanceof Refusal) {
          if (isFirst) await tx.all(`DELETE FROM room_rules WHERE room = ?1`, [room]);
          return decision;
        }
        await apply(tx, room, rules, decision);
        await writeAudit(tx, entry);
        return null;
      }),
    async listed(limit) {
      const rows = await db.all(
        `SELECT room, rules FROM room_rules WHERE listed = 1 ORDER BY room LIMIT ?1`,
        [limit],
      );
      return rows.map((row) => ({ room: asText(row["room"]), rules: unpack(row["rules"]) }));
    },
    async passwordOf(room) {
      const [row] = await db.all(`SELECT password FROM room_rules WHERE room = ?1`, [room]);
      return row?.["password"] == null ? null : asText(row["password"]);
    },
    async withRetention() {
      const rows = await db.all(
        `SELECT room, rules FROM room_rules WHERE keeps_less = 1 ORDER BY room`,
      );
      return rows.map((row) => ({ room: asText(row["room"]), rules: unpack(row["rules"]) }));
    },
    async rooms(query, offset, limit) {
      const rows = await db.all(
        `SELECT name, seq, created_at FROM rooms WHERE name LIKE ?1 ESCAPE '!'
          ORDER BY id DESC LIMIT ?2 OFFSET ?3`,
        [containing(query), limit, offset],
      );
      return rows.map((row) => ({
        name: asText(row["name"]),
        seq: asNumber(row["seq"]),
        createdAt: asNumber(row["created_at"]),
      }));
    },
  };
}

function newRow(room: string) {
  return [room, "open", 0, JSON.stringify(OPEN_ROOM)];
}

/** Whether nobody has posted in the room. */
async function isEmpty(tx: Queries, room: string): Promise<boolean> {
  const [row] = await tx.all(`SELECT seq FROM rooms WHERE name = ?1`, [room]);
  return row === undefined || asNumber(row["seq"]) === 0;
}

async function apply(
  tx: Queries,
  room: string,
  before: RoomRules,
  { rules: changed, password, members = [], removesGuests = false }: RoomChange,
): Promise<void> {
  const rules = { ...before, ...changed };
  const { kind, keepDays, keepCount, listed } = rules;
  const keepsLess = keepDays > 0 || keepCount > 0 ? 1 : 0;
  await tx.all(
    `UPDATE room_rules SET kind = ?2, keeps_less = ?3, listed = ?4, rules = ?5 WHERE room = ?1`,
    [room, kind, keepsLess, listed ? 1 : 0, JSON.stringify(rules)],
  );
  if (password !== undefined) {
    await tx.all(`UPDATE room_rules SET password = ?2 WHERE room = ?1`, [room, password]);
  }
  if (removesGuests) {
    await tx.all(`DELETE FROM room_members WHERE room = ?1 AND role = 'guest'`, [room]);
  }
  for (const member of members) await putMember(tx, room, member);
}

/** Our own JSON; fields that an older version did not know have their default. */
function unpack(value: unknown): RoomRules {
  return { ...OPEN_ROOM, ...(JSON.parse(asText(value)) as RoomRules) };
}
