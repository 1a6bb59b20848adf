import { Refusal } from "../../model/base/errors.ts";
import type { Appended, DeleteDraft, EditDraft, ReactDraft } from "../../model/store.ts";
import { asNumber, asText, type Queries, type Row } from "../database/database.ts";
import { dropFiles } from "../files/files.ts";
import { eraseSettledReports } from "./reported.ts";
import { forgetTerms } from "./search-index.ts";
import { type Body, bodyOf, EVENT_COLUMNS, LOG_COLUMNS, packBody, toEvent } from "./rows.ts";

/** A room inside a transaction. `seq` runs ahead of the row until the end. */
export interface OpenRoom {
  readonly id: number;
  readonly before: number;
  seq: number;
}

/** Different emoji on one message. */
const MOST_EMOJI = 20;
export const NO_MESSAGE = new Refusal("noSuchMessage");

/** The message's row, or undefined where there is none or it was deleted. */
export async function findMessage(
  tx: Queries,
  room: OpenRoom,
  seq: number,
): Promise<Row | undefined> {
  const [row] = await tx.all(
    `SELECT position, ${EVENT_COLUMNS} FROM events
      WHERE room = ?1 AND seq = ?2 AND type = 'message'`,
    [room.id, seq],
  );
  return row && bodyOf(row).deleted ? undefined : row;
}

/** Changes a message, and adds the change to the log. `room` is undefined where it does not exist. */
export async function appendChange(
  tx: Queries,
  room: OpenRoom | undefined,
  draft: EditDraft | DeleteDraft | ReactDraft,
): Promise<Appended | Refusal> {
  const row = room && (await findMessage(tx, room, draft.target));
  if (!room || !row) return NO_MESSAGE;
  if (draft.type === "reacted") return react(tx, room, draft);
  if (!draft.anyone && asText(row["author"]) !== draft.author.id) {
    return new Refusal("notYourMessage");
  }
  return draft.type === "edited" ? edit(tx, room, row, draft) : remove(tx, room, row, draft);
}

async function edit(tx: Queries, room: OpenRoom, row: Row, draft: EditDraft): Promise<Appended> {
  const body = bodyOf(row);
  const { html: _, files: __, hidden: ___, ...kept } = body;
  const shown = filesOf(draft, body);
  const html = draft.html === undefined ? {} : { html: draft.html };
  tx.erases();
  await forgetTerms(tx, asNumber(row["position"]));
  await tx.all(`UPDATE events SET text = ?3, body = ?4 WHERE room = ?1 AND seq = ?2`, [
    room.id,
    draft.target,
    draft.text,
    packBody({ ...kept, ...html, ...shown, editedAt: draft.at }),
  ]);
  const told = draft.files === undefined ? {} : { files: shown.files ?? [] };
  return change(tx, room, draft, draft.text, { ...html, ...told });
}

/** Where a message's files are after an edit: in its body for all to see, or out of sight. */
function filesOf(draft: EditDraft, { files, hidden }: Body): Pick<Body, "files" | "hidden"> {
  const all = files ?? hidden;
  if (!all) return {};
  const isHidden = draft.files === undefined ? files === undefined : draft.files === "hidden";
  return isHidden ? { hidden: all } : { files: all };
}

async function remove(
  tx: Queries,
  room: OpenRoom,
  row: Row,
  draft: DeleteDraft,
): Promise<Appended> {
  const { id, seq } = { id: room.id, seq: draft.target };
  const { files, hidden } = bodyOf(row);
  tx.erases();
  await forgetTerms(tx, asNumber(row["position"]));
  await eraseSettledReports(tx, draft.room, seq);
  await dropFiles(tx, files ?? hidden ?? []);
  await tx.all(`UPDATE events SET text = '', body = ?3 WHERE room = ?1 AND seq = ?2`, [
    id,
    seq,
    packBody({ deleted: true }),
  ]);
  await tx.all(
    `UPDATE events SET text = '', body = NULL WHERE room = ?1 AND target = ?2 AND type = 'edited'`,
    [id, seq],
  );
  await tx.all(`DELETE FROM reactions WHERE room = ?1 AND target = ?2`, [id, seq]);
  return change(tx, room, draft, "", {});
}

async function react(tx: Queries, room: OpenRoom, draft: ReactDraft): Promise<Appended | Refusal> {
  const { emoji, on, author, target } = draft;
  const key = [room.id, target, emoji, author.id];
  const mine = `room = ?1 AND target = ?2 AND emoji = ?3 AND author = ?4`;
  const [before] = await tx.all(`SELECT seq FROM reactions WHERE ${mine}`, key);
  if (!on) {
    if (!before) return new Refusal("noSuchReaction");
    await tx.all(`DELETE FROM reactions WHERE ${mine}`, key);
    return change(tx, room, draft, "", { emoji, on });
  }
  if (before) {
    const [first] = await tx.all(
      `SELECT ${EVENT_COLUMNS} FROM events WHERE room = ?1 AND seq = ?2`,
      [room.id, asNumber(before["seq"])],
    );
    if (first) return { event: toEvent(first), again: true };
  }
  const others = await tx.all(
    `SELECT DISTINCT emoji FROM reactions WHERE room = ?1 AND target = ?2 AND emoji <> ?3`,
    [room.id, target, emoji],
  );
  if (others.length >= MOST_EMOJI) {
    return new Refusal("reactionLimit", { count: MOST_EMOJI });
  }
  await tx.insert(
    "reactions",
    ["room", "target", "emoji", "author", "name", "seq"],
    [[...key, author.name, room.seq + 1]],
  );
  return change(tx, room, draft, "", { emoji, on });
}

/** Adds the change itself to the log, as the room's next event. */
async function change(
  tx: Queries,
  room: OpenRoom,
  draft: EditDraft | DeleteDraft | ReactDraft,
  text: string,
  body: Body,
): Promise<Appended> {
  room.seq += 1;
  const { type, at, author, target } = draft;
  const row = [
    room.id,
    room.seq,
    type,
    at,
    author.id,
    author.name,
    null,
    target,
    text,
    packBody(body),
  ];
  await tx.insert("events", LOG_COLUMNS, [row]);
  const base = { seq: room.seq, target, author, at };
  switch (draft.type) {
    case "edited": {
      const { html, files } = body;
      const more = {
        ...(html === undefined ? {} : { html }),
        ...(files === undefined ? {} : { files }),
      };
      return { event: { type: "edited", ...base, text, ...more }, again: false };
    }
    case "deleted":
      return { event: { type: "deleted", ...base }, again: false };
    case "reacted":
      return {
        event: { type: "reacted", ...base, emoji: draft.emoji, on: draft.on },
        again: false,
      };
  }
}
