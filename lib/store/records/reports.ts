import { Refusal } from "../../model/base/errors.ts";
import type { NewReport, Report, Reports } from "../../model/reports.ts";
import type { DeleteDraft, EditDraft } from "../../model/store.ts";
import type { RoomEvent } from "../../model/wire/event.ts";
import { append } from "../log/append.ts";
import { findMessage, NO_MESSAGE } from "../log/changes.ts";
import { eraseReportsOfDeleted } from "../log/reported.ts";
import { bodyOf } from "../log/rows.ts";
import { writeAudit } from "../database/audit.ts";
import { containing } from "./audit.ts";
import { asNumber, asText, type Database, type Queries, type Row } from "../database/database.ts";

const COLUMNS = [
  "room",
  "seq",
  "author",
  "author_name",
  "text",
  "by_id",
  "by_name",
  "source",
  "reason",
  "at",
  "state",
] as const;
const SELECT = `SELECT reports.id AS id, ${COLUMNS.map((name) => `reports.${name} AS ${name}`).join(", ")},
    message.text AS message_text, message.body AS message_body
  FROM reports LEFT JOIN rooms ON rooms.name = reports.room
    LEFT JOIN events AS message ON message.room = rooms.id AND message.seq = reports.seq`;

/** `grown` is called with a room whose log has grown. */
export function openReports(db: Database, grown: (room: string) => void): Reports {
  /** Runs `work` in a transaction on a room's log; resolves to its event. */
  const inLog = async (
    room: string,
    work: (tx: Queries) => Promise<RoomEvent | Refusal | null>,
  ) => {
    const event = await db.transaction(work);
    if (event !== null && !(event instanceof Refusal)) grown(room);
    return event;
  };
  return {
    add: (report, hiding, entry) =>
      inLog(report.room, async (tx) => {
        const message = await lockMessage(tx, report);
        if (!message) return NO_MESSAGE;
        const { hidden } = bodyOf(message);
        if (hidden) return null;
        // A second report by the same person changes nothing.
        if (await insert(tx, report, message)) await writeAudit(tx, entry);
        if ((await countSources(tx, report)) < hiding.sources) return null;
        await writeAudit(tx, hiding.entry);
        return appendOne(tx, hiding.draft);
      }),
    async list(state, query, offset, limit) {
      const rows = await db.all(
        `${SELECT} WHERE (?1 = '' OR reports.state = ?2) AND
          lower(reports.room || ' ' || author_name || ' ' || reports.text || ' ' || by_name || ' ' ||
            reason) LIKE ?3 ESCAPE '!'
          ORDER BY reports.id DESC LIMIT ?4 OFFSET ?5`,
        [state ?? "", state ?? "", containing(query), limit, offset],
      );
      return rows.map(toReport);
    },
    async openIn(room, limit) {
      const rows = await db.all(
        `${SELECT} WHERE reports.room = ?1 AND reports.state = 'open'
          ORDER BY reports.id DESC LIMIT ?2`,
        [room, limit],
      );
      return rows.map(toReport);
    },
    async byId(id) {
      const [row] = await db.all(`${SELECT} WHERE reports.id = ?1`, [id]);
      return row ? toReport(row) : null;
    },
    async isOpen(room, seq) {
      const rows = await db.all(
        `SELECT id FROM reports WHERE room = ?1 AND seq = ?2 AND state = 'open' LIMIT 1`,
        [room, seq],
      );
      return rows.length > 0;
    },
    settle: (report, state, draft, entry) =>
      inLog(report.room, async (tx) => {
        const message = await lockMessage(tx, report);
        const settled = await tx.all(
          `UPDATE reports SET state = ?3, source = ''
            WHERE room = ?1 AND seq = ?2 AND state = 'open' RETURNING id`,
          [report.room, report.seq, state],
        );
        if (!settled.some((row) => asNumber(row["id"]) === report.id)) {
          return new Refusal("noSuchReport");
        }
        await writeAudit(tx, entry);
        if (!message) await eraseReportsOfDeleted(tx, report.room, report.seq);
        const isDue = message && (draft.type === "deleted" || bodyOf(message).hidden);
        return isDue ? appendOne(tx, draft) : null;
      }),
  };
}

/** The message, if it is not deleted. Locks its room's log against other reports and changes. */
async function lockMessage(
  tx: Queries,
  { room, seq }: Pick<Report, "room" | "seq">,
): Promise<Row | undefined> {
  const [row] = await tx.lockRooms([room]);
  if (!row) return undefined;
  const head = asNumber(row["seq"]);
  return findMessage(tx, { id: asNumber(row["id"]), before: head, seq: head }, seq);
}

/** False if the same person has reported the message before. */
async function insert(tx: Queries, report: NewReport, message: Row): Promise<boolean> {
  const { room, seq, by, source, reason, at } = report;
  const [author, name, text] = ["author", "name", "text"].map((column) => asText(message[column]));
  const of = [room, seq, author ?? "", name ?? "", text ?? ""];
  const row = [...of, by.id, by.name, source, reason, at, "open"];
  return (await tx.insert("reports", COLUMNS, [row])) > 0;
}

/** The number of accounts and networks of guests with open reports of the message. */
async function countSources(
  tx: Queries,
  { room, seq }: Pick<Report, "room" | "seq">,
): Promise<number> {
  const [row] = await tx.all(
    `SELECT COUNT(DISTINCT CASE WHEN source = '' THEN by_id ELSE source END) AS sources
      FROM reports WHERE room = ?1 AND seq = ?2 AND state = 'open'`,
    [room, seq],
  );
  return asNumber(row?.["sources"] ?? 0);
}

async function appendOne(
  tx: Queries,
  draft: EditDraft | DeleteDraft,
): Promise<RoomEvent | Refusal> {
  const [result] = await append(tx, [draft]);
  if (!result) throw new Error("a draft has no result");
  return result instanceof Refusal ? result : result.event;
}

function toReport(row: Row): Report {
  const state = asText(row["state"]);
  return {
    id: asNumber(row["id"]),
    room: asText(row["room"]),
    seq: asNumber(row["seq"]),
    author: { id: asText(row["author"]), name: asText(row["author_name"]) },
    text: asText(row["text"]),
    present: presentText(row),
    by: { id: asText(row["by_id"]), name: asText(row["by_name"]) },
    reason: asText(row["reason"]),
    at: asNumber(row["at"]),
    state: state === "upheld" || state === "dismissed" ? state : "open",
  };
}

function presentText(row: Row): string | null {
  if (row["message_text"] == null) return null;
  const { deleted, hidden } = bodyOf({ body: row["message_body"] });
  return deleted ? null : (hidden?.text ?? asText(row["message_text"]));
}
