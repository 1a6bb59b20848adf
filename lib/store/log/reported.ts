import type { Queries } from "../database/database.ts";
import { packBody } from "./rows.ts";

const DELETED = packBody({ deleted: true });

/**
 * Erases what settled reports quote of a message that is being deleted; open ones keep it until
 * they are settled.
 */
export async function eraseSettledReports(tx: Queries, room: string, seq: number): Promise<void> {
  await tx.all(`UPDATE reports SET text = '' WHERE room = ?1 AND seq = ?2 AND state <> 'open'`, [
    room,
    seq,
  ]);
}

/** Erases what the reports of a message quote, if the message is deleted already. */
export async function eraseReportsOfDeleted(tx: Queries, room: string, seq: number): Promise<void> {
  tx.erases();
  await tx.all(
    `UPDATE reports SET text = '' WHERE room = ?1 AND seq = ?2 AND EXISTS (
      SELECT 1 FROM events JOIN rooms ON rooms.id = events.room
        WHERE rooms.name = ?1 AND events.seq = ?2 AND events.body = ?3)`,
    [room, seq, DELETED],
  );
}
