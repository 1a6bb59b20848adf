import type { AuditEntry } from "../../model/people/audit.ts";
import type { Queries } from "./database.ts";

export const AUDIT_COLUMNS = [
  "at",
  "by_id",
  "by_name",
  "action",
  "room",
  "subject",
  "subject_name",
  "reason",
  "subjects",
] as const;

/** Writes an entry in the transaction of the action it records. */
export async function writeAudit(tx: Queries, entry: AuditEntry): Promise<void> {
  const { at, by, action, room, subject, subjectName, reason, subjects = [] } = entry;
  await tx.insert("audit", AUDIT_COLUMNS, [
    [at, by.id, by.name, action, room, subject, subjectName, reason, subjects.join(" ")],
  ]);
}
