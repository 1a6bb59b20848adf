import { Refusal } from "../../model/base/errors.ts";
import type { Appended, DeleteDraft, EditDraft, ReactDraft } from "../../model/store.ts";
import { asNumber, asText, type Queries, type Row } from "../database/database.ts";
import { dropFiles, hideFiles } from "../files/files.ts";
import { eraseSettledReports } from "./reported.ts";
import { forgetTerms } from "./search-index.ts";
import {
  type Body,
  bodyOf,
  type Content,
  EVENT_COLUMNS,
  isDamaged,
  LOG_COLUMNS,
  packBody,
  summed,
  sumOf,
  toEdited,
  toEvent,
} from "./rows.ts";

/** A room inside a transaction. `seq` runs ahead of the row until the end. */
export interface OpenRoom {
  readonly id: number;
  readonly before: number;
  seq: number;
}

/** Different emoji on one message. */
const MOST_EMOJI = 20;
export const NO_MESSAGE = new Refusal("noSuchMessage");

/** The message's row, or undefined where there is none, it was deleted, or it cannot be read. */
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
  if (!row || isDamaged(row)) return undefined;
  return bodyOf(row).deleted ? undefined : row;
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
  const { html, files, hidden, ...kept } = bodyOf(row);
  const before = { seen: { text: asText(row["text"]), html, files }, hidden };
  const after = contentAfter(draft, before);
  const { text, ...seen } = after.seen;
  tx.erases();
  await forgetTerms(tx, asNumber(row["position"]));
  const packed = packBody({ ...kept, ...seen, hidden: after.hidden, editedAt: draft.at });
  await tx.all(`UPDATE events SET text = ?3, body = ?4, sum = ?5 WHERE room = ?1 AND seq = ?2`, [
    room.id,
    draft.target,
    text,
    packed,
    tx.kind === "sqlite" ? sumOf({ ...summed(row), text, body: packed }) : null,
  ]);
  const tellsFiles = draft.visibility !== undefined;
  if (tellsFiles) {
    await hideFiles(tx, hidden?.files ?? files ?? [], after.hidden !== undefined);
  }
  // The text is kept once, in the message's own row: a later change leaves no former one behind.
  const seq = await addChange(tx, room, draft, tellsFiles ? { files: [] } : {});
  const { target, author, at } = draft;
  return { event: toEdited({ seq, target, author, at }, after.seen, tellsFiles), again: false };
}

/** What everyone sees of a message, and its own content while that is hidden. */
interface Contents {
  readonly seen: Content;
  readonly hidden: Content | undefined;
}

function contentAfter(draft: EditDraft, { seen, hidden }: Contents): Contents {
  const written = { text: draft.text, html: draft.html };
  switch (draft.visibility) {
    case "hide":
      return { seen: written, hidden: hidden ?? seen };
    case "show":
      return { seen: hidden ?? seen, hidden: undefined };
    default:
      return hidden
        ? { seen, hidden: { ...written, files: hidden.files } }
        : { seen: { ...written, files: seen.files }, hidden };
  }
}

async function remove(
  tx: Queries,
  room: OpenRoom,
  row: Row,
  draft: DeleteDraft,
): Promise<Appended> {
  const key = [room.id, draft.target];
  const { files, hidden } = bodyOf(row);
  tx.erases();
  await forgetTerms(tx, asNumber(row["position"]));
  await eraseSettledReports(tx, draft.room, draft.target);
  await dropFiles(tx, hidden?.files ?? files ?? []);
  await tx.all(`UPDATE events SET text = '', body = ?3 WHERE room = ?1 AND seq = ?2`, [
    ...key,
    packBody({ deleted: true }),
  ]);
  // Older versions kept the text in the edits as well.
  await tx.all(
    `UPDATE events SET text = '', body = NULL
      WHERE room = ?1 AND target = ?2 AND type = 'edited' AND text <> ''`,
    key,
  );
  await tx.all(`DELETE FROM reactions WHERE room = ?1 AND target = ?2`, key);
  const { type, target, author, at } = draft;
  const event = { type, seq: await addChange(tx, room, draft, {}), target, author, at };
  return { event, again: false };
}

async function react(tx: Queries, room: OpenRoom, draft: ReactDraft): Promise<Appended | Refusal> {
  const { emoji, on, author, target } = draft;
  const key = [room.id, target, emoji, author.id];
  const mine = `room = ?1 AND target = ?2 AND emoji = ?3 AND author = ?4`;
  const [before] = await tx.all(`SELECT seq FROM reactions WHERE ${mine}`, key);
  if (!on) {
    if (!before) return new Refusal("noSuchReaction");
    await tx.all(`DELETE FROM reactions WHERE ${mine}`, key);
    return addReaction(tx, room, draft);
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
  return addReaction(tx, room, draft);
}

async function addReaction(tx: Queries, room: OpenRoom, draft: ReactDraft): Promise<Appended> {
  const { type, target, author, at, emoji, on } = draft;
  const seq = await addChange(tx, room, draft, { emoji, on });
  return { event: { type, seq, target, author, at, emoji, on }, again: false };
}

/** Adds the change itself to the log; resolves to its `seq`. */
async function addChange(
  tx: Queries,
  room: OpenRoom,
  { type, at, author, target }: EditDraft | DeleteDraft | ReactDraft,
  body: Body,
): Promise<number> {
  room.seq += 1;
  const { id: by, name } = author;
  const packed = packBody(body);
  const said = { seq: room.seq, type, at, author: by, name, id: null, target, text: "" };
  const sum = tx.kind === "sqlite" ? sumOf({ ...said, body: packed }) : null;
  const row = [room.id, room.seq, type, at, by, name, null, target, "", packed, sum];
  await tx.insert("events", LOG_COLUMNS, [row]);
  return room.seq;
}
