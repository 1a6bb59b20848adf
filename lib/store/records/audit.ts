import type { AuditEntry, AuditLog } from "../../model/people/audit.ts";
import { AUDIT_COLUMNS, writeAudit } from "../database/audit.ts";
import { asNumber, asText, type Database, type Row } from "../database/database.ts";

/** The pattern for texts that contain `query`, for `LIKE … ESCAPE '!'` on lower-cased text. */
export function containing(query: string): string {
  return `%${query.toLowerCase().replace(/[!%_]/g, "!$&")}%`;
}

export function openAudit(db: Database): AuditLog {
  return {
    add: (entry) => db.transaction((tx) => writeAudit(tx, entry)),
    async last() {
      const [row] = await db.all(`SELECT MAX(id) AS last FROM audit`);
      return asNumber(row?.["last"] ?? 0);
    },
    async after(id, limit) {
      const rows = await db.all(
        `SELECT id, ${AUDIT_COLUMNS.join(", ")} FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2`,
        [id, limit],
      );
      return rows.map((row) => ({ id: asNumber(row["id"]), ...toEntry(row) }));
    },
    async list({ room, query, offset, limit }) {
      const rows = await db.all(
        `SELECT id, ${AUDIT_COLUMNS.join(", ")} FROM audit
          WHERE (?1 = '' OR room = ?2) AND
            lower(by_name || ' ' || action || ' ' || room || ' ' || subject || ' ' ||
              subject_name || ' ' || reason) LIKE ?3 ESCAPE '!'
          ORDER BY id DESC LIMIT ?4 OFFSET ?5`,
        [room ?? "", room ?? "", containing(query), limit, offset],
      );
      return rows.map((row) => ({ id: asNumber(row["id"]), ...toEntry(row) }));
    },
  };
}

function toEntry(row: Row): AuditEntry {
  return {
    at: asNumber(row["at"]),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    action: asText(row["action"]),
    room: asText(row["room"]),
    subject: asText(row["subject"]),
    subjectName: asText(row["subject_name"]),
    reason: asText(row["reason"]),
    subjects: asText(row["subjects"])
      .split(" ")
      .filter((each) => each !== ""),
  };
}
