import type { RoomRecords, Report } from "../../model/rooms/room-records.ts";
import { eraseReportsOfDeleted } from "../log/reported.ts";
import { containing, writeAudit } from "./audit.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";

type Reports = Pick<RoomRecords, "report" | "reports" | "reportById" | "settleReports">;
const COLUMNS = [
  "room",
  "seq",
  "author",
  "author_name",
  "text",
  "by_id",
  "by_name",
  "reason",
  "at",
  "state",
] as const;
const SELECT = `SELECT id, ${COLUMNS.join(", ")} FROM reports`;

export function openReports(db: Database): Reports {
  return {
    report: ({ room, seq, author, text, by, reason, at }, entry) =>
      db.transaction(async (tx) => {
        const row = [room, seq, author.id, author.name, text, by.id, by.name, reason, at, "open"];
        // A second report by the same person says nothing new.
        if ((await tx.insert("reports", COLUMNS, [row])) > 0) await writeAudit(tx, entry);
        const [count] = await tx.all(
          `SELECT COUNT(*) AS count FROM reports WHERE room = ?1 AND seq = ?2 AND state = 'open'`,
          [room, seq],
        );
        return asNumber(count?.["count"] ?? 0);
      }),
    async reports(state, query, offset, limit) {
      const rows = await db.all(
        `${SELECT} WHERE (?1 = '' OR state = ?2) AND
          lower(room || ' ' || author_name || ' ' || text || ' ' || by_name || ' ' || reason)
            LIKE ?3 ESCAPE '!'
          ORDER BY id DESC LIMIT ?4 OFFSET ?5`,
        [state ?? "", state ?? "", containing(query), limit, offset],
      );
      return rows.map(toReport);
    },
    async reportById(id) {
      const [row] = await db.all(`${SELECT} WHERE id = ?1`, [id]);
      return row ? toReport(row) : null;
    },
    settleReports: (room, seq, state, entry) =>
      db.transaction(async (tx) => {
        await tx.all(
          `UPDATE reports SET state = ?3 WHERE room = ?1 AND seq = ?2 AND state = 'open'`,
          [room, seq, state],
        );
        await eraseReportsOfDeleted(tx, room, seq);
        await writeAudit(tx, entry);
      }),
  };
}

function toReport(row: Row): Report {
  const state = asText(row["state"]);
  return {
    id: asNumber(row["id"]),
    room: asText(row["room"]),
    seq: asNumber(row["seq"]),
    author: { id: asText(row["author"]), name: asText(row["author_name"]) },
    text: asText(row["text"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    reason: asText(row["reason"]),
    at: asNumber(row["at"]),
    state: state === "upheld" || state === "dismissed" ? state : "open",
  };
}
